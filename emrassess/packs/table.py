"""A hospital's own criteria from a table (XLSX, CSV): read, and written as a pack's folder."""

import re
from pathlib import Path
from typing import Any

from emrassess.atomic import new_folder
from emrassess.errors import UserError
from emrassess.packs.library import load_files
from emrassess.packs.table_header import find_header
from emrassess.packs.table_rows import (
    NUMERALS,
    CriteriaTable,
    TableClause,
    TableItem,
    TableRole,
    TableRow,
    build_table,
)
from emrassess.packs.table_sheets import sheets
from emrassess.typed_yaml import dump_yaml

__all__ = ["CriteriaTable", "TableClause", "TableItem", "TableRole", "TableRow", "read_table", "write_pack"]

SUMMARY_LEAST, SUMMARY = 4, 20


def read_table(file: Path) -> CriteriaTable:
    """The criteria table in `file`: the first sheet of an XLSX that has its header, or CSV/TSV.

    Codes that the table does not give are numbered in order of appearance; blank cells for role, item and level
    continue the line above. FileProblems names every fault by sheet, line and column; UserError for a file that is no
    table.
    """
    return build_table(file.name, find_header(file.name, sheets(file)))


def write_pack(
    table: CriteriaTable,
    folder: Path,
    *,
    pack_id: str,
    name: str,
    standard: str,
    document_number: str = "",
    version: str = "1.0",
    pass_share: str = "0.80",
) -> None:
    """Write `table` as the new pack folder `folder`, whole or not at all; scheme role-points.

    `pass_share`: the share of its points a role needs for a level, over 0 to 1, as text. UserError where the table has
    no points or what is given does not fit; StorageError where `folder` exists and is not empty.
    """
    if not table.has_points:
        raise UserError(
            "条款表没有分值，还不能做成评价标准包：按项目计分的标准另外需要每级的基本项数、最低总分和有效应用比例的口径，"
            "条款表里没有，程序不能代填。",
            "请在表里加一列“分值”，每条写上得分；没有分值的标准，请照随程序提供的标准包的样子编写。",
        )
    _check_given(pack_id, version, name, standard, pass_share)
    files = {"pack.yaml": _head(table, pack_id, name, standard, document_number, version, pass_share)}
    files |= {f"role-{role.code}.yaml": _role(role) for role in table.roles}
    written = {file: dump_yaml(data).encode() for file, data in files.items()}
    load_files(written)
    with new_folder(folder) as fresh:
        for file, content in written.items():
            (fresh / file).write_bytes(content)


def _check_given(pack_id: str, version: str, name: str, standard: str, pass_share: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", pack_id):
        raise UserError(f"标准包的标识“{pack_id}”不能用", "请只用小写字母、数字和连字符，如 province-2026。")
    if not re.fullmatch(r"[0-9]+\.[0-9]+(\.[0-9]+)?", version):
        raise UserError(f"版本号“{version}”不能用", "请写成 1.0 或 1.0.2 的样子。")
    if not re.fullmatch(r"0\.[0-9]*[1-9][0-9]*|1(\.0+)?", pass_share):
        raise UserError(f"得分比例“{pass_share}”不能用", "请写大于 0、不超过 1 的小数，如 0.80。")
    if not name.strip() or not standard.strip():
        raise UserError("标准包的名称和标准名称都要填", "名称是列表里显示的短名，标准名称是所依据文件的全名。")


def _head(
    table: CriteriaTable,
    pack_id: str,
    name: str,
    standard: str,
    document_number: str,
    version: str,
    pass_share: str,
) -> dict[str, Any]:
    roles = [role.code for role in table.roles]
    return {
        "format": "emrassess-pack/1",
        "id": pack_id,
        "version": version,
        "name": name,
        "standard": standard,
        "document_number": document_number,
        "roles": {role.code: role.name for role in table.roles},
        "scheme": {
            "kind": "role-points",
            "pass_share": pass_share,
            "levels": [{"level": level, "name": f"第{NUMERALS[level - 1]}级"} for level in table.levels],
        },
        "groups": [{"code": "all", "name": "核查组", "roles": roles, "quality": True}],
        "glossary": {},
    }


def _role(role: TableRole) -> dict[str, Any]:
    items = [
        {"code": item.code, "name": item.name, "quality": False, "levels": [_row(item.code, row) for row in item.rows]}
        for item in role.items
    ]
    return {"role": role.code, "name": role.name, "items": items}


def _row(item: str, row: TableRow) -> dict[str, Any]:
    return {
        "level": row.level,
        "summary": _summary(row.clauses[0].text),
        "clauses": [_clause(f"{item}.{row.level}", clause) for clause in row.clauses],
    }


def _summary(text: str) -> str:
    """The beginning of a clause as the name of its level row: to its first pause, or cut off and marked so."""
    line = " ".join(text.split())
    beginning = re.split(r"[，。；：！？,;]|(?<=\D)[.:]", line, maxsplit=1)[0].strip()
    if SUMMARY_LEAST <= len(beginning) <= SUMMARY:
        return beginning
    return line if len(line) <= SUMMARY else f"{line[: SUMMARY - 1].rstrip()}…"


def _clause(row: str, clause: TableClause) -> dict[str, Any]:
    evidence = {"evidence": clause.evidence} if clause.evidence else {}
    return {"id": f"{row}({clause.number})", "text": clause.text, "points": f"{clause.points:f}", **evidence}
