"""How a figure is printed: one line each, as its group measures it."""
import statistics

import pairs

NAME = 40


def head():
    print(f"{'':{NAME}} {'Tarn':>10} {'other':>10}   {'ratio':>6} {'90 % interval':16} {'CPU':>6}")


def show(name, costs, aim, other="DuckDB"):
    """Pairs of costs (ours, other's): median seconds, the ratio of the clock with its interval, that of CPU time."""
    median, low, high = pairs.ratio([(a.wall, b.wall) for a, b in costs])
    cpu, _, _ = pairs.ratio([(a.cpu, max(b.cpu, 1e-9)) for a, b in costs])
    ours = statistics.median(a.wall for a, _ in costs)
    theirs = statistics.median(b.wall for _, b in costs)
    print(f"{name:{NAME}} {ours:8.4f} s {theirs:8.4f} s   {median:6.3f} [{low:.3f}, {high:.3f}]".ljust(NAME + 50)
          + f" {cpu:6.3f}   aim {aim:.3g} of {other}: {pairs.verdict(low, aim)} ({len(costs)} pairs)", flush=True)


def show_ms(name, costs, aim_ms):
    """Costs of our side alone, against an aim in milliseconds."""
    took = [cost.wall * 1000 for cost in costs]
    low, high = pairs.interval(took)
    cpu = statistics.median(cost.cpu * 1000 for cost in costs)
    print(f"{name:{NAME}} {statistics.median(took):7.1f} ms [{low:.1f}, {high:.1f}]   CPU {cpu:.1f} ms   "
          f"aim {aim_ms:g} ms: {pairs.verdict(low, aim_ms)}", flush=True)


def show_memory(name, ours_mb, aim_mb, other=""):
    print(f"{name:{NAME}} {ours_mb:7.0f} MB   aim {aim_mb:.0f} MB{other}: {pairs.verdict(ours_mb, aim_mb)}", flush=True)


def say(name, words):
    print(f"{name:{NAME}} {words}", flush=True)
