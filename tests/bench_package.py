"""One package created or verified in a process of its own, for tests.bench: prints seconds and most memory as JSON."""

import json
import sys
import time
from pathlib import Path

from emrassess.services.packages import create_package, verify_package
from emrassess.services.session import close, open_workspace
from tests.bench_memory import most_memory_mb


def main(action: str, workspace: Path, package: Path) -> None:
    """Do it once; the time is of the work alone, not of starting Python."""
    if action == "create":
        session = open_workspace(workspace, "基准", write=False)
        start = time.perf_counter()
        create_package(session, package)
        seconds = time.perf_counter() - start
        close(session)
    else:
        start = time.perf_counter()
        found = verify_package(package)
        seconds = time.perf_counter() - start
        if not found.ok:
            raise SystemExit(f"not verified: {found.problems[:3]}")
    most = most_memory_mb()
    sys.stdout.write(json.dumps({"seconds": seconds, "memory_mb": most}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
