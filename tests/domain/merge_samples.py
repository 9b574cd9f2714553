"""Small values to merge: three clauses of a department's packet, two of others, pieces of evidence between them."""

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from emrassess.domain.merge import Difference, Merge, MergeKey, MergeKind, Value, Why, apply_to, merge
from emrassess.domain.merge_values import PIECE_FIELDS, cell_row, pieces_of, row_of

Values = dict[MergeKey, Value]

A, B, C = "01.01.4(1)", "01.01.4(2)", "01.02.3(1)"
OUTSIDE, ELSEWHERE = "02.01.4(1)", "01.02.4(1)"
CLAUSES = (A, B, C, OUTSIDE, ELSEWHERE)
SCOPE = frozenset((A, B, C))
CELLS = ("01.01/4", "01.02/3", "02.01/4")


def answer(clause: str, field: str = "note") -> MergeKey:
    return MergeKey(MergeKind.ANSWER, clause, field)


def coverage(row: str) -> MergeKey:
    return MergeKey(MergeKind.COVERAGE, row)


def evidence(piece: str, field: str = "") -> MergeKey:
    return MergeKey(MergeKind.EVIDENCE, piece, field)


def link(piece: str, clause: str) -> MergeKey:
    return MergeKey(MergeKind.LINK, piece, clause)


def notes(**texts: str) -> Values:
    """Notes to A, B, C by the small letter."""
    return {answer({"a": A, "b": B, "c": C}[name]): text for name, text in texts.items()}


def piece(piece_id: str, clauses: Iterable[str] = (A,), file: str = "f1", **fields: str) -> Values:
    """A piece of evidence with its links; without a title unless one is given."""
    told = {"kind": "screenshot", "file": file, **fields}
    values: Values = {evidence(piece_id, name): told[name] for name in PIECE_FIELDS if told.get(name)}
    return values | {link(piece_id, clause): True for clause in clauses}


def within(values: Mapping[MergeKey, Value], scope: Iterable[str]) -> Values:
    """What goes into a packet of `scope`, as `flatten` would tell it."""
    clauses = frozenset(scope)
    rows = {row_of(clause) for clause in clauses}
    mine = {key for key, found in pieces_of(values).items() if clauses & found.clauses.keys()}

    def belongs(key: MergeKey) -> bool:
        match key.kind:
            case MergeKind.ANSWER:
                return key.key in clauses
            case MergeKind.EVIDENCE:
                return key.key in mine
            case MergeKind.LINK:
                return key.key in mine and key.field in clauses
            case _:
                return cell_row(key) in rows

    return {key: value for key, value in values.items() if belongs(key)}


def merged(base: Values, ours: Values, theirs: Values, **more) -> tuple[Values, Merge]:
    """What is here after their packet, and what it brought."""
    found = merge(base, ours, theirs, SCOPE, **more)
    return apply_to(ours, found.taken), found


def told(differences: tuple[Difference, ...]) -> list[tuple[MergeKey, Why | None]]:
    """Where they are, and why they wait."""
    return [(d.key, d.why) for d in differences]


TEXTS = st.sampled_from(["甲", "乙", "丙"])
FILES = st.sampled_from(["f1", "f2", "f3"])


@st.composite
def pieces(draw: st.DrawFn, piece_id: str, clauses: tuple[str, ...] = CLAUSES, linked: int = 0) -> Values:
    """A piece with this id, proving at least `linked` of `clauses`."""
    fields = draw(st.dictionaries(st.sampled_from(["title", "source_system"]), TEXTS, max_size=2))
    chosen = draw(st.lists(st.sampled_from(clauses), min_size=linked, max_size=3, unique=True))
    return piece(piece_id, chosen, draw(FILES), **fields)


@st.composite
def everything(draw: st.DrawFn, ids: tuple[str, ...] = ("p1", "p2", "p3")) -> Values:
    """What a workspace may hold."""
    slots = [answer(c, f) for c in CLAUSES for f in ("note", "verdict")] + [coverage(row) for row in CELLS]
    values: Values = draw(st.dictionaries(st.sampled_from(slots), TEXTS, max_size=6))
    for piece_id in ids:
        if draw(st.booleans()):
            values |= draw(pieces(piece_id))
    return values


@st.composite
def edited(draw: st.DrawFn, values: Values, new: str, scope: Iterable[str] = CLAUSES) -> Values:
    """`values` after a few edits; new pieces have ids that begin with `new`."""
    clauses = tuple(scope)
    result = dict(values)
    rows = sorted({row_of(clause) for clause in clauses})
    for number in range(draw(st.integers(0, 4))):
        known = sorted(pieces_of(result))
        what = draw(
            st.sampled_from(["answer", "cell", "new", *(["field", "link", "unlink", "remove"] if known else [])])
        )
        if what in ("answer", "cell"):
            key = answer(draw(st.sampled_from(clauses)), draw(st.sampled_from(["note", "verdict"])))
            key = key if what == "answer" else coverage(draw(st.sampled_from(rows)))
            put(result, key, draw(st.none() | TEXTS))
            continue
        if what == "new":
            result |= draw(pieces(f"{new}{number}", clauses, linked=1))
            continue
        chosen = draw(st.sampled_from(known))
        if what == "field":
            field = draw(st.sampled_from(["title", "source_system", "file"]))
            put(result, evidence(chosen, field), draw(FILES if field == "file" else st.none() | TEXTS))
        elif what == "remove":
            result = {k: v for k, v in result.items() if k.key != chosen or k.kind not in ("evidence", "link")}
        else:
            put(result, link(chosen, draw(st.sampled_from(clauses))), True if what == "link" else None)
    return result


def put(values: Values, key: MergeKey, value: Value) -> None:
    """Set the value, or take it away."""
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value
