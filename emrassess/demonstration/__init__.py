"""The demonstration hospital: fictional, mid-way to level 5, made the same each time. All in it is marked 示例."""

import json
from dataclasses import dataclass
from pathlib import Path

from emrassess.atomic import write_bytes, write_error
from emrassess.demonstration.building import IDENTITY, build_demonstration
from emrassess.domain.assessment import Revision
from emrassess.domain.reasons import reason_text
from emrassess.domain.scoring import LevelOutcome
from emrassess.errors import UserError
from emrassess.exchange.score_file import score_json
from emrassess.services.media import media_type
from emrassess.services.packages import create_package
from emrassess.services.previews import Shape, preview
from emrassess.services.reporting import review_deck, write_pdf, write_xlsx
from emrassess.services.reviewing import find_group
from emrassess.services.session import Progress, Session, close, open_workspace

__all__ = ["Outcome", "build_demonstration", "demonstrate"]

_OUTCOMES = {LevelOutcome.MET: "达到", LevelOutcome.UNDETERMINED: "待定", LevelOutcome.NOT_MET: "未达到"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `demonstrate` wrote, and what it says of it in Chinese, several lines.

    `deck`: the slides of a review group; None where nobody has written an opinion for it.
    """

    workspace: Path
    package: Path
    pdf: Path
    xlsx: Path
    score: Path
    extracts: Path
    deck: Path | None
    summary: str


def demonstrate(out: Path, progress: Progress | None = None) -> Outcome:
    """Make the demonstration hospital in `out`/workspace, score it; package, PDF, XLSX, slides and extracts beside it.

    The package is the one that the experts of the first visit got. Each file is read back. Where `out` holds a
    demonstration already, it and its extracts are used as a person left them, and only the other files are written
    anew. UserError where `out` holds something else.
    """
    out = out.absolute()
    workspace = out / "workspace"
    there = _is_ours(out, workspace)
    if not there:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(out, error) from error
        _build(out, workspace, progress)
    # Reading needs no lock: the demonstration may be open in a window meanwhile.
    session = open_workspace(workspace, "示例", write=False)
    try:
        return _written(session, out, workspace, there, progress)
    finally:
        close(session)


def _build(out: Path, workspace: Path, progress: Progress | None) -> None:
    """Make the workspace, and the package beside it once that is there: else `out` would not be one of ours."""
    aside = out / f".{_NAMES[0]}"
    try:
        build_demonstration(workspace, progress, aside)
        aside.replace(out / _NAMES[0])
    except OSError as error:
        raise write_error(out, error) from error
    finally:
        aside.unlink(missing_ok=True)


def _is_ours(out: Path, workspace: Path) -> bool:
    """Whether a demonstration of ours is in `out`; False where there is room for one."""
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} 是一个文件，不是文件夹", "请用 --out 给一个新的或空的文件夹。")
    if not out.exists() or not any(entry.name[0] != "." for entry in out.iterdir()):
        return False
    refusal = UserError(f"{out} 里已有别的内容，没有改动它", "示例医院要放在一个新的或空的文件夹里，请换一个位置。")
    if not (workspace / "workspace.sqlite3").is_file():
        raise refusal
    session = open_workspace(workspace, "示例", write=False)
    try:
        if session.assessment.id != IDENTITY:
            raise refusal
    finally:
        close(session)
    return True


def _written(session: Session, out: Path, workspace: Path, there: bool, progress: Progress | None) -> Outcome:
    package, pdf, xlsx, scored = (out / name for name in _NAMES)
    document = score_json(session.pack, session.score, session.groups)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_bytes(scored, text.encode())
    write_pdf(session, pdf, progress)
    write_xlsx(session, xlsx, progress)
    if there:
        create_package(session, package, progress)  # it reads the package back itself
    deck = out / f"核查反馈-{find_group(session, _GROUP).name}.pptx"
    spoken = any(opinion.group == _GROUP for opinion in session.assessment.opinions.values())
    if spoken:
        review_deck(session, _GROUP, deck, progress)
    if json.loads(scored.read_text(encoding="utf-8")) != document:
        raise UserError(f"{scored} 读回来与写入的不同", "请检查磁盘，再运行一次。")
    for file, shape in ((pdf, Shape.PAGES), (xlsx, Shape.TABLE)):
        _check_readable(file, shape)
    extracts = _extracts(session, out / _EXTRACTS, progress)
    slides = deck if spoken else None
    return Outcome(workspace, package, pdf, xlsx, scored, extracts, slides, _summary(session, out, there, slides))


_NAMES = ("实证材料包.zip", "差距报告.pdf", "差距报告.xlsx", "score.json")
_EXTRACTS = "数据抽取"
_GROUP = "ward"


def _extracts(session: Session, folder: Path, progress: Progress | None) -> Path:
    """The extracts file in `folder`, made where there is none yet."""
    from emrassess.demonstration.extracts import EXTRACTS_FILE, make_extracts  # noqa: PLC0415 - DuckDB takes a while

    if not folder.exists():
        make_extracts(folder, session.pack, progress=progress)
    return folder / EXTRACTS_FILE


def _check_readable(file: Path, shape: Shape) -> None:
    """The report opens as what it is; UserError else."""
    with file.open("rb") as opened:
        media = media_type(file.name, opened.read(64))
    found = preview(file, Revision("", file.name, file.stat().st_size, media, "", ""))
    if found.shape is not shape:
        raise UserError(f"{file} 写好后读不回来：{found.note}", "请检查磁盘，再运行一次。")


def _summary(session: Session, out: Path, there: bool, deck: Path | None) -> str:
    assessment, score = session.assessment, session.score
    goal = score.levels[score.target]
    made = "已有示例，按其中现在的内容重新评分和写报告" if there else "示例医院已建好，内容全部虚构"
    outcome = f"目标 {score.target} 级，{_OUTCOMES[goal.outcome]}"
    attained = f"达到等级：确定 {score.certain} 级，可能 {score.possible} 级"
    total = f"总分 {score.total:.2f}，{score.target} 级最低 {session.plan.minimum}"
    lines = [
        f"{made}：{assessment.hospital}",
        f"{outcome}；{attained}；{total}",
        *(f"  · {reason_text(reason, session.pack)}" for reason in goal.reasons),
        f"实证材料 {len(assessment.evidence)} 件，有材料的条款 {len(session.states)} 条",
        f"专家核查意见 {len(assessment.opinions)} 条，整改台账 {len(assessment.findings)} 个问题（专家也是虚构的）",
        f"都在 {out}：",
        "  workspace/　工作区（用 emrassess 打开）",
        f"  {_NAMES[0]}　实证材料包，解压后用浏览器打开 index.html（已读回校验）",
        f"  {_NAMES[1]}　{_NAMES[2]}　{_NAMES[3]}",
        *([f"  {deck.name}　病房组的核查反馈"] if deck else []),
        f"  {_EXTRACTS}/　虚构的数据抽取，其中的 extracts.yaml 可在“数据质量”页打开；应得的结果在 truth.json",
    ]
    return "\n".join(lines)
