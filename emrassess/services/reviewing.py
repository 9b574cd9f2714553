"""What an expert does with a package: opens it as a workspace of his own, and says clause by clause what he saw."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emrassess.domain.assessment import Assessment, Evidence
from emrassess.domain.merge import MergeKind, values_from_json, values_to_json
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.review import (
    EXPERT_VERDICT_NAMES,
    NO_OPINION,
    ExpertVerdict,
    Opinion,
    Photo,
    ReviewInfo,
    Severity,
)
from emrassess.domain.review_values import flatten_reviews, opinion_of
from emrassess.errors import UserError
from emrassess.exchange.package_format import PackageFile
from emrassess.exchange.signing import Signature
from emrassess.exchange.tree import Fault, Refused
from emrassess.exchange.verdicts_file import Noted, read_verdicts
from emrassess.exchange.verify import OpenPackage, opened_package
from emrassess.services.building import building_aside, check_free
from emrassess.services.changes import Changes
from emrassess.services.checks import checked_hospital, checked_target, clean_line, clean_text, known_clauses
from emrassess.services.incoming import carried_pack, pack_name, take_files
from emrassess.services.media import START_BYTES, is_picture, media_type, shown_name
from emrassess.services.session import Progress, Session
from emrassess.services.taking import Meter, Serial, size_of, take
from emrassess.services.trust import Standing, judge
from emrassess.storage import opening
from emrassess.storage.changes import Change, filling, opinion_change, photo_change, setting_change
from emrassess.storage.failures import told
from emrassess.storage.workspace import Clock, Store, Workspace, local_now

_PLACE = "data/assessment.json"
_CODE = re.compile(r"[0-9A-Za-z_-]{1,100}")


# --- a package opened by an expert


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """What was opened, in short. `findings`: lines of the ledger that are in it, of earlier rounds."""

    hospital: str
    pack: str
    target: int
    packed_at: str
    round: int
    groups: tuple[ReviewGroup, ...]
    claimed: int
    evidence: int
    findings: int
    signature: Signature | None
    standing: Standing


def look_at_package(file: Path, passphrase: str | None = None) -> OpenedPackage:
    """What a package says before it is opened; the contents of its evidence are not looked at yet.

    Refused where it is not trusted, or has not got its pack; NeedsPassphrase or WrongPassphrase where it is sealed.
    """
    with opened_package(file, passphrase=passphrase) as found:
        _, pack = _pack_of(found)
        return _in_short(found, pack)


def open_as_expert(
    file: Path,
    folder: Path,
    expert: str,
    *,
    group: str = "",
    passphrase: str | None = None,
    progress: Progress | None = None,
    clock: Clock = local_now,
    review_id: str | None = None,
) -> OpenedPackage:
    """Make a workspace in `folder` (new or empty) that holds the package `file`, for `expert` to write opinions in.

    What the hospital says cannot be changed there. `group`: code of the review group that the expert is in, "" to
    choose later. Raises as `look_at_package`; UserError where the folder cannot be used, the name is empty or there is
    no such group, StorageError where the disk does not take it. Nothing is left behind then. `progress` counts bytes.
    `clock` and `review_id` serve whoever needs the same workspace each time, as the demonstration does.
    """
    folder, name = folder.absolute(), clean_line(expert)
    if not name:
        raise UserError("没有写专家的姓名", "请填写姓名，它会写在每一条核查意见上。")
    check_free(folder)
    with opened_package(file, passphrase=passphrase) as found:
        files, pack = _pack_of(found)
        held = found.assessment
        _check_content(held, pack)
        review = ReviewInfo(
            review_id or uuid.uuid4().hex,
            held.id,
            held.hospital,
            held.review_round,
            found.document.packed_at,
            name,
            _checked_group(held.review_groups(pack), group) if group else "",
            values_to_json(flatten_reviews(held)),
        )
        with building_aside(folder) as building:
            fresh = opening.create(
                building,
                hospital=checked_hospital(held.hospital),
                pack_id=pack.id,
                pack_version=pack.version,
                target=checked_target(pack, held.target),
                user=name,
                clock=clock,
                pack_files=files,
            )
            try:
                _fill(fresh, found, replace(held, review=review), progress)
            finally:
                fresh.close()
        return _in_short(found, pack)


def _pack_of(found: OpenPackage) -> tuple[dict[str, bytes], Pack]:
    files, pack = carried_pack(found)
    part = found.document.pack
    if (pack.id, pack.version, pack.digest) != (part.id, part.version, part.digest):
        raise Refused([Fault("data/criteria", "标准包和 assessment.json 里写的不同")])
    return files, pack


def _in_short(found: OpenPackage, pack: Pack) -> OpenedPackage:
    document: PackageFile = found.document
    groups = found.assessment.review_groups(pack)
    review = document.review
    return OpenedPackage(
        document.hospital,
        f"{pack_name(pack).name} {pack.version}",
        document.target,
        document.packed_at,
        review.round if review else 1,
        groups,
        sum(answer.verdict == "met" for answer in document.answers.values()),
        len(document.evidence),
        len(review.findings) if review else 0,
        found.signature,
        judge(found.signature),
    )


def _check_content(held: Assessment, pack: Pack) -> None:
    """Refused where the package speaks of what its pack has not got, or in a way that nobody could work with."""
    for faulty, what in (
        (not _CODE.fullmatch(held.id), "评价的编号（id）不对"),
        (not _are_groups(held.review_groups(pack)), "核查组的代码或名称不对"),
        (not all(map(_CODE.fullmatch, held.evidence)), "实证材料的编号（id）不对"),
    ):
        if faulty:
            raise Refused([Fault(_PLACE, what)])
    clauses = {*held.answers, *held.opinions, *(finding.clause for finding in held.findings.values())}
    clauses.update(clause for piece in held.evidence.values() for clause in piece.clauses)
    items = {*(item for item, _ in (*held.coverage, *held.categories)), *(item for item, *_ in held.quality)}
    items.update(code for group in held.groups or () for code in group.items)
    unknown = sorted((clauses - pack.clause_by_id.keys()) | (items - pack.item_by_code.keys()))
    rows = {(item.code, row.level) for item in pack.items for row in item.rows}
    told = (*held.coverage, *held.categories, *((item, level) for item, level, _ in held.quality))
    unknown += sorted(f"{item} {level} 级" for item, level in {*told} - rows if item in pack.item_by_code)
    if unknown:
        named = "、".join(name[:40] for name in unknown[:5])
        raise Refused([Fault(_PLACE, f"标准里没有这样的条款或项目：{named}")])


def _are_groups(groups: Sequence[ReviewGroup]) -> bool:
    codes = [group.code for group in groups]
    return len({*codes}) == len(codes) and all(_CODE.fullmatch(g.code) and clean_line(g.name) for g in groups)


def _fill(fresh: Workspace, found: OpenPackage, held: Assessment, progress: Progress | None) -> None:
    with fresh.storing() as store:
        take_files(found, {part.path: part.sha256 for part in found.document.evidence}, store, progress)
        pieces = {key: _piece(fresh, piece) for key, piece in held.evidence.items()}
        now = fresh.assessment
        changes = list(filling(now, replace(held, evidence=pieces)))
        if held.review_round != now.review_round:
            changes.append(setting_change(now, "review_round", held.review_round))
        fresh.apply(f"打开{held.hospital}的实证材料包", changes)


def _piece(fresh: Workspace, piece: Evidence) -> Evidence:
    """The piece with its type seen from the file itself, and a name that any disk takes."""
    held = piece.current
    name = shown_name(held.file_name)
    with told(fresh.folder), fresh.evidence_path(held.sha256).open("rb") as stream:
        media = media_type(name, stream.read(START_BYTES))
    return replace(piece, revisions=(replace(held, file_name=name, media_type=media),))


# --- opinions


def record(
    session: Session,
    clause: str,
    *,
    verdict: ExpertVerdict | None = None,
    seen: str | None = None,
    problem: str | None = None,
    severity: Severity | None = None,
    suggestion: str | None = None,
    place: str | None = None,
) -> Changes:
    """Say what was seen of `clause`; what is None stays as it is. Where nothing is said any more, the opinion goes.

    What was said in an earlier visit is not gone on with: the first word of this visit begins anew, and where that is
    taken back, the earlier opinion stands again.
    It bears the time, the expert's name and the round. UserError where this is no expert's workspace, or there is no
    such clause.
    """
    noted = Noted(clause, verdict, seen, problem, severity, suggestion, place)
    before = session.assessment.opinion(clause)
    change = _opinion_change(session, noted)
    what = f"：{EXPERT_VERDICT_NAMES[verdict]}" if verdict is not None and verdict is not before.verdict else ""
    return session.write(f"核查 {clause}{what}", [change] if change else [])


def _opinion_change(session: Session, noted: Noted) -> Change | None:
    """The change that `noted` makes; None where it says nothing new."""
    review = expert_review(session)
    (clause,) = known_clauses(session.pack, [noted.clause])
    held = session.assessment
    before = held.opinion(clause)
    if before.round < review.round:
        before = NO_OPINION
    said = {
        "verdict": noted.verdict,
        "seen": None if noted.seen is None else clean_text(noted.seen).strip(),
        "problem": None if noted.problem is None else clean_text(noted.problem).strip(),
        "severity": noted.severity,
        "suggestion": None if noted.suggestion is None else clean_text(noted.suggestion).strip(),
        "place": None if noted.place is None else clean_line(noted.place),
    }
    after = replace(before, **{name: value for name, value in said.items() if value is not None})
    if after == before:
        return None
    group = group_of(held.review_groups(session.pack), clause, review.group)
    stamped = replace(after, at=session.workspace.now(), by=review.expert, group=group, round=review.round)
    return opinion_change(held, clause, earlier_opinion(review, clause) if stamped.is_empty else stamped)


def earlier_opinion(review: ReviewInfo, clause: str) -> Opinion | None:
    """What the package told of an earlier visit's opinion on `clause`; None where it told none."""
    about = f"{MergeKind.REVIEW.value}:{clause}:"
    told = {key: value for key, value in review.base.items() if key.startswith(about)}
    found = opinion_of(values_from_json(told), clause)
    return found if found is not None and found.round < review.round else None


