"""Nothing of patients leaves the extracts: all that a run leaves behind is opened and searched."""

import base64
import io
import logging
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from openpyxl import Workbook
from pypdf.generic import StreamObject

from emrassess.domain.pack import Pack
from emrassess.errors import UserError
from emrassess.services.coverage_counting import Condition, Definition, RowsOf, Side, count_coverage, take_coverage
from emrassess.services.packages import create_package
from emrassess.services.packets import create_packet
from emrassess.services.quality import Examined, extracts_of, guess_mapping, plan, run_extracts, save_extracts
from emrassess.services.quality_taking import take_in
from emrassess.services.reporting import write_pdf, write_xlsx
from emrassess.services.session import Session
from emrassess.services.snapshots import submit
from tests.services.packet_samples import A, B, assign, department_id, packs_read_once
from tests.services.quality_samples import DISPENSING, ITEMS, MEDICATION, ORDERS

__all__ = ["packs_read_once"]

NAMES = ("欧阳翠湖霖", "司徒映雪澜", "Murgatroyd Quillfeather")
PHONES = ("13987650421", "139 8765 0422")
IDS = ("110105194912310029", "11010519491231002X")
SECRETS = (*NAMES, *PHONES, *IDS)
CELLS = ("", "x", *SECRETS)


def _with_secrets(text: str) -> str:
    """Every column of every table holds each secret in some row; a title above would be the header, so it is beside."""
    head, *rows = text.strip().split("\n")
    columns = head.split(",")
    telling = [
        ",".join([CELLS[(row + place) % len(CELLS)] for place in range(len(columns))]) for row in range(len(CELLS))
    ]
    ragged = [f"{NAMES[0]},{PHONES[0]}", ",".join([NAMES[1]] * (len(columns) + 4)), f'"{NAMES[1]},{IDS[0]}']
    spare = f"{head},{NAMES[0]},备注{PHONES[0]},{IDS[1]}"
    width = len(columns)
    full = [f"{row}{',' * (width - row.count(',') - 1)},{NAMES[1]},{PHONES[0]},{IDS[0]}" for row in (*rows, *telling)]
    return "\n".join([spare, *full, *ragged]) + "\n"


@pytest.fixture
def extracts(tmp_path: Path) -> list[Path]:
    """Extracts that tell everything; one is a workbook, one is in GB 18030, one has no header but a patient."""
    folder = tmp_path / "数据"
    folder.mkdir()
    texts = {"医嘱": ORDERS, "药疗医嘱": MEDICATION, "医嘱项目字典": ITEMS}
    for name, text in texts.items():
        encoding = "gb18030" if name == "药疗医嘱" else "utf-8"
        (folder / f"{name}.csv").write_text(_with_secrets(text), encoding=encoding)
    book = Workbook()
    assert book.active
    for line in _with_secrets(DISPENSING).strip().split("\n"):
        book.active.append(line.split(","))
    book.properties.creator = NAMES[0]
    book.save(folder / "药房发药记录.xlsx")
    (folder / "检验申请.csv").write_text(f"{NAMES[0]},{PHONES[0]},医嘱号\n1,2,3\n", encoding="utf-8")
    (folder / "病房检验报告记录.csv").write_text("", encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, of this test's own."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _inside(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """`content`, and all that can be taken out of it."""
    yield name, content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                yield from _inside(f"{name}/{entry.filename}", archive.read(entry))
    elif content.startswith(b"%PDF-"):
        reader = pypdf.PdfReader(io.BytesIO(content))
        for number, page in enumerate(pypdfium2.PdfDocument(content)):
            yield f"{name}/text of page {number}", page.get_textpage().get_text_range().encode("utf-8", "replace")
        size = reader.trailer["/Size"]
        assert isinstance(size, int)
        for number in range(1, size):
            if isinstance(found := reader.get_object(number), StreamObject):
                yield f"{name}/stream {number}", found.get_data()
    elif content.startswith(b"SQLite format 3"):
        for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):  # zlib streams, as snapshots are kept
            try:
                yield f"{name}#{match.start()}", zlib.decompressobj().decompress(content[match.start() :])
            except zlib.error:
                continue
    else:
        for number, found in enumerate(re.findall(rb"base64,([A-Za-z0-9+/=]+)", content)):
            yield from _inside(f"{name}#{number}", base64.b64decode(found))


