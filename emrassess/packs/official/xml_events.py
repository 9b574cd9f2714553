"""XML from a document of any origin, as events: no document types, so no entities, and nothing fetched."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol
from xml.parsers import expat

from emrassess.errors import RefusedError

MAX_ELEMENTS = 1_000_000
MAX_DEPTH = 200
MAX_TAGS = 2_000
# No document has twice as many bytes as this without a "<", be it in a tag with its attributes or in a text.
STRETCH = 1 << 18

_WORD = frozenset(
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"

Attributes = Mapping[str, str]


class Parts(Protocol):
    """Where parts come from: their bytes in pieces, and the error for one that is not readable."""

    def pieces(self, part: str) -> Iterator[bytes]: ...
    def damaged(self, why: str) -> RefusedError: ...


def _nothing(_: str) -> None:
    pass


def parse_events(
    parts: Parts,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] = _nothing,
    text: Callable[[str], None] = _nothing,
) -> None:
    """Call back for each element of `part` that is Word's own (by its local name), "mc:Fallback", or a relationship.

    Elements of other vocabularies pass unseen, their children are reported. RefusedError for broken XML, a document
    type, or more or deeper elements than a document has.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    tags: dict[str, str] = {}
    count = depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count += 1
        depth += 1
        if count > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise parts.damaged(f"{part} 里的内容太多或嵌套太深，不像正常的文档")
        tag = tags.get(name)
        if tag is None:
            if len(tags) > MAX_TAGS:
                raise parts.damaged(f"{part} 里的元素种类太多，不像正常的文档")
            tag = tags[name] = _tag(name)
        if tag:
            start(tag, {key.rpartition(" ")[2]: value for key, value in attributes.items()} if attributes else {})

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if tag := tags[name]:
            end(tag)

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = text
    _parse(parser, parts, part)


def _parse(parser: expat.XMLParserType, parts: Parts, part: str) -> None:
    """Feed the part to the parser; what is no document or not well-formed is refused."""

    def on_doctype(*_: object) -> None:
        raise parts.damaged(f"{part} 里有实体定义（DOCTYPE），正常的文档没有，可能是恶意文件")

    parser.StartDoctypeDeclHandler = on_doctype
    try:
        for piece in parts.pieces(part):
            if any(b"<" not in piece[at : at + STRETCH] for at in range(0, len(piece) - STRETCH, STRETCH)):
                raise parts.damaged(f"{part} 里有过长的标记或文字，不像正常的文档")
            parser.Parse(piece)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, UnicodeError, ValueError):
        raise parts.damaged(f"{part} 的内容已损坏（第 {parser.CurrentLineNumber} 行附近）") from None


def _tag(name: str) -> str:
    space, _, local = name.rpartition(" ")
    if space in _WORD or space == _RELATIONSHIPS:
        return local
    return "mc:Fallback" if space == _COMPATIBILITY and local == "Fallback" else ""
