"""`answers`: a workspace's answers as an answers file, and back."""

import argparse
from pathlib import Path

from emrassess.commands.options import Commands, opened, workspace_option


def add(commands: Commands) -> None:
    """Declare `answers export` and `answers import`."""
    answers = commands.group("answers", "工作区的答案文件")
    export = answers.command("export", _export, "把工作区的答案写成答案文件")
    workspace_option(export)
    export.add_argument("file", type=Path, metavar="文件")
    import_ = answers.command("import", _import, "把答案文件读入工作区")
    workspace_option(import_, writing=True)
    import_.add_argument("file", type=Path, metavar="文件")


def _export(options: argparse.Namespace) -> int:
    from emrassess.services.answers_files import export_answers

    with opened(options) as session:
        export_answers(session, options.file)
    print(f"已写好：{options.file}")
    return 0


def _import(options: argparse.Namespace) -> int:
    from emrassess.services.answers_files import import_answers

    with opened(options, write=True) as session:
        changes = import_answers(session, options.file)
    print(f"已读入：涉及 {len(changes.clauses)} 条条款、{len(changes.items)} 个项目")
    return 0
