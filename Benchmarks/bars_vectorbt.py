"""Weights of many symbols over a year of minutes with vectorbt, on the bars that `hoga-bench bars` left.

    python Benchmarks/bars_vectorbt.py FOLDER

The same orders as Hoga's: a weight decided at a bar's close is a size at that close's equity (`val_price`
is the close before), traded at the next open, with the same fee and one purse for all symbols. vectorbt
trades any fraction and Hoga whole lots of 10^-8, so final values agree to about nine digits. The
compilation by Numba is not measured. What is measured: `Portfolio.from_orders` and the account's value
at each bar, without which there is no equity curve.
"""

import argparse
import json
import os

import numpy as np
import pandas as pd
import vectorbt as vbt
from measure import measure, report


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", help="where hoga-bench left bars.json and bars-*.f64")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    with open(os.path.join(arguments.folder, "bars.json")) as file:
        shape = json.load(file)
    rows, symbols = shape["rows"], shape["symbols"]

    def load(name):
        path = os.path.join(arguments.folder, f"bars-{name}.f64")
        return np.fromfile(path).reshape(rows, symbols)

    opens, closes, weights = load("open"), load("close"), load("weights")
    index = pd.date_range("2024-01-01", periods=rows, freq="1min")
    before = np.vstack([np.full((1, symbols), np.nan), closes[:-1]])

    def frame(values):
        return pd.DataFrame(values, index=index)

    def orders(every):
        # The decision at the close of row r trades in row r + 1.
        wanted = np.full((rows, symbols), np.nan)
        decided = np.arange(every - 1, rows - 1, every)
        wanted[decided + 1] = weights[decided]
        return wanted

    def play(wanted, count=rows):
        portfolio = vbt.Portfolio.from_orders(
            frame(closes)[:count], size=wanted[:count], size_type="targetpercent", price=opens[:count],
            val_price=before[:count], fees=shape["fee"], init_cash=shape["capital"],
            cash_sharing=True, group_by=np.zeros(symbols, dtype=int), freq="1min",
            max_orders=int(np.isfinite(wanted[:count]).sum()) + 1,
        )
        return portfolio, portfolio.value()

    def facts(result):
        portfolio, value = result
        return {"final_value": value.iloc[-1], "fills": len(portfolio.order_records)}

    measurements = []
    for name, every in (("minute", 1), ("hour", 60)):
        wanted = orders(every)
        play(wanted, 5000)  # compiles
        measurements.append(
            measure(
                f"bars, given weights, every {name}", "bars", "arrays in memory to the value at each bar",
                arguments.repeats, lambda: play(wanted), rows * symbols, facts,
            )
        )
    report("bars_vectorbt.py", [np, pd, vbt], measurements)


if __name__ == "__main__":
    main()
