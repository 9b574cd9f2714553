"""What experts say, as values that a merge can compare (see merge_values.py), and back."""

from collections.abc import Iterable, Mapping

from emrassess.domain.assessment import Assessment, Revision
from emrassess.domain.merge_values import REVIEW_TEXTS, STAMP, MergeKey, MergeKind, Value, flatten, photo_clauses
from emrassess.domain.review import ExpertVerdict, Opinion, Photo, Severity


def flatten_reviews(assessment: Assessment, clauses: Iterable[str] | None = None) -> dict[MergeKey, Value]:
    """What the experts say about `clauses`, all of it where None. Of a photo only the links to them are told."""
    scope = None if clauses is None else frozenset(clauses)
    kind = MergeKind.REVIEW
    values: dict[MergeKey, Value] = {}
    for clause, opinion in assessment.opinions.items():
        if scope is None or clause in scope:
            for name in ("verdict", "severity", *REVIEW_TEXTS):
                if said := getattr(opinion, name):
                    values[MergeKey(kind, clause, name)] = str(said)
            stamp = [opinion.place, opinion.at, opinion.by, opinion.group, str(opinion.round)]
            values[MergeKey(kind, clause, STAMP)] = stamp
    for key, photo in assessment.photos.items():
        linked = [clause for clause in photo.clauses if scope is None or clause in scope]
        if linked:
            values[MergeKey(MergeKind.PHOTO, key)] = [
                photo.title,
                photo.taken_at,
                photo.added_by,
                photo.sha256,
                *linked,
            ]
    return values


def everything(assessment: Assessment) -> dict[MergeKey, Value]:
    """What the hospital says, and what the experts say."""
    return {**flatten(assessment), **flatten_reviews(assessment)}


def opinion_of(values: Mapping[MergeKey, Value], clause: str) -> Opinion | None:
    """The opinion about `clause` that `values` tell; None where none is."""

    def told(name: str) -> str:
        return values.get(MergeKey(MergeKind.REVIEW, clause, name), "")

    place, at, by, group, number = told(STAMP) or ("", "", "", "", "1")
    found = Opinion(
        ExpertVerdict(told("verdict")),
        told("seen"),
        told("problem"),
        Severity(told("severity")),
        told("suggestion"),
        place,
        at,
        by,
        group,
        int(number),
    )
    return None if found.is_empty else found


def photo_of(value: Value, file: Revision) -> Photo:
    """The photo that a value tells, with what is known of its `file`."""
    title, taken_at, added_by, sha256 = value[:4]
    return Photo(
        title,
        photo_clauses(value),
        sha256,
        file.file_name,
        file.size,
        file.media_type,
        taken_at,
        file.added_at,
        added_by,
    )