def group_of(groups: Sequence[ReviewGroup], clause: str, otherwise: str) -> str:
    """Code of the group whose item the clause is, else `otherwise`."""
    item = clause.split("(", maxsplit=1)[0].rsplit(".", maxsplit=1)[0]
    return next((group.code for group in groups if item in group.items), otherwise)


def record_file(session: Session, file: Path, progress: Progress | None = None) -> Changes:
    """Record all that `file` says (see exchange.verdicts_file), photos too, in one step; all or nothing.

    FileProblems names every fault of it with its line.
    """
    expert_review(session)
    noted = read_verdicts(file, session.pack)
    photos = [(one.clause, photo, photo.name) for one in noted for photo in one.photos]
    with session.workspace.storing() as store:
        changes = [change for one in noted if (change := _opinion_change(session, one))]
        changes += _photo_changes(session, store, photos, "", progress)
        return session.write(f"导入核查记录：{len(noted)} 条", changes)


# --- photos


def add_photos(
    session: Session,
    clause: str,
    sources: Sequence[tuple[Path | bytes, str]],
    *,
    title: str = "",
    progress: Progress | None = None,
) -> Changes:
    """Add pictures that the expert took, each with its file name, to `clause`: all or none, in one step.

    One that is there already is not added again, unless it is another clause's: then it is of both. `progress` counts
    bytes. UserError where a file is no picture or cannot be read.
    """
    expert_review(session)
    known_clauses(session.pack, [clause])
    with session.workspace.storing() as store:
        photos = [(clause, source, name) for source, name in sources]
        changes = _photo_changes(session, store, photos, clean_line(title), progress)
        return session.write(f"添加 {clause} 的照片 {len(sources)} 张", changes)


