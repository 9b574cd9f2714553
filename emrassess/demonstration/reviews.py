"""The experts' first visit to the demonstration hospital, made by the services that experts and hospitals use: the
package is opened, opinions are written, sent home and imported, and the hospital works on its ledger."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from pydantic import Field

from emrassess import paths
from emrassess.demonstration.clock import Clock
from emrassess.demonstration.data import Demonstration, Moment, PictureData, Text
from emrassess.demonstration.drawing.screens import draw
from emrassess.demonstration.evidence import shot
from emrassess.domain.ledger import FindingState, finding_id
from emrassess.domain.review import ROUND_ONE, ExpertVerdict, Severity
from emrassess.services import ledger, merging, reviewing
from emrassess.services.review_files import export_review
from emrassess.services.session import Progress, Session, close, open_workspace
from emrassess.typed_yaml import Model, read_marked, validate

# So that the files' ids, and all that comes of them, are the same each time.
_OPENING = "emrassess-demonstration-review"


class OpinionData(Model):
    """What an expert says of a clause."""

    verdict: Annotated[ExpertVerdict, Field(strict=False)]
    place: Text
    seen: Text
    problem: str = ""
    severity: Annotated[Severity, Field(strict=False)] = Severity.NONE
    suggestion: str = ""


class GroupData(Model):
    """What a review group writes from `at` on, opinions by clause."""

    group: Text
    expert: Text
    at: Moment
    opinions: dict[str, OpinionData]


class PhotoData(PictureData):
    """A picture taken on site, drawn as a screen is."""

    photo_of: Text
    group: Text
    clauses: list[Text] = Field(default_factory=list)


class LineData(Model):
    """What the hospital does about a finding."""

    department: Text
    owner: Text
    deadline: Text
    measures: str = ""
    supervised: bool = False
    started: bool = False
    proof: bool = False


class ReviewsFile(Model):
    """reviews.yaml; `ledger` by clause."""

    format: Literal["emrassess-demonstration-reviews/1"]
    opened: Moment
    imported: Moment
    groups: list[GroupData]
    photos: list[PhotoData]
    ledger: dict[str, LineData]


@lru_cache(maxsize=1)
def load_reviews() -> ReviewsFile:
    """Read the shipped data; FileProblems names each fault."""
    file = paths.resources_dir() / "demonstration" / "reviews.yaml"
    return validate(read_marked(file, file.name), ReviewsFile)


def visit(session: Session, package: Path, data: Demonstration, clock: Clock, progress: Progress) -> None:
    """Let the experts see the hospital of `session`, of which `package` was just made."""
    told = load_reviews()
    clock.go_to(_moment(told.opened))
    with TemporaryDirectory(prefix="emrassess-demo-") as name:
        folder = Path(name) / "review"
        first = told.groups[0]
        reviewing.open_as_expert(package, folder, first.expert, group=first.group, clock=clock, review_id=_OPENING)
        there = open_workspace(folder, first.expert, clock=clock)
        try:
            files = [_review(there, group, data, clock, folder.parent) for group in told.groups]
        finally:
            close(there)
        progress(1, 2, "导入示例专家的核查结果")
        clock.go_to(_moment(told.imported))
        outcome = merging.merge(session, files)
    if refused := [file.refused for file in outcome.files if file.refused]:
        raise RuntimeError(refused[0])
    _work_off(session, told.ledger)
    progress(2, 2, "填写示例整改台账")


def _review(there: Session, group: GroupData, data: Demonstration, clock: Clock, folder: Path) -> Path:
    """The review file of a group."""
    clock.go_to(_moment(group.at))
    reviewing.set_expert(there, group.expert)
    reviewing.set_group(there, group.group)
    for clause, said in group.opinions.items():
        reviewing.record(
            there,
            clause,
            verdict=said.verdict,
            seen=said.seen,
            problem=said.problem,
            severity=said.severity,
            suggestion=said.suggestion,
            place=said.place,
        )
    for seed, photo in enumerate(load_reviews().photos):
        if photo.group == group.group:
            picture = draw(photo.screen, shot(data, photo, 1000 + seed))
            reviewing.add_photos(there, photo.photo_of, [(picture, f"现场-{photo.title}.png")], title=photo.title)
    out = folder / f"{group.group}.zip"
    export_review(there, group.group, out, sign=False)
    return out


def _work_off(session: Session, lines: Mapping[str, LineData]) -> None:
    for clause, line in lines.items():
        key = finding_id(clause, ROUND_ONE)
        ledger.assign(
            session,
            [key],
            department=line.department,
            owner=line.owner,
            deadline=line.deadline,
            measures=line.measures,
            supervised=line.supervised,
        )
        if line.proof:
            ledger.attach_proof(session, key, [session.evidence_by_clause[clause][0].id])
            ledger.move(session, [key], FindingState.DONE)
        elif line.started:
            ledger.move(session, [key], FindingState.IN_PROGRESS)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M")
