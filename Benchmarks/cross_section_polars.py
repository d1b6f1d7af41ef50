"""A day's cross-section as a Polars user computes it, on the minutes that `hoga-bench` left.

    POLARS_MAX_THREADS=2 python Benchmarks/cross_section_polars.py FOLDER

FOLDER has minutes.parquet, and cross-section.parquet with what Hoga made of it; the program fails
where a column differs by more than a part in 10^9. One lazy query: rolling expressions over symbols,
z-scores over times, and a join of the labels.
"""

import argparse
import pathlib

import polars as pl
from cross_section_check import check, facts
from measure import measure, report

WINDOWS = (1, 5, 15, 30, 60)


def features(minutes):
    close, oi, quote = pl.col("close"), pl.col("oi"), pl.col("quote")
    step = close - close.shift(1)
    base = minutes.with_columns(
        step.over("symbol").alias("step"),
        (close / close.shift(1)).log().over("symbol").alias("log_return"),
        (pl.col("ls_top") - pl.col("ls_global")).alias("skew"),
    ).with_columns(
        pl.col("step").abs().alias("walk"),
        (pl.col("step") * pl.col("volume")).alias("push"),
    )
    skew = pl.col("skew")
    columns = []
    for w in WINDOWS:
        v = max(w, 5)

        def total(name):
            return pl.col(name).rolling_sum(w)

        first_open = pl.col("open").shift(w - 1)
        high, low = pl.col("high").rolling_max(w), pl.col("low").rolling_min(w)
        before, oi_before = close.shift(w), oi.shift(w)
        moved, walked = close - before, total("walk")
        deviation = close.rolling_std(v, ddof=0)
        skew_deviation, oi_deviation = skew.rolling_std(v, ddof=0), oi.rolling_std(v, ddof=0)
        skew_z = (
            pl.when(skew_deviation == 0).then(0.0)
            .otherwise((skew - skew.rolling_mean(v)) / skew_deviation)
        )
        oi_z = (
            pl.when(oi_deviation == 0).then(0.0)
            .otherwise((oi - oi.rolling_mean(v)) / oi_deviation)
        )
        named = {
            "O2C": close / first_open - 1,
            "O2H": high / first_open - 1,
            "O2L": low / first_open - 1,
            "H2C": close / high - 1,
            "L2C": close / low - 1,
            "H2L_Vol": high / low - 1,
            "RVol": pl.col("log_return").rolling_std(v, ddof=0),
            "EffRatio": pl.when(walked == 0).then(0.0).otherwise(moved.abs() / walked),
            "OI_P_Corr": pl.rolling_corr(close, oi, window_size=v),
            "Force": total("push"),
            "PctB": (
                pl.when(deviation == 0).then(0.5)
                .otherwise((close - (close.rolling_mean(v) - 2 * deviation)) / (4 * deviation))
            ),
            "NetTaker": (
                pl.when(total("quote") == 0).then(0.0)
                .otherwise((2 * total("taker_quote") - total("quote")) / total("quote"))
            ),
            "AvgTrade": (
                pl.when(total("count") == 0).then(0.0).otherwise(total("quote") / total("count"))
            ),
            "OI_Chg": oi / oi_before - 1,
            "WhaleGap": skew.rolling_mean(w),
            "C2VWAP": (
                pl.when(total("volume") == 0).then(0.0)
                .otherwise(close / (total("quote") / total("volume")) - 1)
            ),
            "Premium": pl.col("premium").rolling_mean(w),
            "Close_Diff_Rate": moved / before,
            "RatioSkew": skew,
            "RatioSkew_Z": skew_z,
            "CrowdingPressure": (3 * skew_z).tanh(),
            "OI_Z": oi_z,
            "PriceOIRegime": moved.sign() * (oi - oi_before).sign(),
            "OI_XSkew": oi_z * skew_z,
        }
        columns += [
            # Rows are sorted by symbol, so groups need not be put back in their places.
            (expression if name == "RatioSkew"
             else expression.over("symbol", mapping_strategy="explode"))
            .alias(f"x_{w}m_{name}")
            for name, expression in named.items()
        ]
    return base.select("symbol", "time", *columns)


def neutralized(table, names):
    def z_score(name):
        column = pl.col(name)
        deviation = column.std(ddof=0).over("time")
        return (
            pl.when(deviation == 0).then(column * 0)
            .otherwise((column - column.mean().over("time")) / deviation)
        )

    return table.with_columns(z_score(name).alias(f"{name}_neut") for name in names)


def labels(minutes):
    close = pl.col("close")
    return minutes.select(
        "symbol", "time",
        *[(close.shift(-w) / close - 1).over("symbol").alias(f"y_{w}m") for w in WINDOWS],
    ).with_columns(
        (pl.col(f"y_{w}m") - pl.col(f"y_{w}m").mean().over("time")) for w in WINDOWS
    )


def cross_section(minutes, day):
    lazy = minutes.lazy()
    x = features(lazy).filter(pl.col("time") >= day)
    names = [name for name in x.collect_schema().names() if name.startswith("x_")]
    y = labels(lazy).filter(pl.col("time") >= day)
    return neutralized(x, names).join(y, on=["symbol", "time"], how="left").collect()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    minutes = pl.read_parquet(arguments.folder / "minutes.parquet").with_columns(
        pl.col("symbol").cast(pl.Categorical)
    )
    expected = pl.read_parquet(arguments.folder / "cross-section.parquet")
    day = expected["time"].min()

    def found(table):
        table = table.sort(pl.col("symbol").cast(pl.String), "time")
        check(lambda name: table[name].to_numpy(), lambda name: expected[name].to_numpy(),
              expected.columns[2:])
        return facts(lambda name: table[name].to_numpy(), table.width - 2)

    report(
        "cross_section_polars.py",
        [pl],
        [
            measure(
                "cross-section of a day (Polars)",
                "rows",
                "symbols x minutes, from a table in memory to one of features and labels",
                arguments.repeats,
                lambda: cross_section(minutes, day),
                lambda table: table.height,
                found,
            )
        ],
    )


if __name__ == "__main__":
    main()
