"""Two quotes around the mid, re-sent every 100 ms, in hftbacktest: a peer of Hoga's backtest.

    python Benchmarks/hftbacktest_quotes.py LAKE --out quotes          # fills and orders
    python Benchmarks/hftbacktest_quotes.py LAKE --repeats 9           # events per second
    python Benchmarks/hftbacktest_quotes.py LAKE --measure --repeats 5 # what Benchmarks/run reads
    python Benchmarks/hftbacktest_quotes.py LAKE --reference           # beside the slow exchange

LAKE has the tables depth and trades of one symbol's day (`hoga import binance-raw`). Needs
hftbacktest 2.4.4, numba, NumPy and pyarrow. The strategy, to the last detail (Docs/hftbacktest.md
says how hftbacktest's rules differ from Hoga's):

Clock.      It is called at every local time that is a whole multiple of 100 ms since 1970 (UTC),
            from the first event of the data to the last arrival, both included. When called at T it
            knows all that arrived here at T or before, market data and answers to orders alike.
Cancel.     First it sends a cancel for each of its orders that it believes to be open: the buy
            first, then the sell. An order whose acceptance has not arrived yet, or whose cancel is
            on its way, is left alone. With less than 100 ms of order latency both ways together
            (more is refused) that never happens, and only the two orders of the last call can be
            open.
Place.      Then it places a buy and a sell, in this order, post-only, of a fixed size. With best
            bid b and best ask a of the local book, mid m = (b + a) / 2 and half-spread h, all in
            ticks, the buy's limit is floor(m - h) and the sell's ceil(m + h). h is a multiple of
            half a tick, 1/2 where left out (the next tick on either side of the mid), so with
            H = 2h these are floor((b + a - H) / 2) and ceil((b + a + H) / 2) in integers. Nothing
            is placed while the local book lacks a side or has b >= a.
Limit.      The buy is left out where position + size > limit, and the sell where
            position - size < -limit. Position is that of the fills reported here by T; open orders
            and cancels on their way do not count, so it can go beyond the limit by one order.
Too late.   A cancel that finds its order filled is refused by the exchange and changes nothing; the
            fill counts when its report arrives. Nothing is done about it before the next call.
Refused.    A post-only order that would take is gone; its side is quoted again at the next call.
End.        After the last call everything still on its way is played to the end.

Latency is constant: 10 ms to the exchange and 10 ms back. Market data has its recorded arrival,
plus --feed-latency. Fees are a share of the value: maker 0.02 %, taker 0.07 %.

The event array has a row for each row of depth and trades, and a second one where the two clocks
disagree about the order. On the exchange's clock rows are sorted by (time, sequence), on the local
one by (arrival, sequence), so that rows of a message stay together. A snapshot clears the depth; a
gap row is left out. Events per second count rows of the tables, not rows of the array.

--measure prints JSON as `hoga-bench ticks --beside PEER` does, for the quotes and for no strategy at
all: then the market is played to its end in one step, the least that hftbacktest can be asked for.

--reference runs the same strategy on the plain exchange of Scripts/fixtures/matching.py, which
follows Hoga's rules, and prints which fills the two have in common. It takes half a minute.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import statistics
import sys
import time

import hftbacktest
import numba
import numpy as np
import pyarrow
import pyarrow.parquet
from hftbacktest import (
    BUY_EVENT,
    DEPTH_CLEAR_EVENT,
    DEPTH_EVENT,
    DEPTH_SNAPSHOT_EVENT,
    EXCH_EVENT,
    GTX,
    LIMIT,
    LOCAL_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    BacktestAsset,
    HashMapMarketDepthBacktest,
    ROIVectorMarketDepthBacktest,
)
from hftbacktest.binding import event_dtype
from measure import measure, report
from numba import njit, uint64

MILLISECOND = 1_000_000
LAYOUT = 2  # of the cache
MODELS = ["risk-adverse", "power", "power2", "power3", "log", "log2"]
# hftbacktest's codes of an order's status.
NEW, EXPIRED, FILLED, CANCELED, PARTIALLY_FILLED = 1, 2, 3, 4, 5

ORDER = np.dtype(
    [
        ("id", "i8"),
        ("side", "i8"),
        ("ticks", "i8"),
        ("lots", "i8"),
        ("placed", "i8"),  # local time
        ("answered_exchange", "i8"),  # accepted or refused
        ("answered_local", "i8"),
        ("cancel_sent", "i8"),  # local time; 0: none was
        ("ended_exchange", "i8"),  # filled, cancelled or refused
        ("ended_local", "i8"),
        ("filled", "i8"),
        ("status", "i8"),
    ]
)
FILL = np.dtype(
    [
        ("id", "i8"),
        ("side", "i8"),
        ("ticks", "i8"),
        ("lots", "i8"),
        ("exchange", "i8"),
        ("local", "i8"),
        ("maker", "i8"),
        ("position", "i8"),  # after it, as known here
    ]
)


# --- Data -----------------------------------------------------------------------------------------


def integers(column):
    """Decimals as the integers that they are stored as, and their scale; null is zero."""
    array = column.combine_chunks()
    low_words = np.frombuffer(array.buffers()[1], "<i8")[2 * array.offset :: 2][: len(array)]
    null = array.is_null().to_numpy(zero_copy_only=False)
    return np.where(null, 0, low_words), column.type.scale


def partition(lake, table, date):
    files = sorted(pathlib.Path(lake).glob(f"{table}/*/*/date={date or '*'}/part-0.parquet"))
    assert files, f"no partition of {table} in {lake}"
    return files[0]


def read(path):
    table = pyarrow.parquet.ParquetFile(path).read()
    instrument = json.loads(table.schema.metadata[b"hoga.instrument"])
    columns = {name: table[name] for name in table.column_names}
    prices, price_scale = integers(columns["price"])
    sizes, size_scale = integers(columns["size"])
    rows = {
        "local": columns["arrival"].cast(pyarrow.int64()).to_numpy(),
        "exchange": columns["time"].cast(pyarrow.int64()).to_numpy(),
        "sequence": columns["sequence"].to_numpy(),
        # The doubles nearest to the decimals, as hftbacktest's own converters read them.
        "price": prices / 10.0**price_scale,
        "size": sizes / 10.0**size_scale,
    }
    return table, rows, instrument


def events(lake, date, feed_latency):
    """All rows as hftbacktest's events, in no order yet; and how many rows there were."""
    table, depth, instrument = read(partition(lake, "depth", date))
    kind = np.array(table["kind"].to_pylist())
    side = table["side"].to_numpy()
    code = np.where(kind == "snapshot", DEPTH_SNAPSHOT_EVENT, DEPTH_EVENT).astype("u8")
    code |= np.where(side > 0, BUY_EVENT, SELL_EVENT).astype("u8")
    known = kind != "gap"
    table, trades, _ = read(partition(lake, "trades", date))
    aggressor = table["aggressor"].fill_null(0).to_numpy()
    trade_code = np.full(len(aggressor), TRADE_EVENT, "u8")
    trade_code |= np.where(aggressor > 0, BUY_EVENT, 0).astype("u8")
    trade_code |= np.where(aggressor < 0, SELL_EVENT, 0).astype("u8")

    # The first snapshot row of a message empties the book.
    first = kind == "snapshot"
    first[1:] &= ~((kind[:-1] == "snapshot") & (depth["sequence"][1:] == depth["sequence"][:-1]))
    parts = [
        (np.full(first.sum(), DEPTH_CLEAR_EVENT, "u8"), {n: c[first] for n, c in depth.items()}, 0),
        (code[known], {n: c[known] for n, c in depth.items()}, 1),
        (trade_code, trades, 1),
    ]
    count = sum(len(code) for code, _, _ in parts)
    rows = np.zeros(count, event_dtype)
    rank = np.zeros(count, [("sequence", "i8"), ("part", "i8"), ("row", "i8")])
    at = 0
    for code, columns, part in parts:
        place = slice(at, at + len(code))
        rows["ev"][place] = code
        rows["exch_ts"][place] = columns["exchange"]
        rows["local_ts"][place] = columns["local"] + feed_latency
        rows["px"][place] = np.nan if part == 0 else columns["price"]
        rows["qty"][place] = 0 if part == 0 else columns["size"]
        rank["sequence"][place] = columns["sequence"]
        rank["part"][place] = part
        rank["row"][place] = np.arange(len(code))
        at += len(code)
    by_sequence = np.lexsort((rank["row"], rank["part"], rank["sequence"]))
    instrument["tick"] = 10.0 ** -instrument["priceDecimals"]
    return rows[by_sequence], int(len(kind) + len(aggressor)), instrument


