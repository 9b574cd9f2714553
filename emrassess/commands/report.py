"""`report`: the reports of a workspace."""

import argparse

from emrassess.commands.options import Commands, opened, out_option, workspace_option
from emrassess.console import progress_line


def add(commands: Commands) -> None:
    """Declare `report pdf`, `report xlsx` and `report tasks`."""
    report = commands.group("report", "报告")
    for name, text in (("pdf", "PDF 差距报告"), ("xlsx", "Excel 表格报告"), ("tasks", "各科室的任务清单（Excel）")):
        writing = report.command(name, _write, text)
        workspace_option(writing)
        out_option(writing)


def _write(options: argparse.Namespace) -> int:
    from emrassess.services.reporting import write_pdf, write_task_list, write_xlsx

    write = {"pdf": write_pdf, "xlsx": write_xlsx, "tasks": write_task_list}[options.action]
    with opened(options) as session:
        write(session, options.out, progress=progress_line())
    print(f"已写好：{options.out}")
    return 0
