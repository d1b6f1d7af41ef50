"""What the programs beside `hoga-bench cross-section` share: the comparison with Hoga's columns."""

import sys

import numpy as np

FACTS = (
    "x_1m_O2C", "x_5m_RVol", "x_15m_OI_P_Corr", "x_30m_PctB_neut", "x_60m_C2VWAP_neut", "y_5m",
)


def check(mine, hoga, names, tolerance=1e-9):
    """Fails where a column differs by more than a share of its values' size."""
    worst = {}
    for name in names:
        a, b = np.asarray(mine(name), dtype=float), np.asarray(hoga(name), dtype=float)
        if (np.isnan(a) != np.isnan(b)).any():
            worst[name] = f"{np.isnan(a).sum()} and {np.isnan(b).sum()} nulls"
            continue
        scale = np.maximum(np.abs(b), np.nanstd(b))
        difference = np.nanmax(np.abs(a - b) / np.where(scale > 0, scale, 1), initial=0)
        if difference > tolerance:
            worst[name] = f"{difference:.1e}"
    if worst:
        sys.exit(f"{len(worst)} columns differ from Hoga's: {worst}")


def facts(column, width):
    sums = {name: np.nansum(np.abs(np.asarray(column(name), dtype=float))) for name in FACTS}
    return {"rows": len(column("y_5m")), "columns": width, **sums}
