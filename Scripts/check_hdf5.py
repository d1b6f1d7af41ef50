"""Checks that h5py and pandas open an HDF5 file of Hoga as they do their own.

Python 3.11, pandas 3.1.1, tables 3.10, h5py 3.14 or later, pyarrow 26.0.1:
    python Scripts/check_hdf5.py DAY.h5 DAY.parquet

where both hold the same table, whose first columns are symbol and time. Prints "equal", or stops.
"""

import sys

import h5py
import numpy
import pandas
import pyarrow.parquet

path, parquet = sys.argv[1:]
expected = pyarrow.parquet.ParquetFile(parquet).read().to_pandas()
expected["symbol"] = expected.symbol.astype(str)
expected["time"] = expected.time.dt.tz_localize(None)

frame = pandas.read_hdf(path, "table")
assert list(frame.index.names) == ["symbol", "time"], frame.index.names
found = frame.reset_index()
found["symbol"] = found.symbol.astype(str)
assert list(found.columns) == list(expected.columns), found.columns
for name in expected.columns:
    left, right = expected[name].to_numpy(), found[name].to_numpy()
    if left.dtype.kind == "f" or right.dtype.kind == "f":
        same = numpy.array_equal(left.astype(float), right.astype(float), equal_nan=True)
    else:
        same = (left == right).all()
    assert same, name

with h5py.File(path) as file:
    table = file["table"]
    for block in range(int(table.attrs["nblocks"])):
        names = [name.decode() for name in table[f"block{block}_items"][:]]
        values = table[f"block{block}_values"]
        assert values.shape == (len(expected), len(names))
        assert values.compression == "gzip" and values.shuffle
        for index, name in enumerate(names):
            column = values[:, index]
            other = expected[name].to_numpy()
            assert numpy.array_equal(column.astype(float), other.astype(float), equal_nan=True), name
    symbols = table["axis1_level0"][:][table["axis1_label0"][:]]
    assert (numpy.char.decode(symbols, "utf-8") == expected.symbol.to_numpy().astype(str)).all()
print("equal")
