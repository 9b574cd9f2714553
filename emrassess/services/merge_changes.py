"""Values of a merge (domain/merge.py) put back into an assessment, as changes to be saved."""

from collections.abc import Callable, Iterator

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Evidence, EvidenceKind, Revision, with_clauses
from emrassess.domain.merge import MergeKey, MergeKind, Value, ratio_of
from emrassess.domain.merge_values import Piece, photo_file, pieces_of
from emrassess.domain.pack import Dimension
from emrassess.domain.review_values import everything, opinion_of, photo_of
from emrassess.exchange.packet_format import Values
from emrassess.storage.changes import (
    Change,
    answer_change,
    coverage_change,
    evidence_change,
    opinion_change,
    photo_change,
    quality_change,
)

RevisionOf = Callable[[str, str], Revision]
"""The file that a piece gets, by the id of the piece and the SHA-256 of the file."""


def changes_to(assessment: Assessment, wanted: Values, revision_of: RevisionOf) -> list[Change]:
    """The changes after which the assessment says what `wanted` does, all of it and no more.

    Earlier revisions of a piece stay, and the links it has keep their order.
    """
    return list(_changes(assessment, wanted, revision_of))


def _changes(assessment: Assessment, wanted: Values, revision_of: RevisionOf) -> Iterator[Change]:
    held = everything(assessment)
    differing = [key for key in {**held, **wanted} if held.get(key) != wanted.get(key)]
    pieces = pieces_of(wanted)
    for kind, key in dict.fromkeys((key.kind, key.key) for key in differing if key.kind is not MergeKind.LINK):
        match kind:
            case MergeKind.ANSWER:
                yield answer_change(assessment, key, _answer(wanted, key))
            case MergeKind.COVERAGE:
                item, level = key.split("/")
                yield coverage_change(assessment, item, int(level), _ratio(wanted.get(MergeKey(kind, key))))
            case MergeKind.QUALITY:
                item, level, dimension = key.split("/")
                ratio = _ratio(wanted.get(MergeKey(kind, key)))
                yield quality_change(assessment, item, int(level), Dimension(dimension), ratio)
            case MergeKind.REVIEW:
                yield opinion_change(assessment, key, opinion_of(wanted, key))
            case MergeKind.PHOTO:
                value = wanted.get(MergeKey(kind, key))
                photo = None if value is None else photo_of(value, revision_of(key, photo_file(value)))
                yield photo_change(assessment, key, photo)
            case _:
                pass
    evidence = (MergeKind.EVIDENCE, MergeKind.LINK)
    for key in dict.fromkeys(key.key for key in differing if key.kind in evidence):
        before = assessment.evidence.get(key)
        yield evidence_change(assessment, key, _piece(key, before, pieces.get(key), revision_of))


def _answer(values: Values, clause: str) -> ClauseAnswer:
    def told(field: str, otherwise: str = "") -> str:
        return values.get(MergeKey(MergeKind.ANSWER, clause, field), otherwise)

    return ClauseAnswer(Verdict(told("verdict", Verdict.NOT_ASSESSED.value)), told("note"), told("demonstration"))


def _ratio(value: Value) -> Ratio | None:
    return None if value is None else ratio_of(value)


def _piece(key: str, before: Evidence | None, wanted: Piece | None, revision_of: RevisionOf) -> Evidence | None:
    """The piece as it is wanted; None where it is to go."""
    if wanted is None:
        return None
    fields = wanted.fields
    revisions = before.revisions if before else ()
    if not before or before.current.sha256 != fields["file"]:
        revisions = (*revisions, revision_of(key, fields["file"]))
    piece = Evidence(
        key,
        fields.get("title", ""),
        EvidenceKind(fields["kind"]),
        fields.get("source_system", ""),
        fields.get("captured_at", ""),
        revisions,
    )
    kept = [clause for clause in (before.clauses if before else ()) if clause in wanted.clauses]
    return with_clauses(piece, (*kept, *wanted.clauses))
