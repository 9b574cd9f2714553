"""`evidence`: files attached to clauses."""

import argparse
import re
from pathlib import Path

from emrassess.commands.options import Commands, opened, workspace_option
from emrassess.console import progress_line
from emrassess.errors import UserError

_CLAUSE_ID = re.compile(r"\d\d\.\d\d\.\d\(\d+\)")


def add(commands: Commands) -> None:
    """Declare `evidence add`."""
    evidence = commands.group("evidence", "实证材料")
    adding = evidence.command("add", _add, "把文件作为材料附到条款")
    workspace_option(adding, writing=True)
    adding.add_argument("--clause", nargs="+", action="extend", required=True, metavar="条款")
    adding.add_argument("--title", default="", metavar="标题")
    adding.add_argument("files", type=Path, nargs="*", metavar="文件")


def _add(options: argparse.Namespace) -> int:
    from emrassess.services.evidence import NewEvidence, add_evidence

    # `--clause ID... FILE...`: argparse gives --clause all that follows, so what is no clause id is a file.
    clauses = [text for text in options.clause if _CLAUSE_ID.fullmatch(text)]
    files = [Path(text) for text in options.clause if text not in clauses] + options.files
    if not clauses or not files:
        raise UserError("要给出至少一个条款和一个文件", "例：--clause '01.01.4(1)' 截图.png")
    pieces = [NewEvidence(file, file.name, title=options.title) for file in files]
    with opened(options, write=True) as session:
        scope = session.assessment.scope
        if scope is not None and (others := [clause for clause in clauses if clause not in scope]):
            raise UserError(
                f"不是这个科室任务包里的条款：{'、'.join(others)}", "交回后不会被采用；请只附到分派给本科室的条款。"
            )
        changes = add_evidence(session, pieces, clauses, progress=progress_line())
    if changes.evidence:
        print(f"已附上 {len(changes.evidence)} 件材料：{'、'.join(clauses)}")
    else:
        print(f"没有改动，这些文件早已附在：{'、'.join(clauses)}")
    return 0
