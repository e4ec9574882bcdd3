"""Times taken side by side: both sides in turn, in one run, so that a busy machine slows both."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median


def ratio_of(ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int) -> tuple[float, float, float]:
    """Median of the rounds' ratios, and the median seconds of each side. The order alternates."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            first = seconds_of(ours)
            pairs.append((first, seconds_of(theirs)))
        else:
            second = seconds_of(theirs)
            pairs.append((seconds_of(ours), second))
    return median(a / b for a, b in pairs), median(a for a, _ in pairs), median(b for _, b in pairs)


def seconds_of(run: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def cpu_of(command: Sequence[str], *, folder: Path) -> float:
    """CPU seconds, user and system, of a child process and its children.

    Bytecode is kept between runs, as it is for users: where PYTHONDONTWRITEBYTECODE is set, only the code that pip
    installed would come compiled, and the comparison would be of compilers.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=120, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3, 4):
        raise RuntimeError(f"{command} failed: {done.stderr.decode()[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_child(command: Sequence[str], *, folder: Path) -> tuple[str, resource.struct_rusage]:
    """What a process of its own printed, and what it used.

    Raises:
        RuntimeError: it failed.
    """
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        printed = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command} failed")
    return printed, used


def quantile(values: Sequence[float], q: float) -> float:
    """The value at rank q, of values in any order."""
    return sorted(values)[min(int(q * len(values)), len(values) - 1)]
