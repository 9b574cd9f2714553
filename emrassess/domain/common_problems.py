"""The same problem in several departments and rounds: findings grouped by clause, and by what they say."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emrassess.domain.ledger import Finding, FindingState

ALIKE = 0.6
"""Two texts are near enough where they share so much of the pairs of neighbouring characters that either has."""
_SHORT = 4
"""Texts of fewer characters are only the same where they are equal."""
_MOST_PAIRS = 400


@dataclass(frozen=True, slots=True)
class CommonProblem:
    """Findings that belong together. `what`: clause, phrase, or the text that most of them have.

    `ids` of the findings, in the order of the ledger; `open` of them are not closed. `departments` by name, most
    findings first; `rounds`: those that raised them, ascending. `is_phrase`: it is one of the phrase list.
    """

    what: str
    ids: tuple[str, ...]
    open: int
    clauses: tuple[str, ...]
    departments: Mapping[str, int]
    rounds: tuple[int, ...]
    is_phrase: bool = False

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class CommonProblems:
    """All findings, grouped twice; most findings first."""

    by_clause: tuple[CommonProblem, ...]
    by_phrase: tuple[CommonProblem, ...]


def common_problems(findings: Mapping[str, Finding], phrases: Iterable[str]) -> CommonProblems:
    """Group `findings` (by id) by clause, and by phrase.

    A finding belongs to the longest phrase that its problem contains; width, case, blanks and punctuation do not
    matter. What contains none is grouped by its own text with those that are near enough (`alike`).
    """
    known = {folded(phrase): phrase for phrase in phrases if folded(phrase)}
    by_length = sorted(known, key=len, reverse=True)
    clauses: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for key, finding in findings.items():
        clauses.setdefault(finding.clause, []).append(key)
        text = folded(finding.problem)
        phrase = next((phrase for phrase in by_length if phrase in text), None)
        (others if phrase is None else named).setdefault(phrase or text, []).append(key)
    groups = [_group(known[phrase], keys, findings, True) for phrase, keys in named.items()]
    groups += [_group(_usual(keys, findings), keys, findings) for keys in _near(others)]
    by_clause = [_group(clause, keys, findings) for clause, keys in clauses.items()]
    return CommonProblems(_ranked(by_clause), _ranked(groups))


def folded(text: str) -> str:
    """What makes two texts the same: letters and digits, whatever their width, case, blanks and punctuation."""
    even = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in even if unicodedata.category(c)[0] in "LN") or "".join(even.split())


def alike(first: str, second: str) -> float:
    """How near two folded texts are, 0..1: pairs of neighbouring characters in both, of those in either."""
    if first == second:
        return 1.0
    if min(len(first), len(second)) < _SHORT:
        return 0.0
    return _share(_pairs(first), _pairs(second))


def _share(a: frozenset[str], b: frozenset[str]) -> float:
    both = len(a & b)
    return both / (len(a) + len(b) - both)


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(min(len(text) - 1, _MOST_PAIRS)))


def _near(texts: Mapping[str, list[str]]) -> Iterable[list[str]]:
    """The findings of texts that are near enough to the first text of their group, the most frequent texts first."""
    pairs = {text: _pairs(text) if len(text) >= _SHORT else frozenset((text,)) for text in texts}
    often = Counter(pair for theirs in pairs.values() for pair in theirs)
    firsts: list[frozenset[str]] = []
    members: list[list[str]] = []
    by_pair: dict[str, list[int]] = {}
    for text, keys in sorted(texts.items(), key=lambda item: (-len(item[1]), item[0])):
        rare = _rarest(pairs[text], often)
        candidates = sorted({group for pair in rare for group in by_pair.get(pair, ())})
        group = next((group for group in candidates if _share(firsts[group], pairs[text]) >= ALIKE), None)
        if group is not None:
            members[group] += keys
            continue
        for pair in rare:
            by_pair.setdefault(pair, []).append(len(firsts))
        firsts.append(pairs[text])
        members.append(list(keys))
    return members


def _rarest(pairs: frozenset[str], often: Mapping[str, int]) -> list[str]:
    """So many of the rarest pairs that two texts that are near enough must have one of them in common."""
    spare = len(pairs) - int(ALIKE * len(pairs)) + 1
    return sorted(pairs, key=lambda pair: (often[pair], pair))[:spare]


def _usual(keys: Iterable[str], findings: Mapping[str, Finding]) -> str:
    """The text that most of the findings have, as it is written most briefly."""
    texts = [" ".join(findings[key].problem.split()) for key in keys]
    counted = Counter(map(folded, texts))
    return min(texts, key=lambda text: (-counted[folded(text)], len(text), text))


def _group(what: str, keys: Iterable[str], findings: Mapping[str, Finding], is_phrase: bool = False) -> CommonProblem:
    order = {key: index for index, key in enumerate(findings)}
    ids = tuple(sorted(keys, key=order.__getitem__))
    theirs = [findings[key] for key in ids]
    departments = Counter(finding.department for finding in theirs)
    return CommonProblem(
        what,
        ids,
        sum(finding.state is not FindingState.CLOSED for finding in theirs),
        tuple(dict.fromkeys(finding.clause for finding in theirs)),
        dict(sorted(departments.items(), key=lambda pair: (-pair[1], pair[0] == "", pair[0]))),
        tuple(sorted({finding.raised for finding in theirs})),
        is_phrase,
    )


def _ranked(groups: Iterable[CommonProblem]) -> tuple[CommonProblem, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.count, not group.is_phrase, group.what)))