def _told(content: bytes) -> list[str]:
    found = []
    for secret in SECRETS:
        escaped = secret.encode("unicode_escape")
        forms = {secret.encode(code) for code in ("utf-8", "utf-16-le", "gb18030")} | {escaped, escaped.upper()}
        if any(form in content for form in forms):
            found.append(secret)
    return found


def _leaks(*places: Path) -> tuple[list[str], int]:
    leaks: list[str] = []
    looked = 0
    for place in places:
        for file in [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]:
            for name, content in _inside(file.name, file.read_bytes()):
                looked += 1
                leaks += [f"{name}: {secret}" for secret in (*_told(content), *_told(name.encode()))]
    return leaks, looked


@pytest.fixture
def examined(pack: Pack, extracts: list[Path], temporary: Path) -> Examined:
    """A run over all of it, mapped as guessed; and what is mapped beside it, with names as keys."""
    guessed = guess_mapping(plan(pack, 8), extracts)
    mapped = {
        key: (guessed.sources[found.source], {field: column for field, (column, _) in found.columns.items()})
        for key, found in guessed.guesses.items()
    }
    assert {"orders", "medication_orders", "inpatient_dispensings", "order_items"} <= {key[0] for key in mapped}
    return run_extracts(pack, extracts_of(pack, extracts[0].with_name("说明.yaml"), None, mapped))


def test_nothing_of_patients_leaves_the_extracts(
    session: Session,
    tmp_path: Path,
    home: Path,
    temporary: Path,
    extracts: list[Path],
    examined: Examined,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert any(result.samples for result in examined.run.rules)
    assert examined.run.notes
    take_in(session, examined)
    orders = next(file for file in extracts if file.name == "医嘱.csv")
    done = next(file for file in extracts if file.name == "药疗医嘱.csv")
    conditions = (Condition(("医生姓名",)), Condition(("医嘱编号",), (), RowsOf((done,)), ("医嘱号",)))
    take_coverage(session, [count_coverage(Definition("01.01", 4, Side(RowsOf((orders,))), Side(None, conditions)))])
    submit(session, "第一轮")
    out = tmp_path / "out"
    out.mkdir()
    create_package(session, out / "package.zip")
    assign(session, A, B, "01.01.3(1)")
    create_packet(session, department_id(session), out / "packet.zip")
    write_pdf(session, out / "report.pdf")
    write_xlsx(session, out / "report.xlsx")
    leaks, looked = _leaks(session.workspace.folder, out, home, temporary)
    assert leaks == []
    assert looked > 50
    assert not _told(caplog.text.encode())
    assert not _told(repr(examined.run).encode())


def test_the_search_finds_what_is_there(tmp_path: Path, extracts: list[Path]) -> None:
    leaks, _ = _leaks(*extracts)
    assert {leak.rpartition(": ")[2] for leak in leaks} == set(SECRETS)


def test_faults_do_not_quote_what_is_in_the_file(pack: Pack, extracts: list[Path], temporary: Path) -> None:
    """A file without a header has a patient where the names of columns belong."""
    folder = extracts[0].parent
    source = next(s for s in guess_mapping(plan(pack, 8), extracts).sources if s.files[0].name == "检验申请.csv")
    mapped = {("orders", False): (source, {"order_no": "没有这一列"})}
    file = folder / "错.yaml"
    save_extracts(extracts_of(pack, file, None, mapped), file)
    run = run_extracts(pack, file).run
    assert any("没有这一列" in result.reason for result in run.rules)
    assert not _told(" ".join(result.reason for result in run.rules).encode())
    with pytest.raises(UserError) as caught:
        count_coverage(Definition("01.01", 4, Side(RowsOf(source.files)), Side(None, (Condition(("没有",)),))))
    assert not _told(caught.value.message.encode())
    assert not list(temporary.iterdir())
