"""`report`: the reports of a workspace."""

import argparse

from emrassess.commands.options import Commands, opened, out_option, workspace_option
from emrassess.console import progress_line


def add(commands: Commands) -> None:
    """Declare `report pdf`, `report xlsx`, `report tasks`, and those of a review group's feedback."""
    report = commands.group("report", "报告")
    for name, text in (("pdf", "PDF 差距报告"), ("xlsx", "Excel 表格报告")):
        writing = report.command(name, _write_report, f"{text}，有过提交时附上与提交时的比较")
        workspace_option(writing)
        out_option(writing)
        which = "与第几次提交比较；不写时是与现在不同的最近一次"
        writing.add_argument("--since", type=int, metavar="编号", help=which)
    tasks = report.command("tasks", _write_tasks, "各科室的任务清单（Excel）")
    workspace_option(tasks)
    out_option(tasks)
    for name, text in (("pptx", "幻灯片"), ("docx", "可编辑的 Word 文档，带签名栏"), ("review-pdf", "PDF，带签名栏")):
        feedback = report.command(name, _write_feedback, f"核查组的反馈意见：{text}")
        workspace_option(feedback)
        feedback.add_argument("--group", required=True, metavar="核查组", help="代码或名称，如 ward")
        out_option(feedback)


def _write_report(options: argparse.Namespace) -> int:
    from emrassess.services.reporting import write_pdf, write_xlsx

    write = {"pdf": write_pdf, "xlsx": write_xlsx}[options.action]
    with opened(options) as session:
        write(session, options.out, progress=progress_line(), since=options.since)
    print(f"已写好：{options.out}")
    return 0


def _write_tasks(options: argparse.Namespace) -> int:
    from emrassess.services.reporting import write_task_list

    with opened(options) as session:
        write_task_list(session, options.out, progress=progress_line())
    print(f"已写好：{options.out}")
    return 0


def _write_feedback(options: argparse.Namespace) -> int:
    from emrassess.services.reporting import review_deck, review_docx, review_pdf

    write = {"pptx": review_deck, "docx": review_docx, "review-pdf": review_pdf}[options.action]
    with opened(options) as session:
        write(session, options.group, options.out, progress=progress_line())
    print(f"已写好：{options.out}")
    return 0