def _photo_changes(
    session: Session,
    store: Store,
    photos: Sequence[tuple[str, Path | bytes, str]],
    title: str,
    progress: Progress | None,
) -> list[Change]:
    """The changes by which `photos` (clause, source, file name) are added."""
    held, expert = session.assessment, expert_review(session).expert
    meter = Meter(progress, sum(size_of(source) for _, source, _ in photos))
    there = {photo.sha256: (key, photo) for key, photo in held.photos.items()}
    serial = Serial(session, held.photos)
    for clause, source, name in photos:
        file, _ = take(session, store, source, name, meter)
        if not is_picture(session.workspace.evidence_path(file.sha256)):
            hint = "照片请用 JPG、PNG 等图片文件；别的材料请写在“现场所见”里。"
            raise UserError(f"“{file.file_name}”不是图片", hint)
        if file.sha256 in there:
            key, photo = there[file.sha256]
            photo = replace(photo, clauses=tuple(dict.fromkeys((*photo.clauses, clause))))
        else:
            key, at = serial.next(file.sha256), file.added_at
            photo = Photo(title, (clause,), file.sha256, file.file_name, file.size, file.media_type, at, at, expert)
        there[file.sha256] = key, photo
    return [photo_change(held, key, photo) for key, photo in there.values()]


