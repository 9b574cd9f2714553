"""Files that are no .docx, and files that mean harm: refused in plain words, quickly."""

import struct
import zipfile
from pathlib import Path

import pytest

from emrassess.errors import RefusedError, UserError
from emrassess.packs.official import container as container_module
from emrassess.packs.official import read_official
from emrassess.packs.official import word_body as body_module
from emrassess.packs.official import xml_events as events_module
from tests.packs.official.samples import criteria_table, level_row
from tests.packs.official.wordml import W, document_xml, docx, docx_bytes, packed, paragraph, row, table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def ole(stream: str) -> bytes:
    """An old-style file with a stream of that name in its directory."""
    header = bytearray(512)
    header[:8] = OLE
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<L", header, 48, 20_000)
    return bytes(header) + bytes(20_000 * 512) + stream.encode("utf-16-le")


def refused(folder: Path, content: bytes, name: str = "标准.docx") -> UserError:
    file = folder / name
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_official(file)
    assert name in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ole("WordDocument"), ".doc 或 .wps"),
        (ole("Workbook"), "Excel"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"\xef\xbb\xbf<html><body>", "网页"),
        (b"MIME-Version: 1.0\r\n", "网页"),
        (b'<?xml version="1.0"?><w:wordDocument/>', "XML"),
        (b"\x89PNG\r\n", "以外的文件"),
    ],
)
@pytest.mark.parametrize("name", ["标准.docx", "标准.wps"])
def test_other_formats_are_told_how_to_be_saved_as_docx(tmp_path: Path, content: bytes, says: str, name: str) -> None:
    error = refused(tmp_path, content, name)
    assert says in error.message
    assert "另存为" in error.hint and "WPS" in error.hint and "Word" in error.hint


def test_a_pdf_is_told_what_it_lacks(tmp_path: Path) -> None:
    error = refused(tmp_path, b"\n%PDF-1.7\n", "标准.pdf")
    assert "PDF" in error.message and ".docx" in error.hint


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (ole("EncryptedPackage"), "标准.docx", "密码"),
        (b"", "标准.docx", "空"),
        (b"\0" * 200, "标准.docx", "空"),
        (b"\x05user", "~$标准.docx", "临时文件"),
        (packed({"xl/workbook.xml": "<a/>"}), "标准.docx", "不是 Word 文档"),
    ],
)
def test_other_mistakes_are_named(tmp_path: Path, content: bytes, name: str, says: str) -> None:
    assert says in refused(tmp_path, content, name).message


def test_the_ending_does_not_matter(tmp_path: Path) -> None:
    file = docx(tmp_path, criteria_table(level_row("01.01.1")), name="标准.wps")
    assert read_official(file).clause_counts == {"01.01.1": 1}


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"没有\.docx"):
        read_official(tmp_path / "没有.docx")
    with pytest.raises(UserError, match="文件夹"):
        read_official(tmp_path)


def test_a_document_without_the_annexes_says_how_they_are_known(tmp_path: Path) -> None:
    file = docx(tmp_path, paragraph("正文"), table([row("甲", "乙")], 2))
    with pytest.raises(UserError, match="没有找到") as caught:
        read_official(file)
    assert "项目代码" in caught.value.hint


def hostile(folder: Path, content: bytes) -> str:
    error = refused(folder, content)
    assert isinstance(error, RefusedError)
    return error.message


def test_a_zip_bomb_in_the_main_part(tmp_path: Path) -> None:
    xml = f'<w:document xmlns:w="{W}">'.encode() + b" " * (container_module.MAX_PART + 1)
    assert "解开后超过" in hostile(tmp_path, docx_bytes(xml))


def test_a_main_part_that_lies_about_its_size(tmp_path: Path) -> None:
    content = docx_bytes(document_xml([paragraph("甲" * 5000)]))
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"word/document.xml"))
    lying = content[: at + 24] + struct.pack("<L", 40) + content[at + 28 :]
    assert "损坏" in hostile(tmp_path, lying)


def test_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "甲">{entities}]><w:document xmlns:w="{W}">&e9;</w:document>'
    assert "DOCTYPE" in hostile(tmp_path, docx_bytes(xml))


