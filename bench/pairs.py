"""Two ways of doing the same work, measured in turn, A B A B ..., and their ratio with its 90 % interval."""
import math
import os
import statistics
import subprocess
import time
from typing import NamedTuple

FEW_PAIRS = 5
BUDGET_S = 60


class Cost(NamedTuple):
    """Seconds on the clock, and those that processors worked: the second is steadier on a busy machine."""

    wall: float
    cpu: float
    peak_mb: float = 0.0


def processor_seconds(pid):
    """What a process and its threads have used so far, user and system (Linux: its CPU clock's id)."""
    return time.clock_gettime(~pid << 3 | 2)


def timed(work, pid):
    """What `work` costs; the processor time is that of the process `pid`, where the work is done."""
    cpu, start = processor_seconds(pid), time.perf_counter()
    work()
    return Cost(time.perf_counter() - start, processor_seconds(pid) - cpu)


def program(command):
    """A whole process, its start included."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        raise RuntimeError(f"exit {process.returncode}: {' '.join(command)[:200]}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def interleave(ours, floor, pairs, reset=lambda: None, budget_s=BUDGET_S):
    """Costs of both sides, pair by pair; who goes first alternates. One pair before is not counted.
    Pairs that take long are fewer: once the budget is spent, FEW_PAIRS are enough."""
    costs, start = [], time.perf_counter()
    for pair in range(pairs + 1):
        if len(costs) >= FEW_PAIRS and time.perf_counter() - start > budget_s:
            break
        took = {}
        for side in [ours, floor] if pair % 2 == 0 else [floor, ours]:
            reset()
            took[side] = side()
        if pair > 0:
            costs.append((took[ours], took[floor]))
    return costs


def interval(values, confidence=0.90):
    """Distribution-free interval of the median: the order statistics that cover it with that confidence."""
    ordered, n = sorted(values), len(values)
    best = (ordered[0], ordered[-1])
    for low in range(n // 2 + 1):
        inside = sum(math.comb(n, k) for k in range(low + 1, n - low)) / 2**n
        if inside < confidence:
            break
        best = (ordered[low], ordered[n - 1 - low])
    return best


def ratio(values):
    """Median of the pairs' ratios, and its interval."""
    ratios = [ours / floor for ours, floor in values]
    low, high = interval(ratios)
    return statistics.median(ratios), low, high


def verdict(low, aim):
    """An aim is missed only when the whole interval lies beyond it."""
    return "missed" if low > aim else "met"
