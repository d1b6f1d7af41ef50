"""Raw Binance captures to Parquet, as a Polars user would write it for speed.

    python Benchmarks/binance_import.py usdm_btcusdt_20240808.gz --market usdm

The same three tables and columns as `hoga import binance-raw`, with exact decimals and arrival
times shifted by as much as the local clock is behind, one file per table and UTC date, compressed
with Zstandard. What it leaves out: the book is not rebuilt, so sequence numbers are not checked,
gaps and duplicates not found, and diffs that the snapshot covers not dropped; a bad line stops it
without saying which; everything is in memory at once.

Polars splits, decodes and explodes whole columns; a loop over lines with orjson takes longer.
"""

import argparse
import gzip
import os
import tempfile

import polars as pl
from measure import measure, report

DECIMALS = {"usdm": (2, 3), "spot": (2, 5), "coinm": (1, 0)}
LEVELS = pl.List(pl.List(pl.String))
STAMPS = ["arrival", "time", "sequence"]


def read(files):
    """Lines as `sequence, arrival, message`, and how many bytes they were."""
    count, parts = 0, []
    for path in files:
        with gzip.open(path) as file:
            text = file.read()
        count += len(text)
        parts.append(
            pl.read_csv(
                text, has_header=False, separator=" ", quote_char=None,
                schema={"arrival": pl.Int64, "message": pl.String},
            )
        )
    return pl.concat(parts).with_row_index("sequence", 1), count


def decode(lines, kind, fields):
    """The messages of one stream as columns, null where a message has no such field."""
    schema = pl.Struct({"data": pl.Struct({"E": pl.Int64, "T": pl.Int64} | fields)})
    return (
        lines.filter(pl.col("message").str.contains(f"@{kind}", literal=True))
        .select(
            "arrival", "sequence",
            pl.col("message").str.json_decode(schema).struct.field("data").struct.unnest(),
        )
    )


def snapshots(lines):
    schema = pl.Struct(
        {"lastUpdateId": pl.Int64, "E": pl.Int64, "T": pl.Int64, "bids": LEVELS, "asks": LEVELS}
    )
    return (
        lines.filter(pl.col("message").str.contains('"lastUpdateId"', literal=True))
        .select(
            "arrival", "sequence",
            pl.col("message").str.json_decode(schema).struct.unnest(),
        )
        .select(
            "arrival", "sequence", "E", "T", u="lastUpdateId", b="bids", a="asks",
            kind=pl.lit("snapshot"),
        )
    )


def load(files, market, folder):
    """Writes the tables and returns bytes of text and rows per table."""
    lines, count = read(files)
    price, size = (pl.Decimal(18, decimals) for decimals in DECIMALS[market])
    diffs = decode(lines, "depth", {"u": pl.Int64, "b": LEVELS, "a": LEVELS})
    trades = decode(
        lines, "trade", {"t": pl.Int64, "p": pl.String, "q": pl.String, "m": pl.Boolean}
    )
    quotes = decode(lines, "bookTicker", dict.fromkeys("bBaA", pl.String))

    depth = (
        pl.concat([diffs.with_columns(kind=pl.lit("update")), snapshots(lines)])
        .sort("sequence")
        .with_columns(bids=pl.col("b").list.len(), level=pl.concat_list("b", "a"))
        .drop("b", "a")  # or they would be repeated for every level
        .with_columns(rows=pl.col("level").list.len())
        .filter(pl.col("rows") > 0)
        .with_columns(place=pl.int_ranges(0, "rows"))
        .explode("level", "place")
        .with_columns(
            update_id="u",
            kind=pl.col("kind").cast(pl.Categorical),
            side=pl.when(pl.col("place") < pl.col("bids")).then(1).otherwise(-1),
            price=pl.col("level").list.get(0).cast(price),
            size=pl.col("level").list.get(1).cast(size),
            last=pl.col("place") == pl.col("rows") - 1,
        )
    )
    trades = trades.with_columns(
        id="t",
        price=pl.col("p").cast(price),
        size=pl.col("q").cast(size),
        aggressor=pl.when("m").then(-1).otherwise(1),
    )
    quotes = quotes.with_columns(
        bid_price_1=pl.col("b").cast(price),
        bid_size_1=pl.col("B").cast(size),
        ask_price_1=pl.col("a").cast(price),
        ask_size_1=pl.col("A").cast(size),
    )
    tables = {
        "depth": (depth, ["update_id", "kind", "side", "price", "size", "last"]),
        "trades": (trades, ["id", "price", "size", "aggressor"]),
        "quotes": (quotes, ["bid_price_1", "bid_size_1", "ask_price_1", "ask_size_1"]),
    }
    latencies = [
        table.select((pl.col("arrival") - pl.col("E") * 1_000_000).min()).item()
        for table, _ in tables.values()
    ]
    shift = max(0, -min(latency for latency in latencies if latency is not None))
    rows = {}
    for name, (table, columns) in tables.items():
        stamp = pl.Datetime("ns", "UTC")
        table = table.select(
            (pl.col("arrival") + shift).cast(stamp),
            (pl.coalesce("T", "E") * 1_000_000).cast(stamp).alias("time"),
            pl.col("sequence").cast(pl.Int64),
            *columns,
        )
        rows[name] = table.height
        days = table.with_columns(day=pl.col("arrival").dt.date()).partition_by(
            "day", as_dict=True, include_key=False
        )
        for (day,), part in days.items():
            path = f"{folder}/{name}/date={day}"
            os.makedirs(path, exist_ok=True)
            part.write_parquet(f"{path}/part-0.parquet", compression="zstd", compression_level=1)
    return count, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="+", help="captures, in the order of their time")
    parser.add_argument("--market", choices=DECIMALS, required=True)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measurement = measure(
            f"import, {arguments.market}",
            "MB",
            "decompressed text, from gzip files to Parquet in the page cache",
            arguments.repeats,
            lambda: load(arguments.files, arguments.market, folder),
            lambda result: result[0] / 1e6,
            lambda result: {name: result[1][name] for name in ("trades", "quotes")},
        )
    report("binance_import.py", [pl], [measurement])


if __name__ == "__main__":
    main()