@njit
def merge(rows, exchange, local):
    """The events in both orders at once: a row with both flags wherever the two agree."""
    result = np.zeros(2 * len(rows), rows.dtype)
    place = np.empty(len(rows), np.int64)
    for rank in range(len(rows)):
        place[exchange[rank]] = rank
    count = i = j = 0
    while i < len(rows) or j < len(rows):
        if i < len(rows) and j < len(rows) and exchange[i] == local[j]:
            result[count] = rows[exchange[i]]
            result[count].ev |= EXCH_EVENT | LOCAL_EVENT
            i += 1
            j += 1
        elif i < len(rows) and (j == len(rows) or i < place[local[j]]):
            result[count] = rows[exchange[i]]
            result[count].ev |= EXCH_EVENT
            i += 1
        else:
            result[count] = rows[local[j]]
            result[count].ev |= LOCAL_EVENT
            j += 1
        count += 1
    return result[:count]


def load(options):
    """The event array, from the cache where it is there."""
    sources = [partition(options.lake, table, options.date) for table in ("depth", "trades")]
    key = json.dumps(
        [LAYOUT, options.feed_latency]
        + [[str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns] for path in sources]
    )
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    cache = options.cache and pathlib.Path(options.cache) / f"hftbacktest-{name}.npz"
    if cache and cache.exists():
        with np.load(cache) as file:
            return file["data"], int(file["rows"]), json.loads(str(file["instrument"]))
    rows, count, instrument = events(options.lake, options.date, options.feed_latency)
    data = merge(
        rows,
        np.argsort(rows["exch_ts"], kind="stable"),
        np.argsort(rows["local_ts"], kind="stable"),
    )
    for flag, name in ((EXCH_EVENT, "exch_ts"), (LOCAL_EVENT, "local_ts")):
        times = data[name][data["ev"] & flag != 0]
        assert len(times) == len(rows) and (np.diff(times) >= 0).all()
    if cache:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary = cache.with_suffix(f".{os.getpid()}.npz")
        np.savez(temporary, data=data, rows=count, instrument=json.dumps(instrument))
        temporary.rename(cache)
    return data, count, instrument


