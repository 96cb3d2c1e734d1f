"""Two ways of doing the same work, timed in turn, A B A B ..., and their ratio with its 90 % interval."""
import math
import statistics
import time


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleave(ours, floor, pairs, reset=lambda: None):
    """Seconds of both sides, pair by pair; who goes first alternates. One pair before is not counted."""
    seconds = []
    for pair in range(pairs + 1):
        sides = [ours, floor] if pair % 2 == 0 else [floor, ours]
        took = {}
        for side in sides:
            reset()
            took[side] = timed(side)
        if pair > 0:
            seconds.append((took[ours], took[floor]))
    return seconds


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


def ratio(seconds):
    ratios = [ours / floor for ours, floor in seconds]
    low, high = interval(ratios)
    return statistics.median(ratios), low, high


def verdict(low, aim):
    """An aim is missed only when the whole interval lies beyond it."""
    return "missed" if low > aim else "met"
