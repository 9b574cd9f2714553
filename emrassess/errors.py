"""What a user can cause, said so that the user can mend it."""

import errno
from dataclasses import dataclass


class UserError(Exception):
    """Something the user can understand and put right.

    `message` says what is wrong and where, `hint` what to do now; both Chinese.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file: `line` counts from 1, 0 where the file as a whole is meant."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class FileProblems(UserError):
    """A file that cannot be taken, with every fault found in it."""

    def __init__(self, problems: list[Problem], hint: str = "请按上面的位置逐条改正后再试。") -> None:
        super().__init__("\n".join(map(str, problems)), hint)
        self.problems = tuple(problems)


class Cancelled(UserError):
    """The user stopped the work; nothing half-done stays behind."""

    def __init__(self) -> None:
        super().__init__("已取消，没有留下未完成的内容。")


class RefusedError(UserError):
    """A package or file from outside that is not trusted: says which entry and why."""


class LockedError(UserError):
    """The workspace is open elsewhere; `holder` names by whom. `stale`: perhaps no longer, so it can be taken over."""

    def __init__(self, message: str, hint: str, holder: str, *, stale: bool = False) -> None:
        super().__init__(message, hint)
        self.holder = holder
        self.stale = stale


class StorageError(UserError):
    """The disk, folder or network drive did not take what was to be saved."""


class ReadOnlyError(StorageError):
    """The folder takes no writing; it may still be read."""


_UNREADABLE = {
    errno.ENOENT: "文件不在了，可能已被移走、删除或改名",
    errno.EACCES: "没有读取权限，或正被别的程序独占",
    errno.EPERM: "没有读取权限，或正被别的程序独占",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "所在的位置不是文件夹",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EIO: "磁盘读取出错，可能已损坏或断开",
    errno.ENODEV: "所在的磁盘已断开",
    errno.ENXIO: "所在的磁盘已断开",
    errno.ESTALE: "网络盘已断开",
}


def why_unreadable(error: OSError) -> str:
    """Why a file could not be read, as a Chinese clause without a full stop; the system's own words where none fit."""
    return _UNREADABLE.get(error.errno or 0) or error.strerror or str(error)
