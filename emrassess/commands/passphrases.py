"""Passphrases of packages and packets: from a file or typed in, never an argument, which others could see."""

import argparse
import sys
from pathlib import Path

from emrassess.errors import UserError, why_unreadable

_MOST = 4096


def passphrase_option(parser: argparse.ArgumentParser, text: str) -> None:
    """`--passphrase-file`; `text` says what the passphrase is for."""
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="文件", help=f"{text}：口令是文件的第一行，- 表示从标准输入读一行"
    )


def passphrase_of(options: argparse.Namespace) -> str | None:
    """The passphrase that `options` name; None where they name none. UserError where the file cannot be read."""
    file: Path | None = options.passphrase_file
    if file is None:
        return None
    try:
        if str(file) == "-":
            line = sys.stdin.readline(_MOST)
        else:
            with file.open(encoding="utf-8-sig") as lines:
                line = lines.readline(_MOST)
    except OSError as error:
        raise UserError(
            f"口令文件 {file} 读不出来：{why_unreadable(error)}", "请检查文件是否存在、能否打开。"
        ) from None
    except UnicodeDecodeError:
        raise UserError(f"口令文件 {file} 不是 UTF-8 编码的文字", "请另存为 UTF-8 编码的文本文件。") from None
    return line.rstrip("\r\n")
