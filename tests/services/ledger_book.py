"""The ledger as a workbook, and what people do to it, for the tests of reading it back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.reports.ledger_sheet import SHEET
from emrassess.services import ledger, tasks
from emrassess.services.ledger_files import LedgerImport, export_ledger
from emrassess.services.session import Session
from tests.services.ledger_samples import A1, B1, A, three

Work = Callable[[Worksheet], object]


@pytest.fixture
def file(session: Session, tmp_path: Path) -> Path:
    """Three findings, two of them somebody's, exported."""
    three(session)
    tasks.assign_by_name(session, [A], "护理部")
    ledger.assign(session, [A1], department="护理部", owner="李护士", deadline="2026-11-20", supervised=True)
    ledger.assign(session, [B1], measures="=1+1 不是公式\n第二行", deadline="2026-12-01")
    out = tmp_path / "台账.xlsx"
    assert export_ledger(session, out) == 3
    return out


def worked(file: Path, work: Work) -> Path:
    """The workbook after somebody worked on its sheet."""
    book = load_workbook(file)
    work(book[SHEET])
    book.save(file)
    return file


def nothing(found: LedgerImport) -> bool:
    return found.changes is None and not (found.changed or found.new or found.conflicts or found.refused)
