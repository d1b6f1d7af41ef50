"""Sets what hoga-bench and its peers measured side by side, and checks that they found the same.

    python Benchmarks/report.py FOLDER OUT.json

FOLDER holds one JSON file per round and program, `ROUND-NAME.hoga.json` and `ROUND-NAME.peer.json`.
Prints a table in Markdown, writes everything to OUT.json, and fails where Hoga and a peer differ.
"""

import json
import math
import pathlib
import statistics
import sys


def merge(folder):
    """Measurements by name and side, with the seconds of all rounds; and machines by program."""
    merged, machines = {}, {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        side = path.name.split(".")[-2]
        document = json.loads(path.read_text())
        machine = document["machine"] | {"program": document["program"]}
        machines.setdefault(document["program"], []).append(machine)
        for one in document["measurements"]:
            sides = merged.setdefault(one["name"], {})
            known = sides.setdefault(side, one | {"wall_seconds": [], "cpu_seconds": []})
            if known.get("digest") != one.get("digest"):
                sys.exit(f"{one['name']}: two rounds gave different results")
            for clock in ("wall_seconds", "cpu_seconds"):
                known[clock] = known[clock] + one[clock]
    return merged, machines


# Facts that are counted: the slightest difference is one.
COUNTS = {"rows", "columns", "orders", "fills", "position", "closing_half_ticks"}


def differences(sides):
    """Facts of both sides that are not equal, or for sums not to a millionth."""
    if len(sides) < 2:
        return []
    hoga, peer = sides["hoga"]["facts"], sides["peer"]["facts"]
    return [
        f"{key}: {hoga[key]} and {peer[key]}"
        for key in hoga.keys() & peer.keys()
        if not math.isclose(hoga[key], peer[key], rel_tol=0 if key in COUNTS else 1e-6)
    ]


def speed(side, clock, pick):
    """Units per second by the best or the median repeat."""
    value = side["amount"] / pick(side[clock])
    for scale, letter in ((1e6, "M "), (1e3, "k ")):
        if value >= scale and side["unit"] != "MB":
            return f"{value / scale:.2f} {letter}{side['unit']}/s"
    return f"{value:,.{0 if value >= 100 else 1}f} {side['unit']}/s"


def row(name, hoga, peer=None):
    picks = (("wall_seconds", min), ("wall_seconds", statistics.median), ("cpu_seconds", min))
    cells = [name] + [speed(hoga, *pick) for pick in picks]
    if peer is None:
        return cells + ["–"] * 5
    cells += [speed(peer, *pick) for pick in picks]
    for clock, pick in (picks[0], picks[2]):
        cells.append(f"{pick(peer[clock]) / pick(hoga[clock]):.2f}")
    return cells


def main():
    merged, machines = merge(sys.argv[1])
    head = ["what"]
    for side in ("Hoga", "peer"):
        head += [f"{side}: best", "median", "best by CPU time"]
    head += ["ratio of best", "by CPU time"]
    print("| " + " | ".join(head) + " |\n|---|" + "--:|" * (len(head) - 1))
    failed = False
    for name, sides in merged.items():
        print("| " + " | ".join(row(name, **sides)) + " |")
        for difference in differences(sides):
            failed = True
            print(f"{name}: Hoga and its peer differ, {difference}", file=sys.stderr)
    print()
    for program, runs in machines.items():
        loads = ", ".join(run["load_before"].split()[0] for run in runs)
        memory = max(run["peak_memory_mb"] for run in runs)
        print(f"- {program}: {runs[0]['compiler']}; load before {loads}; up to {memory:.0f} MB")
    everything = {"machines": machines, "measurements": merged}
    pathlib.Path(sys.argv[2]).write_text(json.dumps(everything, indent=2) + "\n")
    sys.exit(failed)


if __name__ == "__main__":
    main()
