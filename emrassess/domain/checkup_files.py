"""What the check-up finds by what is in the files: facts that somebody read, judged here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from emrassess.domain.assessment import Evidence, EvidenceKind
from emrassess.domain.checkup import Finding, FindingKind, about_piece, about_pieces
from emrassess.domain.checkup_rules import by_kind, names, said
from emrassess.domain.personal_data import Found

# The smallest screens that clinical systems run on are 800 x 600, on handhelds 480 x 800. Fewer pixels than that are a
# part of a screen, or one scaled down until letters of 9 points cannot be read.
SMALLEST = (800, 480)
SCREENS = frozenset(
    (
        (800, 480), (800, 600), (854, 480), (960, 540), (1024, 600), (1024, 768), (1152, 864), (1280, 600), (1280, 720),
        (1280, 768), (1280, 800), (1280, 960), (1280, 1024), (1360, 768), (1366, 768), (1400, 1050), (1440, 900),
        (1600, 900), (1600, 1200), (1680, 1050), (1920, 1080), (1920, 1200), (2048, 1152), (2048, 1536), (2160, 1440),
        (2560, 1080), (2560, 1440), (2560, 1600), (3440, 1440), (3840, 2160),
    )
)  # fmt: skip
"""Usual screens, longer side first."""
# Screens, even wide or tall ones, stay below 2.4 : 1; more is a strip cut out, or several screens side by side.
_LONGEST_SHAPE = 2.5
# Of the smallest desktop that is usual today. A window may well take less than the screen: 60 % of it is no fault yet.
_LEAST_AREA = 0.6 * 1366 * 768
_FEWEST_LETTERS = 20
_CLOSE = 0.07
"""Two pictures are alike where so small a share of the edges of both differs."""
_FEWEST_EDGES = 40
"""A picture with fewer has too little on it to be compared."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A picture: pixels, and how it looks in small as bits (the perceptual hash). `blank`: of one colour all over.

    `edges`: its clear edges; `faint`: those, and others that are hardly to be seen.
    """

    width: int
    height: int
    edges: int
    faint: int
    blank: bool


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is in a file. `unreadable`, `empty`, `unseen`: why, Chinese without a full stop, "" where it is not so.

    `letters`: of a text, None for anything else. `unit`: what `personal` counts its places in. `unseen` may come
    with other facts, where only the beginning was looked at.
    """

    unreadable: str = ""
    empty: str = ""
    unseen: str = ""
    picture: PictureFacts | None = None
    letters: int | None = None
    personal: tuple[Found, ...] = ()
    unit: str = "行"


def findings_in(piece: Evidence, facts: FileFacts) -> Iterator[Finding]:
    """What one file says against its piece."""
    for kind, why in (
        (FindingKind.UNREADABLE, facts.unreadable),
        (FindingKind.EMPTY, facts.empty),
        (FindingKind.UNSEEN, facts.unseen),
    ):
        if why:
            yield about_piece(kind, piece, why)
    for kind, found in by_kind(facts.personal):
        what, excerpts = said(found, facts.unit)
        yield about_piece(kind, piece, f"文件里{what}", excerpts=excerpts)
    if piece.kind is EvidenceKind.NARRATIVE and facts.letters is not None and 0 < facts.letters < _FEWEST_LETTERS:
        yield about_piece(FindingKind.THIN, piece, f"全文只有 {facts.letters} 个字")
    if facts.picture is not None and piece.kind is EvidenceKind.SCREENSHOT:
        yield from _sized(piece, facts.picture)


def _sized(piece: Evidence, picture: PictureFacts) -> Iterator[Finding]:
    """At most one: a strip is not called tiny as well."""
    size = f"{picture.width} × {picture.height} 像素"
    long, short = max(picture.width, picture.height), min(picture.width, picture.height)
    if (long, short) in SCREENS or _side_by_side(long, short):
        return
    if long > short * _LONGEST_SHAPE:
        yield about_piece(FindingKind.CROPPED, piece, f"{size}，又长又窄，不像整个屏幕")
    elif long < SMALLEST[0] or short < SMALLEST[1]:
        yield about_piece(FindingKind.TINY, piece, f"{size}，不到 {SMALLEST[0]} × {SMALLEST[1]}")
    elif long * short < _LEAST_AREA:
        yield about_piece(FindingKind.CROPPED, piece, f"{size}，比常见的屏幕小得多，可能只截了一部分")


def _side_by_side(long: int, short: int) -> bool:
    """Two or three usual screens in one picture."""
    return any(long % n == 0 and (max(long // n, short), min(long // n, short)) in SCREENS for n in (2, 3))


# --- pictures that look alike


def similar(pictures: Sequence[tuple[Evidence, PictureFacts]], tick: Callable[[int, int], None]) -> Iterator[Finding]:
    """Groups of pictures that are nearly the same and prove different clauses.

    Pictures of one clause may look alike: they show the steps of one operation. Found are pictures that were scaled,
    packed anew, marked, masked, or show another time; not those of which a part was cut off. `tick(done, total)` may
    raise to stop.
    """
    groups = _Groups()
    rich = [(piece, facts) for piece, facts in pictures if facts.edges.bit_count() >= _FEWEST_EDGES]
    for one, other in _close_pairs([facts for _, facts in rich], tick):
        a, b = rich[one][0], rich[other][0]
        if a.current.sha256 != b.current.sha256 and not set(a.clauses) & set(b.clauses):
            groups.join(one, other)
    for members in groups.listed():
        alike = [rich[member][0] for member in members]
        clauses = sorted(clause for piece in alike for clause in piece.clauses)
        what = f"{len(alike)} 张图片看起来几乎一样，却用于不同的条款"
        yield about_pieces(FindingKind.SIMILAR, alike, names(alike), what, *clauses)


def _close_pairs(looks: Sequence[PictureFacts], tick: Callable[[int, int], None]) -> Iterator[tuple[int, int]]:
    """Places of the pairs whose edges differ by no more than `_CLOSE` of those in either.

    An edge of one that is faint in the other is none that differs: packing a picture anew, or scaling it, moves many
    an edge a little. Such two have nearly as many edges, so that in the order of that number only neighbours have to
    be compared.
    """
    sizes = [facts.edges.bit_count() for facts in looks]
    order = sorted(range(len(looks)), key=sizes.__getitem__)
    for place, one in enumerate(order):
        tick(place, len(order))
        edges, faint, size = looks[one].edges, looks[one].faint, sizes[one]
        most = (faint.bit_count() + _CLOSE * size) / (1 - _CLOSE)
        for follower in range(place + 1, len(order)):
            other = order[follower]
            larger = sizes[other]
            if larger > most:
                break
            missing = size - (edges & looks[other].faint).bit_count()
            if missing > _CLOSE * (size + larger):
                continue  # most pairs: said at once, without looking at the rest
            missing += larger - (looks[other].edges & faint).bit_count()
            if missing <= _CLOSE * (edges | looks[other].edges).bit_count():
                yield one, other


class _Groups:
    """Who belongs together, by pairs."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def join(self, one: int, other: int) -> None:
        self._parent[self._root(one)] = self._root(other)

    def listed(self) -> Iterable[list[int]]:
        """The groups, each ascending."""
        found: dict[int, list[int]] = {}
        for member in sorted(self._parent):
            found.setdefault(self._root(member), []).append(member)
        return found.values()

    def _root(self, member: int) -> int:
        path = [member]
        while (parent := self._parent.setdefault(path[-1], path[-1])) != path[-1]:
            path.append(parent)
        for below, _ in pairwise(path):
            self._parent[below] = path[-1]
        return path[-1]
