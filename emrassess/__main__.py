"""The console script: commands go to the command line, none opens the desktop program."""

import sys


def main() -> int:
    """Run with the process's arguments; the exit code of formats.md: 0 done, 1 the answer is no, 2 wrong input."""
    from emrassess.cli import run  # noqa: PLC0415  the window must not wait for what only commands need

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
