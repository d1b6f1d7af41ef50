"""A day's cross-section as a pandas user computes it, on the minutes that `hoga-bench` left.

    python Benchmarks/cross_section_pandas.py FOLDER

FOLDER has minutes.parquet, and cross-section.parquet with what Hoga made of it; the program fails
where a column differs by more than a part in 10^8: pandas adds to and takes from a variance as its
window moves, which has lost up to 4e-9 of some scores by the end of the day. Rolling windows of groups
by symbol, z-scores by groups of time, and a merge of the labels. With --tuned, z-scores are made from
means and deviations of whole columns, which few programs do and which is many times faster.
"""

import argparse
import pathlib

import numpy as np
import pandas as pd
from cross_section_check import check, facts
from measure import measure, report

WINDOWS = (1, 5, 15, 30, 60)


def features(minutes):
    by_symbol = minutes.groupby("symbol", sort=False, observed=True)
    close, oi, quote = minutes["close"], minutes["oi"], minutes["quote"]
    step = by_symbol["close"].diff()
    skew = minutes["ls_top"] - minutes["ls_global"]
    work = minutes.assign(
        walk=step.abs(), push=step * minutes["volume"], skew=skew,
        log_return=np.log(close / by_symbol["close"].shift(1)),
    )
    groups = work.groupby("symbol", sort=False, observed=True)

    def rolling(name, w):
        return groups[name].rolling(w)

    def aligned(series):
        return series.droplevel(0).sort_index()

    columns = {}
    for w in WINDOWS:
        v = max(w, 5)
        first_open = groups["open"].shift(w - 1)
        high, low = aligned(rolling("high", w).max()), aligned(rolling("low", w).min())
        before, oi_before = groups["close"].shift(w), groups["oi"].shift(w)
        moved, walked = close - before, aligned(rolling("walk", w).sum())
        mean, deviation = aligned(rolling("close", v).mean()), aligned(rolling("close", v).std(ddof=0))
        skew_mean, skew_deviation = (
            aligned(rolling("skew", v).mean()), aligned(rolling("skew", v).std(ddof=0))
        )
        oi_mean, oi_deviation = (
            aligned(rolling("oi", v).mean()), aligned(rolling("oi", v).std(ddof=0))
        )
        traded, count = aligned(rolling("quote", w).sum()), aligned(rolling("count", w).sum())
        volume, taker = aligned(rolling("volume", w).sum()), aligned(rolling("taker_quote", w).sum())
        product = (
            groups[["close", "oi"]].rolling(v).cov(ddof=0)["oi"].xs("close", level=-1)
        )
        skew_z = ((skew - skew_mean) / skew_deviation).mask(skew_deviation == 0, 0)
        oi_z = ((oi - oi_mean) / oi_deviation).mask(oi_deviation == 0, 0)
        varies = (deviation != 0) & (oi_deviation != 0)
        named = {
            "O2C": close / first_open - 1,
            "O2H": high / first_open - 1,
            "O2L": low / first_open - 1,
            "H2C": close / high - 1,
            "L2C": close / low - 1,
            "H2L_Vol": high / low - 1,
            "RVol": aligned(rolling("log_return", v).std(ddof=0)),
            "EffRatio": (moved.abs() / walked).mask(walked == 0, 0),
            "OI_P_Corr": (aligned(product) / deviation / oi_deviation).mask(~varies, 0),
            "Force": aligned(rolling("push", w).sum()),
            "PctB": ((close - (mean - 2 * deviation)) / (4 * deviation)).mask(deviation == 0, 0.5),
            "NetTaker": ((2 * taker - traded) / traded).mask(traded == 0, 0),
            "AvgTrade": (traded / count).mask(count == 0, 0),
            "OI_Chg": oi / oi_before - 1,
            "WhaleGap": aligned(rolling("skew", w).mean()),
            "C2VWAP": (close / (traded / volume) - 1).mask(volume == 0, 0),
            "Premium": aligned(rolling("premium", w).mean()),
            "Close_Diff_Rate": moved / before,
            "RatioSkew": skew,
            "RatioSkew_Z": skew_z,
            "CrowdingPressure": np.tanh(3 * skew_z),
            "OI_Z": oi_z,
            "PriceOIRegime": np.sign(moved) * np.sign(oi - oi_before),
            "OI_XSkew": oi_z * skew_z,
        }
        columns |= {f"x_{w}m_{name}": series for name, series in named.items()}
    return pd.concat([minutes[["symbol", "time"]], pd.DataFrame(columns)], axis=1)


def neutralized(x, tuned):
    names = [name for name in x.columns if name.startswith("x_")]
    by_time = x.groupby("time", sort=False)[names]
    if tuned:
        deviation = by_time.transform("std", ddof=0)
        z_scores = (x[names] - by_time.transform("mean")) / deviation
    else:
        # As the user guide does it, in "Group by: split-apply-combine".
        z_scores = by_time.transform(lambda values: (values - values.mean()) / values.std(ddof=0))
    z_scores = z_scores.mask(z_scores.isna() & x[names].notna(), 0)
    return pd.concat([x, z_scores.add_suffix("_neut")], axis=1)


def labels(minutes):
    by_symbol = minutes.groupby("symbol", sort=False, observed=True)["close"]
    moves = pd.DataFrame(
        {f"y_{w}m": by_symbol.shift(-w) / minutes["close"] - 1 for w in WINDOWS}
    )
    means = moves.groupby(minutes["time"], sort=False).transform("mean")
    return pd.concat([minutes[["symbol", "time"]], moves - means], axis=1)


def cross_section(minutes, day, tuned):
    x, y = features(minutes), labels(minutes)
    x, y = x[x["time"] >= day], y[y["time"] >= day]
    return neutralized(x, tuned).merge(y, on=["symbol", "time"], how="left")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tuned", action="store_true", help="z-scores without a function per group")
    arguments = parser.parse_args()
    minutes = pd.read_parquet(arguments.folder / "minutes.parquet")
    expected = pd.read_parquet(arguments.folder / "cross-section.parquet")
    day = expected["time"].min()

    def found(table):
        table = table.sort_values(["symbol", "time"])
        check(lambda name: table[name].to_numpy(), lambda name: expected[name].to_numpy(),
              list(expected.columns[2:]), tolerance=1e-8)
        return facts(lambda name: table[name].to_numpy(), table.shape[1] - 2)

    report(
        "cross_section_pandas.py",
        [np, pd],
        [
            measure(
                f"cross-section of a day (pandas{', tuned' if arguments.tuned else ''})",
                "rows",
                "symbols x minutes, from a table in memory to one of features and labels",
                arguments.repeats,
                lambda: cross_section(minutes, day, arguments.tuned),
                lambda table: len(table),
                found,
            )
        ],
    )


if __name__ == "__main__":
    main()
