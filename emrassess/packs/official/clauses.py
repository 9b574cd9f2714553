"""The text of a level row's cell, divided into its clauses by their numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emrassess.packs.official.word_body import Line

MAX_CELL = 5_000
MAX_CLAUSES = 60
_CHINESE = "一二三四五六七八九十"
_END_OF_SENTENCE = "。；;！？!?：:"
# Numbers by the way in which they are written. In "bracket" the opening bracket may be missing.
_MARKERS = re.compile(
    rf"""
      [（(]\s*(?P<bracket>\d{{1,2}})\s*[)）]
    | (?P<enclosed>[⑴-⒇])
    | (?<![0-9０-９A-Za-z.．])(?P<half>\d{{1,2}})\s*[)）]
    | (?P<circled>[①-⑳])
    | [（(]\s*(?P<chinese>[{_CHINESE}])\s*[)）]
    | (?P<ideograph>[㈠-㈩])
    | (?P<pointed>[⒈-⒛])
    | (?<![0-9０-９A-Za-z.．])(?P<dot>\d{{1,2}})\s*[、.．](?!\s*\d)
    """,
    re.VERBOSE,
)
_FAMILIES = {
    "bracket": "bracket", "enclosed": "bracket", "half": "bracket", "circled": "circled",
    "chinese": "chinese", "ideograph": "chinese", "pointed": "dot", "dot": "dot",
}  # fmt: skip
_FIRST_OF = {"enclosed": "⑴", "circled": "①", "ideograph": "㈠", "pointed": "⒈"}
# A number after one of these words is a reference to a clause, not its beginning.
_REFERRING = re.compile(r"(?:第|见|按|按照|满足|符合|上述|前述|及|和|与|、|至|～|~|-)\s*$")


@dataclass(frozen=True, slots=True)
class Divided:
    """A cell's clauses in their order, and what about its numbers is odd ("" where nothing is)."""

    clauses: tuple[str, ...]
    oddity: str = ""


@dataclass(frozen=True, slots=True)
class _Marker:
    number: int
    family: str
    start: int
    end: int
    heads_line: bool
    kind: str


def joined(parts: Sequence[Sequence[Line]]) -> str:
    """The lines of a row's physical parts as one text; a sentence cut by the end of a page is whole again.

    A paragraph that Word numbers by itself gets its number written out.
    """
    text = ""
    count = 0
    for part in parts:
        for index, line in enumerate(part):
            count += line.numbered
            shown = f"（{count}）{line.text}" if line.numbered and not _MARKERS.match(line.text) else line.text
            new_part = index == 0 and text and text[-1] not in _END_OF_SENTENCE and not _MARKERS.match(shown)
            text += shown if not text or new_part else "\n" + shown
    return text


def divide(text: str) -> Divided:
    """The clauses of a cell. A cell without numbers is one clause, an empty one none.

    Clauses are numbered by their place, as in a pack; `oddity` says so where the cell's own numbers differ from that.
    """
    text = text.strip()
    if len(text) > MAX_CELL:
        return Divided((text[:MAX_CELL],), f"内容超过 {MAX_CELL} 字，没有分条，也没有读完")
    markers = [m for m in _markers(text) if not _inside_reference(text, m)]
    first = _first(text, markers)
    if first is None:
        return Divided((_tidy(text),) if text else ())
    chosen = _sequence(markers, first)
    ends = [marker.start for marker in chosen[1:]] + [len(text)]
    clauses = [_tidy(text[marker.end : end]) for marker, end in zip(chosen, ends, strict=True)]
    if lead := _tidy(text[: first.start]):
        clauses[0] = f"{lead}\n{clauses[0]}"
    given = [marker.number for marker in chosen]
    odd = [] if given == list(range(1, len(given) + 1)) else ["编号是 " + "、".join(map(str, given))]
    odd += [f"第 {index} 条没有内容" for index, clause in enumerate(clauses, 1) if not clause]
    return Divided(tuple(clauses), "，".join(odd))


def _markers(text: str) -> list[_Marker]:
    found: list[_Marker] = []
    for match in _MARKERS.finditer(text):
        kind = str(match.lastgroup)
        written = match[kind]
        if kind in _FIRST_OF:
            number = ord(written) - ord(_FIRST_OF[kind]) + 1
        else:
            number = _CHINESE.index(written) + 1 if kind == "chinese" else int(written)
        heads_line = text[max(0, match.start() - 40) : match.start()].rstrip(" \t\u3000")[-1:] in ("", "\n")
        found.append(_Marker(number, _FAMILIES[kind], match.start(), match.end(), heads_line, kind))
    return found


def _inside_reference(text: str, marker: _Marker) -> bool:
    """Whether the number only speaks of a clause, or of something else: "按（2）要求", "（至少2）"."""
    if marker.heads_line:
        return False
    before = text[max(0, marker.start - 60) : marker.start].rpartition("\n")[2]
    if marker.kind == "half" and before.count("（") + before.count("(") > before.count("）") + before.count(")"):
        return True
    return bool(_REFERRING.search(before[-8:]))


def _first(text: str, markers: list[_Marker]) -> _Marker | None:
    """The number that begins the first clause; None where the cell is not divided by numbers."""
    if markers and markers[0].start == 0:
        return markers[0]
    for marker in markers:
        after_lead = marker.heads_line or text[: marker.start].rstrip()[-1:] in ("：", ":")
        if marker.number == 1 and marker.family == "bracket" and after_lead:
            follows = any(m.family == "bracket" and m.number == 2 and m.start >= marker.end for m in markers)
            return marker if follows else None
    return None


def _sequence(markers: list[_Marker], first: _Marker) -> list[_Marker]:
    """The numbers that begin clauses: of those that may, the one written most like the first.

    A list within a clause, of another kind of numbers, starts again at 1 and so is not taken for clauses.
    """
    later = [m for m in markers if m.start >= first.end]
    sublists = {m.kind for m in later if m.number == 1} - {first.kind}
    usable = [
        m for m in later if m.kind not in sublists and (m.family == first.family or m.family != "dot" or m.heads_line)
    ]
    by_number: dict[int, list[_Marker]] = {}
    for marker in usable:
        by_number.setdefault(marker.number, []).append(marker)
    # A number that was skipped, or stands twice, still begins a clause of its own.
    out_of_turn = [m for m in usable if m.heads_line and m.kind == first.kind and m.number > 1]
    chosen = [first]
    while len(chosen) < MAX_CLAUSES:
        at = chosen[-1].end
        wanted = [m for m in by_number.get(chosen[-1].number + 1, []) if m.start >= at]
        following = min(wanted, key=lambda m: _unlikeness(m, first), default=None)
        following = following or next((m for m in out_of_turn if m.start >= at), None)
        if following is None:
            break
        chosen.append(following)
    return chosen


def _unlikeness(marker: _Marker, first: _Marker) -> tuple[bool, bool, bool, int]:
    return (marker.kind != first.kind, marker.family != first.family, not marker.heads_line, marker.start)


def _tidy(text: str) -> str:
    """Without white space at the ends; a line that Word broke within a sentence is whole again."""
    out = ""
    for line in (part.strip() for part in text.split("\n")):
        if line and out and out[-1] not in _END_OF_SENTENCE and not _MARKERS.match(line):
            out += line
        elif line:
            out += "\n" + line if out else line
    return out.strip()
