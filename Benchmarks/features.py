"""The feature table of a LOBSTER day as a NumPy and Polars user would compute it.

Whole columns at a time: prefix sums over events, differences of them over windows, no Python loop
over events or rows. The same 85 columns as `hoga features`, for a day without gaps, halts or
one-sided books (which the sums below could not tell apart). Float prefix sums lose the last digits
that Hoga keeps; `--compare` shows how many.

    python Benchmarks/features.py LOBSTER_SampleFile_AMZN_2012-06-21_5.zip --lake FOLDER

Measures the features from arrays in memory, and with --lake, which is where `hoga-bench features`
left the day, also from its Parquet files on. Prints JSON as `hoga-bench` does.
"""

import argparse
import io
import math
import pathlib
import zipfile

import numpy as np
import polars as pl
from measure import measure, report

SECOND = 1_000_000_000
WINDOWS = (20, 60, 300)  # in steps of one second
LEVELS = (1, 5, 10)
PRICE_SCALE = 10_000


def read_zip(path):
    """(book columns, trade columns) of a LOBSTER archive, in counts."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        book_name = next(n for n in names if "orderbook" in n)
        message_name = next(n for n in names if "message" in n)
        book = pl.read_csv(io.BytesIO(archive.read(book_name)), has_header=False)
        messages = pl.read_csv(
            io.BytesIO(archive.read(message_name)),
            has_header=False,
            schema={"time": pl.String}
            | dict.fromkeys(["type", "id", "size", "price", "direction"], pl.Int64),
        )
    parts = messages["time"].str.split_exact(".", 1)
    stamps = pl.DataFrame({"parts": parts}).unnest("parts")
    nanoseconds = stamps.select(
        pl.col("field_0").cast(pl.Int64) * SECOND
        + pl.col("field_1").str.pad_end(9, "0").cast(pl.Int64)
    ).to_series()
    levels = book.to_numpy()
    sides = {
        "time": nanoseconds.to_numpy(),
        "ask": np.ascontiguousarray(levels[:, 0::4].T),
        "ask_size": np.ascontiguousarray(levels[:, 1::4].T),
        "bid": np.ascontiguousarray(levels[:, 2::4].T),
        "bid_size": np.ascontiguousarray(levels[:, 3::4].T),
    }
    executed = messages["type"].is_in([4, 5]).to_numpy()
    rows = np.flatnonzero(executed)
    trades = {
        "time": sides["time"][rows],
        "row": rows,  # the book row with the same sequence number; the trade comes first
        "price": messages["price"].to_numpy()[rows],
        "size": messages["size"].to_numpy()[rows],
        "sign": -messages["direction"].to_numpy()[rows],
    }
    return sides, trades


def read_lake(lake):
    """The same from a lake's Parquet; decimals are taken as the integers that are stored."""

    def table(name):
        (path,) = pathlib.Path(lake, name).glob("venue=*/symbol=*/date=*/part-0.parquet")
        columns = pl.read_parquet(path, hive_partitioning=False)
        return columns.with_columns(
            pl.selectors.decimal().to_physical().cast(pl.Int64),
            pl.selectors.datetime().to_physical(),
        )

    book, trades = table("book"), table("trades")
    levels = sum(name.startswith("bid_price_") for name in book.columns)

    def cells(kind):
        return np.stack([book[f"{kind}_{level + 1}"].to_numpy() for level in range(levels)])

    sides = {
        "time": book["time"].to_numpy(),
        "ask": cells("ask_price"),
        "ask_size": cells("ask_size"),
        "bid": cells("bid_price"),
        "bid_size": cells("bid_size"),
    }
    return sides, {
        "time": trades["time"].to_numpy(),
        "row": np.searchsorted(book["sequence"].to_numpy(), trades["sequence"].to_numpy()),
        "price": trades["price"].to_numpy(),
        "size": trades["size"].to_numpy(),
        "sign": trades["aggressor"].to_numpy(),
    }


def prefix(values):
    """Sums of the first n values for n = 0, 1, …"""
    return np.concatenate(([0], np.cumsum(values)))


def divide(left, right):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(right == 0, np.nan, left / right)


