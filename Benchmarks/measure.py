"""Measures a function as `hoga-bench` measures Hoga, and prints the same JSON."""

import contextlib
import json
import os
import platform
import resource
import statistics
import time

LOAD = os.getloadavg()  # before our own work


def measure(
    name, unit, counted, repeats, body, amount, facts=lambda result: {}, around=None
):
    """Times `body` a few times.

    `amount` is a number of units, or takes it from the result; `facts` takes numbers from the
    result that Hoga must find as well. `around` makes a context for each repeat, outside of the
    measured time; `body` is called with what it hands over.
    """
    wall, cpu = [], []
    for _ in range(repeats):
        with around() if around else contextlib.nullcontext() as prepared:
            given = [prepared] if around else []
            before, began = time.process_time(), time.perf_counter()
            result = body(*given)
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - before)
    amount = float(amount(result) if callable(amount) else amount)
    return {
        "name": name,
        "unit": unit,
        "counted": counted,
        "amount": amount,
        "best_per_second": amount / min(wall),
        "median_per_second": amount / statistics.median(wall),
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "facts": {key: float(value) for key, value in facts(result).items()},
    }


def report(program, modules, measurements):
    with open("/proc/cpuinfo") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    machine = {
        "cpu": models[0] if models else "unknown",
        "cores": os.cpu_count(),
        "cores_allowed": len(os.sched_getaffinity(0)),
        "load_before": " ".join(f"{value:.2f}" for value in LOAD),
        "compiler": ", ".join(
            [f"Python {platform.python_version()}"]
            + [f"{module.__name__} {module.__version__}" for module in modules]
        ),
        "system": platform.platform(),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }
    document = {"program": program, "machine": machine, "measurements": measurements}
    print(json.dumps(document, indent=2))
