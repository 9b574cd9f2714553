"""Search as one types: clauses, official wording, notes, demonstration paths, evidence titles and file names."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from emrassess.domain.assessment import Assessment, ClauseAnswer, Evidence
from emrassess.domain.pack import Pack


class Field(StrEnum):
    """Where a word was found, the best places first."""

    CLAUSE_ID = "条款编号"
    CLAUSE_TEXT = "条款"
    WORDING = "官方原文"
    NOTE = "说明"
    DEMONSTRATION = "演示路径"
    TITLE = "材料标题"
    FILE_NAME = "文件名"
    SOURCE_SYSTEM = "来源系统"
    ITEM = "评价项目"
    HINT = "实证提示"


_RANK = {field: rank for rank, field in enumerate(Field)}
_BEFORE, _AROUND = 12, 60


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause (`evidence` is "") or a piece of evidence (`clause` is the first it proves, or "").

    `excerpt`: a piece of `field` around the find; `marks`: start and end of each find in it.
    """

    clause: str
    evidence: str
    field: Field
    excerpt: str
    marks: tuple[tuple[int, int], ...]


class _Folding(dict[int, str]):
    """Each character as one character: lower case, full width as half width; so places stay the same."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).casefold()
        self[code] = folded if len(folded) == 1 else character
        return self[code]


_FOLDING = _Folding()


@dataclass(frozen=True, slots=True)
class _Entry:
    """What can be found, with the texts to look in, folded once; `all` holds them together."""

    clause: str
    evidence: str
    texts: tuple[tuple[Field, str, str], ...]
    all: str


def _entry(clause: str, evidence: str, texts: Sequence[tuple[Field, str]]) -> _Entry:
    folded = tuple((field, text, text.translate(_FOLDING)) for field, text in texts if text)
    return _Entry(clause, evidence, folded, "\n".join(low for _, _, low in folded))


class Search:
    """An index over a pack and an assessment, brought up to date by what has changed since the last search."""

    def __init__(self, pack: Pack) -> None:
        self._fixed: dict[str, tuple[tuple[Field, str], ...]] = {
            clause.id: (
                (Field.CLAUSE_ID, clause.id),
                (Field.CLAUSE_TEXT, clause.text),
                (Field.ITEM, item.name),
                (Field.HINT, clause.evidence),
            )
            for item in pack.items
            for row in item.rows
            for clause in row.clauses
        }
        self._clauses = {clause: _entry(clause, "", texts) for clause, texts in self._fixed.items()}
        self._evidence: dict[str, _Entry] = {}
        self._answers_seen: Mapping[str, ClauseAnswer] = {}
        self._wording_seen: Mapping[str, str] = {}
        self._evidence_seen: Mapping[str, Evidence] = {}

    def search(self, assessment: Assessment, query: str, limit: int = 200) -> list[Hit]:
        """Clauses and evidence that hold every word of `query` (blanks part words), the best finds first.

        Upper and lower case, full and half width are alike. An empty query finds nothing.
        """
        words = query.translate(_FOLDING).split()
        if not words:
            return []
        self._refresh(assessment)
        found = [
            (_RANK[place[0]], entry, place)
            for entry in self._entries()
            if all(word in entry.all for word in words)
            for place in [_place(entry, words)]
        ]
        found.sort(key=lambda hit: hit[0])
        return [_hit(entry, place, words) for _, entry, place in found[:limit]]

    def _entries(self) -> Iterator[_Entry]:
        yield from self._clauses.values()
        yield from self._evidence.values()

    def _refresh(self, assessment: Assessment) -> None:
        answers, seen = assessment.answers, self._answers_seen
        wording, worded = assessment.wording, self._wording_seen
        if answers is not seen or wording is not worded:
            for clause in answers.keys() | seen.keys() | wording.keys() | worded.keys():
                changed = answers.get(clause) is not seen.get(clause) or wording.get(clause) != worded.get(clause)
                if changed and clause in self._fixed:
                    self._clauses[clause] = self._clause_entry(assessment, clause)
            self._answers_seen, self._wording_seen = answers, wording
        pieces, known = assessment.evidence, self._evidence_seen
        if pieces is not known:
            self._evidence = {
                key: self._evidence[key] if known.get(key) is piece else _evidence_entry(piece)
                for key, piece in pieces.items()
            }
            self._evidence_seen = pieces

    def _clause_entry(self, assessment: Assessment, clause: str) -> _Entry:
        answer = assessment.answer(clause)
        own = ((Field.NOTE, answer.note), (Field.DEMONSTRATION, answer.demonstration))
        return _entry(clause, "", (*self._fixed[clause], (Field.WORDING, assessment.wording.get(clause, "")), *own))


def _evidence_entry(piece: Evidence) -> _Entry:
    texts = (
        (Field.TITLE, piece.title),
        (Field.FILE_NAME, piece.current.file_name),
        (Field.SOURCE_SYSTEM, piece.source_system),
    )
    return _entry(piece.clauses[0] if piece.clauses else "", piece.id, texts)


def _place(entry: _Entry, words: Sequence[str]) -> tuple[Field, str, str]:
    """The text that holds most of the words; of equals the better field."""
    return min(entry.texts, key=lambda text: (-sum(word in text[2] for word in words), _RANK[text[0]]))


def _hit(entry: _Entry, place: tuple[Field, str, str], words: Sequence[str]) -> Hit:
    field, text, folded = place
    first = min((at for word in words if (at := folded.find(word)) >= 0), default=0)
    start = max(first - _BEFORE, 0)
    end = min(first + _AROUND, len(text))
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    window = folded[start:end]
    marks: list[tuple[int, int]] = []
    for word in words:
        at = window.find(word)
        while at >= 0:
            marks.append((at + len(head), at + len(head) + len(word)))
            at = window.find(word, at + len(word))
    excerpt = head + text[start:end].replace("\n", " ") + tail
    return Hit(entry.clause, entry.evidence, field, excerpt, tuple(sorted(marks)))