# --- The strategy ---------------------------------------------------------------------------------


@njit
def observe(backtest, ids, states, lot, order_log, fill_log, counts, position):
    """Writes down what became known of the last orders. Returns the position."""
    now = backtest.current_timestamp
    orders = backtest.orders(0)
    for slot in range(4):
        if ids[slot] == 0:
            continue
        order = orders.get(uint64(ids[slot]))
        if order is None:
            continue
        row = order_log[ids[slot] - 1]
        known = order.arr[0]
        filled = int(round((known.qty - known.leaves_qty) / lot))
        if filled > row.filled:
            fill = fill_log[counts[1]]
            counts[1] += 1
            fill.id = ids[slot]
            fill.side = row.side
            fill.ticks = known.exec_price_tick
            fill.lots = filled - row.filled
            fill.exchange = known.exch_timestamp
            fill.local = now
            fill.maker = 1 if known.maker else 0
            position += row.side * fill.lots
            fill.position = position
            row.filled = filled
        if known.status != states[slot]:
            if states[slot] == 0:
                row.answered_exchange = known.exch_timestamp
                row.answered_local = now
            if known.status == FILLED or known.status == CANCELED or known.status == EXPIRED:
                row.ended_exchange = known.exch_timestamp
                row.ended_local = now
            row.status = known.status
            states[slot] = known.status
    return position


