"""A LASSO path as a scikit-learn user computes it, on the data that `hoga-bench lasso` left.

    python Benchmarks/lasso.py FOLDER/lasso.parquet

The same objective, penalties and stopping rule (a duality gap of 1e-8 of the answer's variance),
and the matrix of covariances computed once, which is the fastest that scikit-learn has for this
shape. `lasso_path` fits no intercept, so columns are centred first, as `LassoCV` does.
"""

import argparse

import numpy as np
import polars as pl
import sklearn
from measure import measure, report
from sklearn.linear_model import lasso_path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("data", help="table of features and, as the last column, the answer")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    table = pl.read_parquet(arguments.data).to_numpy()
    # Column by column in memory, which scikit-learn works on without a copy.
    x, y = np.asfortranarray(table[:, :-1]), np.ascontiguousarray(table[:, -1])

    def fit():
        return lasso_path(
            x - x.mean(axis=0), y - y.mean(), eps=1e-3, alphas=100, precompute=True,
            copy_X=False, tol=1e-8, max_iter=10_000,
        )

    def facts(path):
        penalties, weights, _ = path
        return {
            "largest_penalty": penalties[0],
            "features_of_last": np.count_nonzero(weights[:, -1]),
            "weights_of_last": np.abs(weights[:, -1]).sum(),
        }

    report(
        "lasso.py",
        [np, sklearn],
        [
            measure(
                "lasso path",
                "fits",
                "penalties, from a matrix in memory to coefficients",
                arguments.repeats,
                fit,
                100,
                facts,
            )
        ],
    )


if __name__ == "__main__":
    main()
