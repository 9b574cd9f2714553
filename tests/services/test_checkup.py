"""The check-up on real workspaces and files: broken and hostile ones become findings, and nothing private is kept."""

import io
import logging
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pypdf
import pytest
from openpyxl.workbook.workbook import Workbook
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceKind
from emrassess.domain.checkup import Finding, FindingKind
from emrassess.errors import Cancelled, UserError
from emrassess.services import picture_checks
from emrassess.services.answering import set_note, set_verdict
from emrassess.services.checkup import FileChecks, accept, open_findings, run, withdraw
from emrassess.services.evidence import NewEvidence, add_evidence, edit_evidence, replace_evidence
from emrassess.services.history import undo
from emrassess.services.session import Session, close, open_workspace

CLAUSE, OTHER = "01.01.1(1)", "01.01.1(2)"
ID_NUMBER, PHONE = "11010519491231002X", "13812345678"


def packed(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def screen(seed: int = 1, size: tuple[int, int] = (1366, 768)) -> Image.Image:
    """A screen with a table on it, another one for each seed."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], 40), fill="#204060")
    for row in range(80, size[1] - 40, 24):
        for column in range(20, size[0] - 120, 120):
            long = 20 + (row * 31 + column * 17 + seed * seed * 97) % 90
            draw.rectangle((column, row, column + long, row + 14), fill="#303030")
    return image


def deep(image: Image.Image) -> Image.Image:
    """The same in 65,536 greys."""
    grey = image.convert("L").tobytes()
    return Image.frombytes("I;16", image.size, bytes(half for level in grey for half in (level, level)))


def pdf(*lines: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for line in lines:
        if line:
            canvas.drawString(50, 300, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def locked_pdf() -> bytes:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def xlsx(*rows: Sequence[str | float]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(text: str) -> bytes:
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return zipped({"word/document.xml": f"<w:d {w}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:d>"})


def docx_table(*rows: Sequence[str]) -> bytes:
    def cell(text: str) -> str:
        return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    table = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows)
    return zipped({"word/document.xml": f"<w:d {w}><w:tbl>{table}</w:tbl></w:d>"})


def bomb(side: int) -> bytes:
    """A PNG that claims to be `side` x `side` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def strange_cells(column: str) -> bytes:
    """A sheet with a cell that claims to stand where no sheet reaches."""
    content = xlsx(["项目", "数"], ["医嘱", 1])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    rows = f'<row r="1999999999"><c r="{column}1999999999"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace("</sheetData>", rows).encode()
    return zipped(parts)


def add(session: Session, name: str, content: bytes, clause: str = CLAUSE, kind: EvidenceKind | None = None) -> str:
    """A piece with nothing else to find fault with; gives its id."""
    new = NewEvidence(content, name, "示例医院的材料", kind, "住院医师工作站", "2026-11-20")
    (key,) = add_evidence(session, [new], [clause]).evidence
    return key


def found(session: Session, checks: FileChecks | None = None) -> list[FindingKind]:
    return [finding.kind for finding in run(session, None, checks)]


def of_kind(session: Session, kind: FindingKind) -> Finding:
    (finding,) = [finding for finding in run(session) if finding.kind is kind]
    return finding


GOOD = {
    "a.png": packed(screen()),
    "a.jpg": packed(screen(2), "JPEG"),
    "a.gif": packed(screen(3), "GIF"),
    "alpha.png": packed(screen(4).convert("RGBA")),
    "grey.png": packed(deep(screen(5))),
    "a.pdf": pdf("page", ""),
    "a.txt": "这一份说明写清了在哪里、由谁、怎样使用医嘱功能，一共超过二十个字。".encode("gb18030"),
    "a.csv": "科室,分子,分母\n心内科,95,100\n".encode(),
    "a.xlsx": xlsx(["科室", "分子"], ["心内科", 95]),
    "a.docx": docx("制度正文"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_files_have_no_findings(session: Session, name: str) -> None:
    add(session, name, GOOD[name])
    assert found(session) == []


BAD: Mapping[str, tuple[str, bytes, FindingKind]] = {
    "broken picture": ("a.png", GOOD["a.png"][:3000], FindingKind.UNREADABLE),
    "no picture": ("a.png", b"no picture", FindingKind.UNREADABLE),
    "blank picture": ("a.png", packed(Image.new("RGB", (1366, 768), "white")), FindingKind.EMPTY),
    "tiny picture": ("a.png", packed(screen(size=(400, 300))), FindingKind.TINY),
    "strip": ("a.png", packed(screen(size=(1300, 300))), FindingKind.CROPPED),
    "bomb": ("a.png", bomb(10_000), FindingKind.UNSEEN),
    "large bomb": ("a.png", bomb(60_000), FindingKind.UNSEEN),
    "nothing": ("a.pdf", b"", FindingKind.EMPTY),
    "broken pdf": ("a.pdf", b"%PDF-1.4 broken", FindingKind.UNREADABLE),
    "locked pdf": ("a.pdf", locked_pdf(), FindingKind.UNREADABLE),
    "blank pdf": ("a.pdf", pdf("", ""), FindingKind.EMPTY),
    "blank text": ("a.txt", " \n\u3000\n".encode(), FindingKind.EMPTY),
    "no text": ("a.txt", random.Random(1).randbytes(3000), FindingKind.UNREADABLE),
    "short text": ("a.txt", "见系统".encode(), FindingKind.THIN),
    "blank table": ("a.csv", b",,\n,,\n", FindingKind.EMPTY),
    "only a head": ("a.csv", "科室,分子,分母\n".encode(), FindingKind.EMPTY),
    "blank workbook": ("a.xlsx", xlsx(), FindingKind.EMPTY),
    "locked workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, FindingKind.UNREADABLE),
    "no workbook": ("a.xlsx", zipped({"a": "b"}), FindingKind.UNREADABLE),
    "unfolding workbook": ("a.xlsx", zipped({"xl/sharedStrings.xml": b" " * 40_000_000}), FindingKind.UNSEEN),
    "empty document": ("a.docx", docx(" "), FindingKind.EMPTY),
    "unfolding document": ("a.docx", docx(" " * 40_000_000), FindingKind.UNREADABLE),
    "locked document": ("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, FindingKind.UNREADABLE),
    "old document": ("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, FindingKind.UNSEEN),
    "film": ("a.mp4", b"\0" * 600, FindingKind.UNSEEN),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_findings(session: Session, name: str) -> None:
    file_name, content, kind = BAD[name]
    add(session, file_name, content)
    finding = of_kind(session, kind)
    assert found(session) == [kind] and finding.what and CLAUSE in finding.where


@pytest.mark.parametrize(("column", "kind"), [("A", FindingKind.UNSEEN), ("ZZZZZ", FindingKind.UNREADABLE)])
def test_cells_that_lie_about_their_place_cost_little(session: Session, column: str, kind: FindingKind) -> None:
    add(session, "a.xlsx", strange_cells(column))
    assert found(session) == [kind]


def test_a_password_is_said_to_be_one(session: Session) -> None:
    add(session, "a.pdf", locked_pdf())
    assert "密码" in of_kind(session, FindingKind.UNREADABLE).what


def test_missing_and_damaged_files_are_found_and_mended(session: Session) -> None:
    key = add(session, "a.png", GOOD["a.png"])
    checks = FileChecks()
    assert found(session, checks) == []
    file = session.workspace.evidence_path(session.assessment.evidence[key].current.sha256)
    away = file.rename(file.with_name("away"))
    assert found(session, checks) == [FindingKind.UNREADABLE]
    file.write_bytes(b"short")
    assert found(session, checks) == [FindingKind.UNREADABLE]
    away.replace(file)
    assert found(session, checks) == []


# --- people


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.txt",
            f"开头\n患者姓名：王小明 {ID_NUMBER} {PHONE} 住院医师工作站".encode("gb18030"),
        ),
        ("a.json", f'{{"patient": "患者姓名：王小明", "id": "{ID_NUMBER}", "phone": "{PHONE}"}}'.encode()),
        ("a.csv", f"序号,患者姓名,身份证号,电话\n1,,,\n2,王小明,{ID_NUMBER},{PHONE}\n".encode()),
        ("a.tsv", f"患者姓名\t身份证号\t电话\n王小明\t{ID_NUMBER}\t{PHONE}\n".encode("utf-16")),
        (
            "a.xlsx",
            xlsx(["患者姓名", "证件", "电话"], *([["示例病人甲", "", ""]] * 3000), ["王小明", ID_NUMBER, float(PHONE)]),
        ),
        ("a.docx", docx(f"患者姓名：王小明，{ID_NUMBER}，{PHONE}")),
        ("table.docx", docx_table(("姓名", "证件", "手机"), ("王小明", ID_NUMBER, PHONE))),
        ("table.txt", f"姓名\t证件\t手机\n王小明\t{ID_NUMBER}\t{PHONE}\n".encode("gb18030")),
        ("table.md", f"|姓名|证件|手机|\n|---|---|---|\n|王小明|{ID_NUMBER}|{PHONE}|\n".encode()),
        ("b.csv", f"姓名;证件;手机\n王小明;{ID_NUMBER};{PHONE}\n".encode("gb18030")),
        ("b.json", f'{{"患者姓名": "王小明", "id": "{ID_NUMBER}", "phone": "{PHONE}"}}'.encode()),
        ("a.html", f"<p>患者姓名：<b>王小明</b></p><p>{ID_NUMBER}</p><p>{PHONE}</p>".encode()),
        ("b.html", f"<td>姓名</td>\n<td>证</td></tr>\n<td>王小明</td>\n<td>{ID_NUMBER} {PHONE}</td>".encode()),
    ],
)
def test_people_in_files_are_found_and_masked(
    session: Session, home: Path, caplog: pytest.LogCaptureFixture, name: str, content: bytes
) -> None:
    add(session, name, content)
    with caplog.at_level(logging.DEBUG):
        findings = run(session)
    assert [f.kind for f in findings] == [FindingKind.PATIENT_NAME, FindingKind.ID_NUMBER, FindingKind.PHONE]
    assert [f.excerpts[0].partition("：")[2] for f in findings] == ["王**", f"110{'*' * 13}2X", "138******78"]
    for text in (repr(findings), caplog.text, *(f.read_text("latin-1") for f in home.rglob("*") if f.is_file())):
        assert "王小明" not in text and ID_NUMBER not in text and PHONE not in text


def test_people_in_a_pdf_are_found_with_their_page(session: Session) -> None:
    add(session, "a.pdf", pdf("", f"ID {ID_NUMBER}"))
    assert of_kind(session, FindingKind.ID_NUMBER).excerpts == (f"第 2 页：110{'*' * 13}2X",)


def test_what_was_left_out_of_a_large_table_is_said(session: Session) -> None:
    add(session, "long.csv", "\n".join(["患者,数", *["示例病人甲,1"] * 25_000]).encode())
    add(session, "wide.xlsx", xlsx(["项目"] * 150, ["医嘱"] * 150))
    assert found(session) == [FindingKind.UNSEEN] * 2


# --- pictures that look alike


def test_one_picture_in_other_clothes_is_found(session: Session) -> None:
    picture, clauses = screen(), list(session.pack.clause_by_id)
    marked = picture.copy()
    ImageDraw.Draw(marked).rectangle((200, 200, 600, 280), outline="red", width=4)
    others = (picture.resize((1920, 1080)), marked, picture.crop((0, 0, 1366, 767)))
    first = add(session, "0.png", packed(picture), clauses[0])
    keys = [add(session, f"{n}.png", packed(other), clauses[n]) for n, other in enumerate(others, 1)]
    keys.append(add(session, "5.jpg", packed(picture, "JPEG", quality=60), clauses[5]))
    add(session, "6.png", packed(screen(2)), clauses[6])
    finding = of_kind(session, FindingKind.SIMILAR)
    assert set(finding.evidence) == {first, *keys}


# --- accepting


def test_an_accepted_finding_is_closed_until_its_content_changes(session: Session) -> None:
    key = add(session, "a.png", packed(screen(size=(400, 300))))
    finding = of_kind(session, FindingKind.TINY)
    with pytest.raises(UserError, match="理由"):
        accept(session, [finding], " \n")
    accept(session, [finding], "手持终端的画面，已放大核对")
    acceptance = session.assessment.accepted[finding.id]
    assert (acceptance.reason, acceptance.by) == ("手持终端的画面，已放大核对", "张三") and acceptance.at
    assert open_findings(run(session), session.assessment.accepted) == ()
    edit_evidence(session, key, title="示例医院的另一个标题")
    assert open_findings(run(session), session.assessment.accepted) == ()
    replace_evidence(session, key, packed(screen(2, size=(400, 300))), "b.png")
    (again,) = open_findings(run(session), session.assessment.accepted)
    assert again.kind is FindingKind.TINY and again.id != finding.id
    undo(session)
    assert open_findings(run(session), session.assessment.accepted) == ()
    withdraw(session, [finding.id])
    assert [f.id for f in open_findings(run(session), session.assessment.accepted)] == [finding.id]
    assert not withdraw(session, ["no such finding"]).evidence


def test_the_history_of_accepting_names_nobody(session: Session) -> None:
    set_verdict(session, [CLAUSE], Verdict.UNMET)
    set_note(session, CLAUSE, f"患者姓名：王小明 {ID_NUMBER}")
    for finding in run(session):
        accept(session, [finding], "已核对")
    assert open_findings(run(session), session.assessment.accepted) == ()
    labels = "".join(entry.label for entry in session.workspace.audit() if entry.label.startswith("接受"))
    assert labels and "王小明" not in labels and ID_NUMBER not in labels


# --- running


def test_a_workspace_open_for_reading_can_be_checked(session: Session, folder: Path) -> None:
    set_verdict(session, [CLAUSE, OTHER], Verdict.MET)
    add(session, "a.png", GOOD["a.png"])
    close(session)
    reading = open_workspace(folder, "李四", write=False)
    assert found(reading) == [FindingKind.UNPROVEN]
    close(reading)


def test_a_run_counts_files_and_can_be_stopped(session: Session) -> None:
    for n in range(6):
        add(session, f"{n}.png", packed(screen(n)))
    seen: list[tuple[int, int, str]] = []
    run(session, lambda *step: seen.append(step))
    assert [step for step in seen if step[2] == "检查文件"] == [(n, 6, "检查文件") for n in range(1, 7)]

    def stop(done: int, _total: int, _what: str) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(session, stop)


def test_pictures_are_read_once_even_after_a_stop(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        add(session, f"{n}.png", packed(screen(n)))
    before = run(session)

    def never(_file: Path) -> None:
        raise AssertionError

    monkeypatch.setattr("emrassess.services.checkup.read_picture", never)
    assert run(session) == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": "emrassess-picture-facts/1", "pictures": {"a": 1}}']
)
def test_a_damaged_cache_costs_only_time(session: Session, home: Path, content: bytes) -> None:
    (home / "cache").mkdir()
    (home / "cache" / "picture-facts.json").write_bytes(content)
    add(session, "a.png", GOOD["a.png"])
    assert found(session) == []


def test_a_cache_that_cannot_be_written_costs_only_time(session: Session, home: Path) -> None:
    (home / "cache").write_text("a file where the folder should be")
    add(session, "a.png", GOOD["a.png"])
    assert found(session) == []


def test_the_cache_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_checks, "_KEPT", 2)
    cache = picture_checks.PictureCache(tmp_path)
    for n in range(4):
        cache.put(str(n), picture_checks.PictureFacts(n, n, n, n, False))
    cache.save()
    again = picture_checks.PictureCache(tmp_path)
    assert [again.get(str(n)) is not None for n in range(4)] == [False, False, True, True]
