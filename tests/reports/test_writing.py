"""Reports replace a file whole or leave it as it was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from emrassess.errors import Cancelled, StorageError
from emrassess.reports.content import ReportContent
from emrassess.reports.pdf import write_pdf
from emrassess.reports.sheet import write_xlsx


@pytest.mark.parametrize("write", [write_pdf, write_xlsx])
def test_a_missing_folder_is_said(write: Callable[[ReportContent, Path], object], content: ReportContent) -> None:
    with pytest.raises(StorageError, match="文件夹不存在"):
        write(content, Path("/nowhere/at/all/report"))


def test_cancelling_leaves_the_old_report(content: ReportContent, tmp_path: Path) -> None:
    def stop(done: int, total: int, what: str) -> None:
        assert 0 <= done <= total
        assert what
        raise Cancelled

    out = tmp_path / "报告.pdf"
    out.write_bytes(b"old")
    with pytest.raises(Cancelled):
        write_pdf(content, out, stop)
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]