@njit
def play(backtest, end, interval, halves, lots, limit, tick, lot, watch, order_log, fill_log):
    """Runs the strategy of this file's docstring.

    With `watch` it stops at every event to write down what happened when; without, it goes from
    call to call, as a user's strategy would, and writes down what it finds there: then the local
    time of a fill is the call's.

    Returns hftbacktest's error code (0: none), numbers of orders, fills, calls, and the position.
    """
    ids = np.zeros(4, np.int64)  # buy and sell of the last call, and of the one before
    states = np.zeros(4, np.int64)
    counts = np.zeros(3, np.int64)
    position = 0
    code = backtest.elapse(0)
    call = (backtest.current_timestamp + interval - 1) // interval * interval
    while code == 0 and call <= end:
        if watch:
            while backtest.current_timestamp < call:
                code = backtest.wait_next_feed(True, call - backtest.current_timestamp)
                if code != 0 and code != 2 and code != 3:
                    break
                code = 0
                position = observe(
                    backtest, ids, states, lot, order_log, fill_log, counts, position
                )
        else:
            code = backtest.elapse(call - backtest.current_timestamp)
        if code != 0:
            break
        counts[2] += 1
        position = observe(backtest, ids, states, lot, order_log, fill_log, counts, position)
        backtest.clear_inactive_orders(0)
        orders = backtest.orders(0)
        for slot in range(2):
            if ids[slot] != 0:
                order = orders.get(uint64(ids[slot]))
                if order is not None and order.cancellable:
                    code = backtest.cancel(0, ids[slot], False)
                    if code != 0:
                        return code, counts[0], counts[1], counts[2], position
                    order_log[ids[slot] - 1].cancel_sent = call
            ids[slot + 2] = ids[slot]
            states[slot + 2] = states[slot]
            ids[slot] = 0
            states[slot] = 0
        depth = backtest.depth(0)
        bid = depth.best_bid_tick
        ask = depth.best_ask_tick
        # Without a side the best is the lowest or highest integer.
        if bid < ask and bid > -(2**62) and ask < 2**62:
            for slot in range(2):
                side = 1 if slot == 0 else -1
                if side * position + lots > limit:
                    continue
                ticks = (bid + ask - side * halves + slot) // 2
                identity = counts[0] + 1
                if slot == 0:
                    code = backtest.submit_buy_order(
                        0, identity, ticks * tick, lots * lot, GTX, LIMIT, False
                    )
                else:
                    code = backtest.submit_sell_order(
                        0, identity, ticks * tick, lots * lot, GTX, LIMIT, False
                    )
                if code != 0:
                    return code, counts[0], counts[1], counts[2], position
                row = order_log[counts[0]]
                counts[0] += 1
                row.id = identity
                row.side = side
                row.ticks = ticks
                row.lots = lots
                row.placed = call
                ids[slot] = identity
        call += interval
    # What is still on its way; 1 says that the data ended.
    while code == 0:
        if watch:
            code = backtest.wait_next_feed(True, interval)
            code = 0 if code == 2 or code == 3 else code
        else:
            code = backtest.elapse(interval)
        position = observe(backtest, ids, states, lot, order_log, fill_log, counts, position)
        if backtest.current_timestamp > end + 4 * interval:
            break
    return 0 if code == 1 else code, counts[0], counts[1], counts[2], position


@njit
def idle(backtest, end):
    """Plays the market to its end and calls nobody. Returns hftbacktest's error code."""
    code = backtest.elapse(0)
    if code == 0:
        code = backtest.elapse(end - backtest.current_timestamp + 1)
    return 0 if code == 1 else code  # 1 says that the data ended


def halves(options):
    """The half-spread in half ticks."""
    return int(2 * options.half_spread)


def asset(data, instrument, options, depth):
    tick, lot = instrument["tick"], 10.0 ** -instrument["sizeDecimals"]
    built = (
        BacktestAsset()
        .data(data)
        .linear_asset(1.0)
        .constant_order_latency(options.entry_latency, options.response_latency)
        .trading_value_fee_model(0.0002, 0.0007)
        .tick_size(tick)
        .lot_size(lot)
        .last_trades_capacity(0)
        .parallel_load(False)
    )
    model = options.queue
    if model == "risk-adverse":
        built.risk_adverse_queue_model()
    elif model == "log":
        built.log_prob_queue_model()
    elif model == "log2":
        built.log_prob_queue_model2()
    else:
        names = {"power": "", "power2": "2", "power3": "3"}
        getattr(built, "power_prob_queue_model" + names[model])(options.power)
    if options.fills == "whole":
        built.no_partial_fill_exchange()
    else:
        built.partial_fill_exchange()
    if depth == "hash-map":
        return HashMapMarketDepthBacktest([built])
    # The range of interest: a share of the price around the first trade.
    trades = data["px"][data["ev"] & 0xFF == TRADE_EVENT]
    around = (1 - options.range, 1 + options.range)
    low, high = (round(trades[0] * share / tick) * tick for share in around)
    built.roi_lb(low)
    built.roi_ub(high)
    return ROIVectorMarketDepthBacktest([built])