def test_external_entities_are_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密", encoding="utf-8")
    xml = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]><w:document xmlns:w="{W}">&x;</w:document>'
    assert "秘密" not in hostile(tmp_path, docx_bytes(xml))


def test_entities_in_a_side_part_are_refused_too(tmp_path: Path) -> None:
    content = docx_bytes(document_xml([]), **{"word/numbering.xml": "<!DOCTYPE d><a/>"})
    assert "numbering.xml" in hostile(tmp_path, content)


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<w:document",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b'<?xml version="1.0"?><a>\xff</a>',
        f'<w:document xmlns:w="{W}"><w:tbl></w:document>'.encode(),
    ],
)
def test_broken_xml(tmp_path: Path, xml: bytes) -> None:
    assert "损坏" in hostile(tmp_path, docx_bytes(xml))


@pytest.mark.parametrize("filling", ["{}", "<!--{}-->", '<w:r a="{}"/>', "<w:r><w:t>{}</w:t></w:r>"])
def test_one_endless_piece_of_xml(tmp_path: Path, filling: str) -> None:
    xml = document_xml([f"<w:p>{filling.format('x' * 1_000_000)}</w:p>"])
    assert "过长" in hostile(tmp_path, docx_bytes(xml))


def test_too_many_kinds_of_elements(tmp_path: Path) -> None:
    assert "种类太多" in hostile(tmp_path, docx_bytes(document_xml([f"<w:x{n}/>" for n in range(2_500)])))


def test_structure_out_of_place_breaks_nothing(tmp_path: Path) -> None:
    odd = '<w:tc/><w:tr/><w:gridSpan w:val="3"/><w:tcPr><w:gridSpan w:val="x"/></w:tcPr>'
    stray = '<w:tbl><w:tc><w:tcPr><w:gridSpan w:val="999999999999"/><w:vMerge/></w:tcPr></w:tc><w:p/></w:tbl>'
    file = docx(tmp_path, odd, stray, criteria_table(level_row("01.01.1")))
    assert read_official(file).clause_counts == {"01.01.1": 1}


def test_huge_tables_deep_nesting_and_too_much_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "MAX_ROWS", 50)
    monkeypatch.setattr(body_module, "MAX_TEXT", 5_000)
    monkeypatch.setattr(events_module, "MAX_ELEMENTS", 3_000)
    assert "表格太大" in hostile(tmp_path, docx_bytes(document_xml([table([row("甲")] * 60, 1)])))
    assert "表格太大" in hostile(tmp_path, docx_bytes(document_xml([table([row(*["甲"] * 70)], 70)])))
    assert "文字太多" in hostile(tmp_path, docx_bytes(document_xml([paragraph("甲" * 6_000)])))
    assert "内容太多" in hostile(tmp_path, docx_bytes(document_xml([paragraph()] * 4_000)))
    nested = "<w:tbl><w:tr><w:tc>" * 8 + "</w:tc></w:tr></w:tbl>" * 8
    assert "嵌套" in hostile(tmp_path, docx_bytes(document_xml([nested])))
    deep = "<w:sdt>" * 300 + "</w:sdt>" * 300
    assert "嵌套" in hostile(tmp_path, docx_bytes(document_xml([deep])))


def test_a_zip_cut_short_and_one_with_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = docx_bytes(document_xml([]))
    assert "没有复制完" in hostile(tmp_path, content[:-40])
    monkeypatch.setattr(container_module, "MAX_ENTRIES", 20)
    assert "条目太多" in hostile(tmp_path, packed({f"word/{n}.xml": "" for n in range(30)}))


def test_two_parts_of_one_name(tmp_path: Path) -> None:
    file = tmp_path / "two.docx"
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
        archive.writestr("word/document.xml", "<b/>")
    assert "两个 word/document.xml" in hostile(tmp_path, file.read_bytes())


def test_an_encrypted_entry_is_said_to_have_a_password(tmp_path: Path) -> None:
    content = bytearray(docx_bytes(document_xml([])))
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    assert "密码" in refused(tmp_path, bytes(content)).message
