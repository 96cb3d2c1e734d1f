"""Runs one program with a time limit; its whole process group ends with it."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Ended:
    """How a program ended: `problem` is empty, or says why its exit code does not tell."""

    exit_code: int
    output: str
    seconds: float
    problem: str = ""


def run(command, timeout_s, cwd=None, env=None):
    """Runs to the end or to the limit. The output is both streams in order."""
    start = time.monotonic()
    try:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Ended(127, "", 0.0, f"cannot start {command[0]}: {error.strerror}")
    problem = ""
    try:
        data, _ = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        problem = f"ran longer than its limit of {timeout_s:.0f} s"
        os.killpg(child.pid, signal.SIGKILL)
        data, _ = child.communicate()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    if not problem and child.returncode < 0:
        problem = f"died of signal {signal.Signals(-child.returncode).name}"
    return Ended(
        child.returncode, data.decode("utf-8", "replace"), time.monotonic() - start, problem
    )