class Run:
    """A backtest with logs to write to, made before the clock starts."""

    def __init__(self, data, instrument, options, depth):
        self.options = options
        self.tick, self.lot = instrument["tick"], 10.0 ** -instrument["sizeDecimals"]
        self.end = int(data["local_ts"].max())
        calls = (self.end - int(data["exch_ts"].min())) // options.interval + 2
        self.order_log, self.fill_log = np.zeros(2 * calls, ORDER), np.zeros(8 * calls, FILL)
        self.backtest = asset(data, instrument, options, depth)

    def play(self, watch):
        """The strategy from begin to end: what `play` returns."""
        options = self.options
        return play(
            self.backtest, self.end, options.interval, halves(options), options.lots,
            options.limit, self.tick, self.lot, watch, self.order_log, self.fill_log,
        )


@contextlib.contextmanager
def opened(*arguments):
    made = Run(*arguments)
    yield made
    made.backtest.close()


def run(data, instrument, options, depth, watch):
    """One run: seconds of wall and processor, the log of orders and fills, numbers."""
    with opened(data, instrument, options, depth) as made:
        cpu, wall = time.process_time(), time.perf_counter()
        code, orders, fills, calls, position = made.play(watch)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        state = made.backtest.state_values(0)
        numbers = {
            "code": int(code),
            "calls": int(calls),
            "orders": int(orders),
            "fills": int(fills),
            "position_lots": int(position),
            "reported_position": float(state.position),
            "balance": float(state.balance),
            "fee": float(state.fee),
        }
    return wall, cpu, made.order_log[:orders], made.fill_log[:fills], numbers


def measurements(data, count, instrument, options, depth):
    """The market alone and with quotes, by the names that `hoga-bench ticks` gives them."""
    counted = "levels changed and trades, each played to the exchange and to the strategy"
    peer = f"hftbacktest, {depth.replace('roi', 'ROI').replace('-', ' ')}"

    def around():
        return opened(data, instrument, options, depth)

    def play_idle(made):
        return idle(made.backtest, made.end), 0, 0, 0, 0

    def play_quotes(made):
        return made.play(False)

    def facts(result):
        code, orders, fills, _, position = result
        assert code == 0, f"hftbacktest stopped with error {code}"
        return {"orders": orders, "fills": fills, "position": position}

    found = []
    for name, body in (("idle", play_idle), ("quotes that fill whole", play_quotes)):
        with around() as made:
            body(made)  # compiles
        found.append(
            measure(
                f"ticks, {name} ({peer})", "events", counted, options.repeats, body, count, facts,
                around,
            )
        )
    return found


# --- The slow exchange ----------------------------------------------------------------------------


def messages(options):
    """Depth messages and trades as (exchange time, sequence, local time, event without its time)."""
    table, depth, instrument = read(partition(options.lake, "depth", options.date))
    scale = {name: 10 ** instrument[f"{name}Decimals"] for name in ("price", "size")}
    kinds, sides = table["kind"].to_pylist(), table["side"].to_pylist()
    last = table["last"].to_pylist()
    table, trades, _ = read(partition(options.lake, "trades", options.date))
    found, start = [], 0
    whole = {
        name: [
            np.rint(columns[name] * scale[name]).astype("i8").tolist() for name in ("price", "size")
        ]
        for name, columns in (("depth", depth), ("trades", trades))
    }
    ticks, lots = whole["depth"]
    for row, ends in enumerate(last):
        if ends:
            rows = range(start, row + 1)
            levels = [(sides[at], ticks[at], lots[at]) for at in rows if kinds[at] != "gap"]
            stamp = [int(depth[name][start]) for name in ("exchange", "sequence", "local")]
            found.append((*stamp, (kinds[start][0], levels)))
            start = row + 1
    aggressors = table["aggressor"].fill_null(0).to_pylist()
    stamps = zip(*(trades[name].tolist() for name in ("exchange", "sequence", "local")))
    for stamp, ticks, lots, aggressor in zip(stamps, *whole["trades"], aggressors):
        found.append((*stamp, ("t", ticks, lots, aggressor)))
    return found


