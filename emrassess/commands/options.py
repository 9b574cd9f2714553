"""What commands share: how they are declared, the options they have in common, the workspace they work on."""

import argparse
import getpass
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emrassess.domain.pack import Pack
    from emrassess.services.session import Session

Handler = Callable[[argparse.Namespace], int]
"""Does what a command is for; returns the exit code: 0 done, 1 the answer is "no"."""


class Commands:
    """The commands of one level: those of the program itself, or those of a group such as `criteria`."""

    def __init__(self, parser: argparse.ArgumentParser, name: str, shown: str, *, required: bool) -> None:
        self._parsers = parser.add_subparsers(dest=name, metavar=shown, required=required)

    @property
    def names(self) -> Collection[str]:
        """What they are called."""
        return self._parsers.choices

    def command(self, name: str, does: Handler, text: str) -> argparse.ArgumentParser:
        """A new command; its arguments are added to the parser that comes back."""
        added = self._parsers.add_parser(name, help=text, description=text)
        added.set_defaults(run=does)
        return added

    def group(self, name: str, text: str) -> "Commands":
        """A new group of commands."""
        added = self._parsers.add_parser(name, help=text, description=text)
        return Commands(added, "action", "动作", required=True)


def workspace_option(parser: argparse.ArgumentParser, *, writing: bool = False) -> None:
    """`--workspace`; with `writing` also `--take-over`, for a lock that another computer left behind."""
    parser.add_argument("--workspace", type=Path, required=True, metavar="工作区")
    if writing:
        take_over_option(parser)


def take_over_option(parser: argparse.ArgumentParser) -> None:
    """`--take-over`, for a command that may write to a workspace."""
    text = "接管：确认另一台电脑上已不再使用这个工作区之后，越过它留下的锁"
    parser.add_argument("--take-over", action="store_true", help=text)


def out_option(parser: argparse.ArgumentParser) -> None:
    """`--out`, the file to be written."""
    parser.add_argument("--out", type=Path, required=True, metavar="文件")


def pack_option(parser: argparse.ArgumentParser, default: str | None = None, text: str = "") -> None:
    """`--pack`: the id of a known pack, or a folder."""
    parser.add_argument("--pack", default=default, metavar="标准包", help=f"{text}标准包的标识，或它的文件夹")


def chosen_files(name: str) -> dict[str, bytes]:
    """The files of the pack that `name` means: the id of a known one, or a folder with a pack.yaml.

    UserError where it is neither.
    """
    from emrassess.packs.library import find_known, known_packs, pack_files

    if Path(name).is_dir() and name not in {ref.id for ref in known_packs()}:
        return pack_files(Path(name))
    return pack_files(find_known(name).folder)


def chosen_pack(name: str) -> "Pack":
    """The pack of `chosen_files`, loaded; FileProblems where it is malformed."""
    from emrassess.packs.library import load_files

    return load_files(chosen_files(name))


@contextmanager
def opened(options: argparse.Namespace, *, write: bool = False) -> Iterator["Session"]:
    """The workspace that `options` name, open as long as the block runs."""
    from emrassess.services.session import close, open_workspace

    session = open_workspace(options.workspace, user_name(), write=write, take_over=write and options.take_over)
    try:
        yield session
    finally:
        close(session)


def user_name() -> str:
    """Who is at the keyboard, for the audit trail."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "命令行"
