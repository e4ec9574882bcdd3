"""A process that gives up what it does not need: network, files, memory, children. Runs inside the child."""

from __future__ import annotations

import ctypes
import os
import resource
from contextlib import suppress

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_NO_NEW_PRIVILEGES = 38
_MB = 1 << 20


def leave_network() -> bool:
    """Move into a network of one's own, without any interface; whether the system allowed it.

    Must run before there are threads. What remains where it is not allowed: no descriptor is left for a socket, see
    `close_doors`.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.unshare(_NEW_NETWORK) == 0 or libc.unshare(_NEW_USER | _NEW_NETWORK) == 0)
    except (OSError, AttributeError):  # no such call on this system
        return False


def close_doors() -> None:
    """From here on no file, pipe or socket can be opened, none can grow, no core is written, and no process started.

    Every free descriptor below the highest one in use is filled and the limit set right above it.
    """
    highest = max((int(name) for name in _open_descriptors()), default=2)
    fill = os.open(os.devnull, os.O_RDONLY)
    while fill < highest:
        fill = os.dup(fill)
    limit = max(highest, fill) + 1
    _limit(resource.RLIMIT_NOFILE, limit)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    if hasattr(resource, "RLIMIT_NPROC") and os.getuid() != 0:
        _limit(resource.RLIMIT_NPROC, 0)


def limit_memory(memory_mb: int) -> None:
    """At most `memory_mb` above what is mapped now.

    The address space alone would not do: an idle DuckDB maps ten times what it uses, and could fill it. The second
    limit counts only memory that can be written to. macOS takes both and enforces neither.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            mapped = dict(line.split(":", 1) for line in status if line.startswith("Vm"))
    except OSError:
        return
    for name, limit in (("VmSize", resource.RLIMIT_AS), ("VmData", resource.RLIMIT_DATA)):
        _limit(limit, int(mapped[name].split()[0]) * 1024 + memory_mb * _MB)


def resident_bytes(pid: int) -> int:
    """What a process holds in memory; 0 where the system does not say."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _open_descriptors() -> list[str]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        if os.path.isdir(folder):
            return os.listdir(folder)
    return []


def _limit(which: int, value: int) -> None:
    with suppress(ValueError, OSError):  # the system knows better; the other layers hold
        resource.setrlimit(which, (value, value))
