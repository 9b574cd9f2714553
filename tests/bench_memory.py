"""The most memory that this process has had, for the benchmarks."""

import resource
import sys
from pathlib import Path


def most_memory_mb() -> float:
    """In MB. On Linux from the kernel's own account: getrusage would tell of the parent, where that was larger."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
