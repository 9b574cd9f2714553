"""Hospitals and experts in memory, for properties of reviews: what the services write, without files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emrassess.domain.assessment import Assessment, Decision, Evidence, EvidenceKind, Revision, Sender
from emrassess.domain.merge import MergeKey, fingerprint, values_from_json, values_to_json
from emrassess.domain.merge_values import REVIEW_TEXTS
from emrassess.domain.pack import Pack
from emrassess.domain.planning import Department
from emrassess.domain.review import Photo, ReviewInfo
from emrassess.domain.review_values import flatten_reviews
from emrassess.exchange.packet_format import Earlier, Packet, PacketFile, PacketKind
from emrassess.services.changes import Changes
from emrassess.services.incoming import pack_name
from emrassess.services.ledger import with_ledger
from emrassess.services.merge_plan import Judged, changes_of, judge_packet
from emrassess.storage.changes import Change, applied, photo_change

A, B, C = "01.01.4(1)", "01.01.4(2)", "01.02.3(1)"
CLAUSES = (A, B, C)
PROOF = "0" + "e" * 23


class Clock:
    """Each look is a second on, for everybody."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class InMemory:
    """As much of a session (and its workspace) as the services of reviews ask for."""

    def __init__(self, assessment: Assessment, pack: Pack, user: str, clock: Clock) -> None:
        self.assessment, self.pack, self.user, self.clock = assessment, pack, user, clock
        self.workspace: Any = self
        self.states: list[Earlier] = []

    def now(self) -> str:
        return self.clock().isoformat()

    def write(self, _label: str, changes: Sequence[Change]) -> Changes | None:
        self.assessment = applied(self.assessment, [c for c in changes if c.before != c.after])
        return None

    # --- files

    def sent(self) -> Packet:
        """The review file as it is now; see lineage.py for the ids."""
        review = self.assessment.review
        assert review is not None
        values = flatten_reviews(self.assessment)
        before = self.states[-1].id if self.states else review.id
        mark = fingerprint(values_to_json(values))[:12]
        now = Earlier(before if before.endswith(f".{mark}") else f"{before}.{mark}", values)
        earlier = [state for state in self.states if state.id != now.id]
        if now.id != before:
            self.states.append(now)
        photos = {key: _file(photo) for key, photo in self.assessment.photos.items()}
        return Packet(
            now.id, PacketKind.REVIEW, "test", self.now(), Sender(self.user, "组"), "示例医院", review.assessment, 5,
            pack_name(self.pack), Department("ward", "病房组", ()), self.user, "", CLAUSES, {},
            values_from_json(review.base), values, photos, tuple(earlier), review.round,
        )  # fmt: skip

    def judged(self, packet: Packet) -> Judged:
        return judge_packet(self.assessment, packet)

    def bring(self, packet: Packet) -> None:
        """Import a review file."""
        judged = self.judged(packet)
        serial = f"{len(self.assessment.merges):012x}"

        def revision(_piece: str, sha256: str) -> Revision:
            return Revision(sha256, "现场.png", 9, "image/png", "2026-11-21", "")

        at = self.now()
        changes = changes_of(
            self.assessment, judged, f"{serial}{fingerprint(packet.id)[:12]}", at, self.user, Decision.OPEN, revision
        )
        self.write("", with_ledger(self.assessment, changes, at))

    def take_photo(self, number: int, clause: str) -> None:
        """Photograph something, or say of the same photo that it is of another clause too."""
        key, sha256 = f"0{number:023x}", f"{number:064x}"
        new = Photo(f"照片{number}", (), sha256, "现场.png", 9, "image/png", "2026-11-21", "2026-11-21", self.user)
        photo = self.assessment.photos.get(key) or new
        photo = replace(photo, clauses=tuple(dict.fromkeys((*photo.clauses, clause))))
        self.write("", [photo_change(self.assessment, key, photo)])


def _file(photo: Photo) -> PacketFile:
    return PacketFile(photo.sha256, photo.file_name, photo.size, photo.media_type, photo.added_at, "evidence/x")


def hospital(pack: Pack, clock: Clock) -> InMemory:
    """A hospital with a piece of evidence that may prove anything."""
    revision = Revision("e" * 64, "证明.png", 9, "image/png", "2026-11-21", "张三")
    proof = Evidence(PROOF, "证明", EvidenceKind.SCREENSHOT, "", "", (revision,), (A,))
    assessment = Assessment("h", "示例医院", pack.id, pack.version, 5, "2026-11-21", evidence={PROOF: proof})
    return InMemory(assessment, pack, "张三", clock)


def expert_of(home: InMemory, name: str, number: int) -> InMemory:
    """An expert with the package that the hospital makes now: its opinions and findings, not its photos."""
    held = home.assessment
    base = values_to_json({k: v for k, v in flatten_reviews(held).items() if k.kind.value == "review"})
    review = ReviewInfo(f"x{number}", held.id, held.hospital, held.review_round, "2026-11-21", name, "ward", base)
    own = replace(held, photos={}, merges={}, conflicts={}, review=review)
    return InMemory(own, home.pack, name, home.clock)


def texts(assessment: Assessment) -> dict[MergeKey, str]:
    """What experts wrote at length, as the values of a merge."""
    told = flatten_reviews(assessment)
    return {key: value for key, value in told.items() if key.field in REVIEW_TEXTS}