def features(book, trades, bucket, buckets=50, bar=60 * SECOND):
    columns = {}
    times = book["time"]
    last = max(times[-1], trades["time"][-1])
    grid = np.arange(-(-times[0] // SECOND) * SECOND, last + 1, SECOND)
    rows = len(grid)
    at = np.searchsorted(times, grid, side="right") - 1
    trade_at = np.searchsorted(trades["time"], grid, side="right")

    def window(sums, ends, steps):
        """Window sums at each grid time from prefix sums; null while the window is not complete."""
        out = np.full(rows, np.nan)
        out[steps:] = sums[ends[steps:]] - sums[ends[:-steps]]
        return out

    # Book
    bid, bid_size = book["bid"][:, at].astype(float), book["bid_size"][:, at].astype(float)
    ask, ask_size = book["ask"][:, at].astype(float), book["ask_size"][:, at].astype(float)
    mid = (bid[0] + ask[0]) / 2
    columns["mid"] = mid / PRICE_SCALE
    columns["spread"] = (ask[0] - bid[0]) / PRICE_SCALE
    columns["spread_bps"] = 1e4 * (ask[0] - bid[0]) / mid
    micro = (ask[0] * bid_size[0] + bid[0] * ask_size[0]) / (bid_size[0] + ask_size[0])
    columns["microprice_dev_bps"] = 1e4 * (micro / mid - 1)
    for level in LEVELS:
        b, a = bid_size[:level].sum(0), ask_size[:level].sum(0)
        columns[f"imbalance_{level}"] = (b - a) / (b + a)
    b, a = bid_size.sum(0), ask_size.sum(0)
    columns["depth_imbalance"] = (b - a) / (b + a)
    for level in LEVELS:
        b = (bid[:level] * bid_size[:level]).sum(0)
        a = (ask[:level] * ask_size[:level]).sum(0)
        columns[f"pressure_ratio_{level}"] = b / (b + a)
    for name, price, size in (("bid", bid, bid_size), ("ask", ask, ask_size)):
        distance = 1e4 * np.abs(price - mid) / mid
        total = np.cumsum(size, axis=0)
        for level in LEVELS:
            x, y = distance[:level], total[:level]
            columns[f"{name}_slope_{level}"] = divide((x * y).sum(0), (x * x).sum(0))

    # Order flow
    ends = at + 1
    flows = []
    for level in range(len(book["bid"])):
        b, qb = book["bid"][level], book["bid_size"][level]
        a, qa = book["ask"][level], book["ask_size"][level]
        flow = np.zeros(len(times), dtype=np.int64)
        flow[1:] = (
            np.where(b[1:] >= b[:-1], qb[1:], 0)
            - np.where(b[1:] <= b[:-1], qb[:-1], 0)
            - np.where(a[1:] <= a[:-1], qa[1:], 0)
            + np.where(a[1:] >= a[:-1], qa[:-1], 0)
        )
        sums = prefix(flow)
        flows.append([window(sums, ends, steps) for steps in WINDOWS])
    for index, steps in enumerate(WINDOWS):
        columns[f"ofi_{steps}s"] = flows[0][index]
    for level in range(10):
        for index, steps in enumerate(WINDOWS):
            none = np.where(np.arange(rows) < steps, np.nan, 0.0)
            columns[f"mlofi_{level + 1}_{steps}s"] = (
                flows[level][index] if level < len(flows) else none
            )
    depth = prefix(book["bid_size"][0] + book["ask_size"][0])
    count = np.arange(len(times) + 1)
    for index, steps in enumerate(WINDOWS):
        mean = divide(window(depth, ends, steps) / 2, window(count, ends, steps))
        columns[f"ofi_norm_{steps}s"] = divide(flows[0][index], mean)

    # Trades, in the window
    price, size, sign = trades["price"], trades["size"], trades["sign"]
    volume, signed = prefix(size), prefix(size * sign)
    value = prefix(price * size)
    number = np.arange(len(size) + 1)
    for name, sums in (("volume", volume), ("signed_volume", signed), ("trades", number)):
        for steps in WINDOWS:
            columns[f"{name}_{steps}s"] = window(sums, trade_at, steps)
    for steps in WINDOWS:
        v = columns[f"volume_{steps}s"]
        columns[f"trade_imbalance_{steps}s"] = np.where(
            v == 0, 0.0, columns[f"signed_volume_{steps}s"] / np.where(v == 0, 1, v)
        )
    for steps in WINDOWS:
        vwap = divide(window(value, trade_at, steps), columns[f"volume_{steps}s"])
        columns[f"vwap_dev_bps_{steps}s"] = 1e4 * (mid / vwap - 1)

    # Per grid step
    steps_range = np.arange(rows)
    change = np.diff(mid, prepend=np.nan)
    returns = np.log1p(change / np.concatenate(([np.nan], mid[:-1])))
    step_signed = np.diff(signed[trade_at], prepend=0).astype(float)
    step_value = np.diff(value[trade_at], prepend=0) / PRICE_SCALE
    step_trades = np.diff(trade_at, prepend=0)

    def over_steps(values):
        values = values.copy()
        values[0] = 0  # step 0 is in no complete window
        return prefix(values)

    def steps_window(sums, steps):
        return window(sums, steps_range + 1, steps)

    squares = over_steps(returns * returns)
    for steps in WINDOWS:
        columns[f"rv_{steps}s"] = np.sqrt(np.maximum(0, steps_window(squares, steps)))
    dy = change / PRICE_SCALE
    sums = [over_steps(v) for v in (step_signed, dy, step_signed * dy, step_signed**2)]
    for steps in WINDOWS:
        sx, sy, sxy, sxx = (steps_window(s, steps) for s in sums)
        columns[f"kyle_lambda_{steps}s"] = divide(steps * sxy - sx * sy, steps * sxx - sx * sx)
    traded = step_trades > 0
    ratios = np.where(traded, np.abs(returns) / np.where(traded, step_value, 1), 0)
    sums, counts = over_steps(ratios), over_steps(traded.astype(np.int64))
    for steps in WINDOWS:
        columns[f"amihud_{steps}s"] = divide(
            steps_window(sums, steps), steps_window(counts, steps)
        )

    # Per trade
    moves = np.diff(price / PRICE_SCALE)
    x, y = moves[1:], moves[:-1]
    px, py, pxy = prefix(x), prefix(y), prefix(x * y)
    for steps in WINDOWS:
        out = np.full(rows, np.nan)
        # Pair i joins trades i, i + 1 and i + 2.
        first, end = trade_at[:-steps], np.maximum(trade_at[steps:] - 2, 0)
        n = end - first
        enough = n >= 2
        first, end, n = first[enough], end[enough], n[enough]
        sx, sy, sxy = (p[end] - p[first] for p in (px, py, pxy))
        covariance = (sxy - sx * sy / n) / (n - 1)
        out[steps:][enough] = 2 * np.sqrt(np.maximum(0, -covariance))
        columns[f"roll_spread_{steps}s"] = out
    before = trades["row"] - 1
    known = before >= 0
    half = np.where(known, (book["bid"][0][before] + book["ask"][0][before]) / 2, np.nan)
    effective = prefix(np.where(known, size * 2e4 * sign * (price - half) / half, 0))
    for steps in WINDOWS:
        columns[f"effective_spread_bps_{steps}s"] = divide(
            window(effective, trade_at, steps), columns[f"volume_{steps}s"]
        )

    # Volume buckets: cumulative buys interpolated at multiples of V split trades exactly.
    def mean_imbalance(amounts, net, known_at):
        total = prefix(amounts)
        edges = np.arange(int(total[-1] // bucket) + 1) * bucket
        imbalance = np.abs(np.diff(np.interp(edges, total, prefix(net)))) / bucket
        mean = np.full(len(edges), np.nan)
        if len(imbalance) >= buckets:
            sums = prefix(imbalance)
            mean[buckets:] = (sums[buckets:] - sums[:-buckets]) / buckets
        return mean[(total[known_at] // bucket).astype(np.int64)]

    columns["vpin"] = mean_imbalance(size, size * sign, trade_at)
    bars = -(-trades["time"] // bar)
    edge = np.flatnonzero(np.diff(bars, append=bars[-1] + 1))
    closes, ends_at = price[edge], bars[edge] * bar
    sizes = np.diff(volume[edge + 1], prepend=0)
    move = np.diff(closes).astype(float)
    n = np.arange(1, len(move) + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(
            np.maximum(0, np.cumsum(move**2) - np.cumsum(move) ** 2 / n) / (n - 1)
        )
        z = move / deviation
    good = (n > 1) & (deviation > 0)
    tilt = np.array([math.erf(v / math.sqrt(2)) for v in z[good]])
    done = np.searchsorted(ends_at[1:][good], grid, side="right")
    columns["vpin_bvc"] = mean_imbalance(sizes[1:][good], sizes[1:][good] * tilt, done)

    return pl.DataFrame({"time": grid} | columns)


def compare(table, path):
    """The largest relative difference per column to a table of Hoga's."""
    other = pl.read_parquet(path)
    worst = {}
    for name in table.columns[1:]:
        mine, theirs = table[name].to_numpy(), other[name].fill_null(float("nan")).to_numpy()
        scale = np.nanmax(np.abs(theirs)) if np.isfinite(theirs).any() else 1
        with np.errstate(invalid="ignore"):
            worst[name] = float(np.nanmax(np.abs(mine - theirs)) / (scale or 1))
        if (np.isnan(mine) != np.isnan(theirs)).any():
            worst[name] = float("nan")
    return worst


FACTS = ["mid", "imbalance_5", "ofi_60s", "mlofi_5_60s", "ofi_norm_60s", "volume_60s"]
FACTS += ["rv_60s", "kyle_lambda_60s", "effective_spread_bps_60s", "vpin", "vpin_bvc"]


def facts(table):
    sums = table.select(pl.col(FACTS).fill_nan(0).abs().sum()).row(0, named=True)
    return {"rows": table.height, "columns": table.width - 1} | sums


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("archive", help="LOBSTER zip with message and order-book file")
    parser.add_argument("--lake", help="lake that holds the day")
    parser.add_argument("--bucket", type=float, default=2_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--compare", help="feature table written by hoga, to compare with")
    arguments = parser.parse_args()
    book, trades = read_zip(arguments.archive)
    if arguments.compare:
        table = features(book, trades, arguments.bucket)
        for name, worst in compare(table, arguments.compare).items():
            print(f"{name}: {worst:.3g}")
        return
    events = len(book["time"]) + len(trades["time"])
    measurements = [
        measure(
            "features, from memory",
            "events",
            "book rows and trades, from arrays to a feature table in memory",
            arguments.repeats,
            lambda: features(book, trades, arguments.bucket),
            events,
            facts,
        )
    ]
    if arguments.lake:
        measurements.append(
            measure(
                "features, whole job",
                "events",
                "book rows and trades, read from Parquet, to a feature table in memory",
                arguments.repeats,
                lambda: features(*read_lake(arguments.lake), arguments.bucket),
                events,
                facts,
            )
        )
    report("features.py", [np, pl], measurements)


if __name__ == "__main__":
    main()
