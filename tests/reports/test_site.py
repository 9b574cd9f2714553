"""The page of the evidence package as a document: complete, escaped, without network."""

import re
from html.parser import HTMLParser

import pytest

from emrassess.domain.assessment import Evidence
from emrassess.reports.content import ReportContent
from emrassess.reports.site import site_html
from emrassess.reports.site_parts import anchor, url
from tests.reports.conftest import LONG_NOTE, TITLE


def href(piece: Evidence, clause: str) -> str | None:
    return f"evidence/{clause[:5]}/{clause}/1-{piece.current.file_name}"


class Reader(HTMLParser):
    """Collects ids, links and the elements that matter."""

    VOID = frozenset({"meta", "input", "img", "br", "rect", "polygon", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes.update(values)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "a":
            self.links.append(str(values["href"]))
        if tag == "img":
            self.pictures.append(str(values["data-src"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def page(content: ReportContent) -> str:
    return "".join(site_html(content, href))


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_it_is_well_formed_and_its_links_lead_somewhere(read: Reader) -> None:
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    for link in read.links:
        assert link.startswith(("#", "./evidence/"))
        if link.startswith("#"):
            assert link[1:] in read.ids


def test_every_item_clause_and_piece_is_there(read: Reader, content: ReportContent) -> None:
    for item in content.items:
        assert f"i-{item.code}" in read.ids
        for clause in item.clauses:
            assert anchor(clause.id) in read.ids
    text = "".join(read.words)
    for exhibit in content.evidence:
        assert f"e-{exhibit.number}" in read.ids
        assert exhibit.piece.current.sha256 in text


def test_texts_of_users_are_text(read: Reader, page: str) -> None:
    text = "".join(read.words)
    assert TITLE in text
    assert LONG_NOTE in text
    assert read.tags.count("script") == 1
    assert "img" in read.tags
    assert not {"onerror", "onclick", "onload", "style"} & read.attributes
    assert "<img src=x" not in page


def test_it_asks_nothing_of_a_network(read: Reader, page: str) -> None:
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert not {"link", "iframe", "object", "base", "form"} & set(read.tags)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]


def test_pictures_are_relative_and_quoted(read: Reader) -> None:
    assert "./evidence/01.01/01.01.1%281%29/1-%E6%88%AA%E5%9B%BE1.png" in read.pictures
    assert all(picture.startswith("./evidence/") for picture in read.pictures)
    assert not any("csv" in picture or "pdf" in picture for picture in read.pictures)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("/etc/passwd", "./etc/passwd"),
        ("a b/100%#?.png", "./a%20b/100%25%23%3F.png"),
    ],
)
def test_a_link_stays_below_the_page(path: str, expected: str) -> None:
    assert url(path) == expected


def test_a_piece_that_is_not_packed_has_no_link(content: ReportContent) -> None:
    reader = Reader()
    reader.feed("".join(site_html(content, lambda *_: None)))
    assert all(link.startswith("#") for link in reader.links)
    assert reader.pictures == []