def remove_photo(session: Session, photo_id: str) -> Changes:
    """Take a photo away; the file stays as long as undo may bring it back."""
    expert_review(session)
    if photo_id not in session.assessment.photos:
        raise UserError("这张照片已经不在了", "它可能刚被删除或撤销，请刷新后再看。")
    return session.write("删除照片", [photo_change(session.assessment, photo_id, None)])


def photos_by_clause(assessment: Assessment) -> Mapping[str, tuple[tuple[str, Photo], ...]]:
    """The photos of each clause that has any, with their ids, in the order they were added."""
    found: dict[str, list[tuple[str, Photo]]] = {}
    for key, photo in assessment.photos.items():
        for clause in photo.clauses:
            found.setdefault(clause, []).append((key, photo))
    return {clause: tuple(photos) for clause, photos in found.items()}


# --- who works here


def set_group(session: Session, code: str) -> Changes:
    """Work for the review group of that code."""
    review = expert_review(session)
    groups = session.assessment.review_groups(session.pack)
    chosen = _checked_group(groups, code)
    name = next(group.name for group in groups if group.code == chosen)
    changed = setting_change(session.assessment, "review", replace(review, group=chosen))
    return session.write(f"所在核查组：{name}", [changed])


def set_expert(session: Session, name: str) -> Changes:
    """Write opinions under that name from now on."""
    review, expert = expert_review(session), clean_line(name)
    if not expert:
        raise UserError("没有写专家的姓名", "请填写姓名，它会写在每一条核查意见上。")
    changed = setting_change(session.assessment, "review", replace(review, expert=expert))
    return session.write(f"专家：{expert}", [changed])


def expert_review(session: Session) -> ReviewInfo:
    """Who works here, on which package; UserError where this is no expert's workspace."""
    review = session.assessment.review
    if review is None:
        raise UserError(
            "这里不是专家打开的材料包，不能写核查意见",
            "请专家用“打开材料包（专家核查）”（package open --as-expert）打开实证材料包，在那里核查。",
        )
    return review


def _checked_group(groups: Sequence[ReviewGroup], code: str) -> str:
    wanted = code.strip()
    for group in groups:
        if wanted in (group.code, group.name):
            return group.code
    listed = "、".join(f"{group.code}（{group.name}）" for group in groups)
    raise UserError(f"没有核查组“{wanted}”", f"有这些：{listed}。")


def find_group(session: Session, code: str) -> ReviewGroup:
    """The review group of that code or name; UserError where there is none."""
    groups = session.assessment.review_groups(session.pack)
    chosen = _checked_group(groups, code)
    return next(group for group in groups if group.code == chosen)
