"""The console script: commands go to the command line; without one the desktop program opens."""

import sys
from pathlib import Path


def main() -> int:
    """Run with the process's arguments; the exit code of formats.md: 0 done, 1 the answer is no, 2 wrong input."""
    from emrassess.cli import run  # noqa: PLC0415  neither side waits for what only the other needs

    return run(sys.argv[1:], _open_window)


def _open_window(file: Path | None) -> int:
    from emrassess.app import run  # noqa: PLC0415

    return run(file)


if __name__ == "__main__":
    sys.exit(main())
