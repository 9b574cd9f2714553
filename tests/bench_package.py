"""One package created, verified or unpacked in a process of its own: prints seconds and most memory as JSON."""

import argparse
import json
import sys
import time
from pathlib import Path

from emrassess.services.packages import create_package, extract_package, verify_package
from emrassess.services.session import close, open_workspace
from tests.bench_memory import most_memory_mb


def main(action: str, workspace: Path, package: Path, passphrase: str | None) -> None:
    """Do it once; the time is of the work alone, not of starting Python. The package is signed."""
    if action == "create":
        session = open_workspace(workspace, "基准", write=False)
        start = time.perf_counter()
        create_package(session, package, passphrase=passphrase)
        seconds = time.perf_counter() - start
        close(session)
    elif action == "verify":
        start = time.perf_counter()
        found = verify_package(package, passphrase=passphrase)
        seconds = time.perf_counter() - start
        if not found.ok:
            raise SystemExit(f"not verified: {found.problems[:3]}")
    else:
        start = time.perf_counter()
        extract_package(package, workspace, passphrase=passphrase)
        seconds = time.perf_counter() - start
    most = most_memory_mb()
    sys.stdout.write(json.dumps({"seconds": seconds, "memory_mb": most}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("create", "verify", "extract"))
    parser.add_argument("workspace", type=Path, help="for extract: the new folder")
    parser.add_argument("package", type=Path)
    parser.add_argument("--passphrase")
    main(**vars(parser.parse_args()))