def reference(options, lot):
    """The fills of the strategy on the plain exchange, as (id, ticks, lots, time): (rule, ahead)."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Scripts/fixtures"))
    import matching

    class Exchange(matching.LevelExchange):
        """Without the checks after every event, which take long; a snapshot is any message."""

        def check(self):
            pass

        def judge_quotes(self):
            if self.resting:
                super().judge_quotes()

        def snapshot(self, rows):
            self.stale, self.book = False, {1: {}, -1: {}}
            for row in rows:
                self.set(*row)

    # hftbacktest's logarithms see sizes in the base currency, not in lots.
    matching.UNIT = lot
    matching.TOLERANCE = 0
    power = options.power if options.queue.startswith("power") else 0
    model = "riskAverse" if options.queue == "risk-adverse" else options.queue
    exchange = Exchange((model, power), options.fills)
    market = messages(options)
    by_exchange = sorted(market, key=lambda message: message[:2])
    by_arrival = sorted(market, key=lambda message: message[1])
    end = max(message[2] for message in market) + options.feed_latency
    book, requests, orders, position = {1: {}, -1: {}}, [], {}, 0
    seen = at_exchange = at_local = 0

    def until(time):
        nonlocal at_exchange
        while True:
            event = by_exchange[at_exchange] if at_exchange < len(by_exchange) else None
            if requests and (event is None or requests[0][0] < event[0]):
                if requests[0][0] > time:
                    return
                exchange.play([], [requests.pop(0)])
            elif event and event[0] <= time:
                exchange.time = event[0]
                exchange.market((event[0], *event[3]))
                at_exchange += 1
            else:
                return

    call = -(-by_exchange[0][0] // options.interval) * options.interval
    while call <= end:
        until(call - options.response_latency)
        for _, kind, identity, *rest in exchange.reports[seen:]:
            order = orders[identity]
            if kind == "A":
                order["open"] = True
            elif kind == "F":
                position += order["side"] * rest[1]
                order["left"] -= rest[1]
            if kind in "CR" or order["left"] == 0:
                order["open"] = False
        seen = len(exchange.reports)
        while at_local < len(by_arrival):
            _, _, arrival, (kind, *rest) = by_arrival[at_local]
            if arrival + options.feed_latency > call:
                break
            at_local += 1
            if kind == "s":
                book = {1: {}, -1: {}}
            for side, ticks, lots in rest[0] if kind in "su" else []:
                book[side].pop(ticks, None)
                if lots:
                    book[side][ticks] = lots
        arrives = call + options.entry_latency
        for identity in list(orders)[-2:]:
            if orders[identity]["open"]:
                requests.append((arrives, "c", identity))
        if book[1] and book[-1] and max(book[1]) < min(book[-1]):
            total = max(book[1]) + min(book[-1])
            for side, shift in ((1, 0), (-1, 1)):
                if side * position + options.lots <= options.limit:
                    ticks = (total - side * halves(options) + shift) // 2
                    identity = len(orders) + 1
                    orders[identity] = {"side": side, "left": options.lots, "open": False}
                    requests.append(
                        (arrives, "p", identity, "postOnly", side, ticks, options.lots, False)
                    )
        call += options.interval
    until(2**62)
    fills = [report for report in exchange.reports if report[1] == "F"]
    return {(identity, ticks, lots, time): rest for time, _, identity, ticks, lots, *rest in fills}


def compare(options, fill_log, lot):
    ours = reference(options, lot)
    names = ("id", "ticks", "lots", "exchange")
    theirs = {tuple(int(fill[name]) for name in names) for fill in fill_log}
    rules = [rule for rule, _ in ours.values()]
    return {
        "common": len(theirs & set(ours)),
        "hftbacktest_only": sorted(theirs - set(ours)),
        "reference_only": sorted((*fill, *ours[fill]) for fill in set(ours) - theirs),
        "rules": {rule: rules.count(rule) for rule in sorted(set(rules))},
    }


# --- Output ---------------------------------------------------------------------------------------


def named(log, statuses=False):
    columns = {name: log[name].tolist() for name in log.dtype.names}
    if statuses:
        names = {
            0: "unanswered", NEW: "open", EXPIRED: "rejected", FILLED: "filled",
            CANCELED: "cancelled", PARTIALLY_FILLED: "open",
        }
        columns["status"] = [names[status] for status in columns["status"]]
    return columns


def write(folder, order_log, fill_log, settings):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in (
        ("orders", named(order_log, statuses=True)), ("fills", named(fill_log)),
    ):
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"{name}.parquet")
        with open(folder / f"{name}.json", "w") as file:
            rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
            file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    with open(folder / "run.json", "w") as file:
        json.dump(settings, file, indent=2)


def parse(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lake")
    parser.add_argument("--date", help="yyyy-mm-dd; the first of the lake where left out")
    parser.add_argument("--out", help="folder for fills, orders and run.json")
    parser.add_argument("--cache", help="folder that keeps the event array")
    parser.add_argument("--queue", choices=MODELS, default="risk-adverse")
    parser.add_argument("--power", type=float, default=3.0, help="exponent of the power models")
    parser.add_argument("--fills", choices=["whole", "partial"], default="whole")
    parser.add_argument("--depth", choices=["roi-vector", "hash-map", "both"], default="both")
    parser.add_argument("--range", type=float, default=0.03, help="of the ROI vector: ± a share")
    parser.add_argument("--half-spread", type=float, default=0.5, metavar="TICKS")
    parser.add_argument("--lots", type=int, default=1, help="size of an order (0.001 BTC each)")
    parser.add_argument("--limit", type=int, default=1000, help="of the position, in lots")
    parser.add_argument("--interval", type=int, default=100, metavar="MS")
    parser.add_argument("--feed-latency", type=int, default=0, metavar="NS")
    parser.add_argument("--entry-latency", type=int, default=10 * MILLISECOND, metavar="NS")
    parser.add_argument("--response-latency", type=int, default=10 * MILLISECOND, metavar="NS")
    parser.add_argument("--repeats", type=int, default=0, help="timed runs per kind of depth")
    parser.add_argument("--measure", action="store_true", help="print what Benchmarks/run reads")
    parser.add_argument("--reference", action="store_true", help="compare with the slow exchange")
    parser.add_argument("--core", type=int, help="run on this core alone")
    options = parser.parse_args(arguments)
    options.interval *= MILLISECOND
    if options.half_spread != halves(options) / 2:
        parser.error("the half-spread is a multiple of half a tick")
    if options.entry_latency + options.response_latency >= options.interval:
        parser.error("orders must be answered before the strategy is called again")
    if options.measure and options.repeats < 1:
        parser.error("--measure needs --repeats of one or more")
    return options


def main():
    options = parse()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})

    data, count, instrument = load(options)
    depths = ["roi-vector", "hash-map"] if options.depth == "both" else [options.depth]
    if options.measure:
        found = [measurements(data, count, instrument, options, depth) for depth in depths]
        report("hftbacktest_quotes.py", [hftbacktest, numba, np], sum(found, []))
        return
    document = {
        "program": f"hftbacktest {hftbacktest.__version__}",
        "settings": vars(options),
        "events": count,
        "array_rows": len(data),
    }
    for depth in depths:
        # Compiles the strategy, and says what happened.
        wall, cpu, order_log, fill_log, numbers = run(data, instrument, options, depth, True)
        document[depth] = numbers
        if options.reference and depth == depths[0]:
            document["reference"] = compare(options, fill_log, 10.0 ** -instrument["sizeDecimals"])
        if options.out:
            folder = options.out if depth == depths[0] else f"{options.out}-{depth}"
            write(folder, order_log, fill_log, document)
        walls, cpus = [], []
        for _ in range(options.repeats):
            wall, cpu, timed_orders, timed_fills, timed = run(
                data, instrument, options, depth, False
            )
            walls.append(wall)
            cpus.append(cpu)
            assert timed == numbers, (timed, numbers)
            # Fills of one call are found in the order of slots, not of time.
            names = ["id", "ticks", "lots", "exchange"]
            if options.fills == "whole":
                found, expected = np.sort(timed_fills[names]), np.sort(fill_log[names])
                assert (found == expected).all()
        if walls:
            numbers |= {
                "best_seconds": min(walls),
                "median_seconds": statistics.median(walls),
                "best_cpu_seconds": min(cpus),
                "median_cpu_seconds": statistics.median(cpus),
                "best_events_per_second": count / min(walls),
                "median_events_per_second": count / statistics.median(walls),
                "best_events_per_cpu_second": count / min(cpus),
            }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
