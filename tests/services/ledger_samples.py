"""A ledger as a review leaves it, for the tests of the ledger."""

from collections.abc import Mapping
from dataclasses import replace

from emrassess.domain.assessment import Assessment, PacketInfo, Sender
from emrassess.domain.review import ExpertVerdict, Opinion, ReviewInfo, Severity
from emrassess.services.ledger import follow
from emrassess.services.session import Session
from emrassess.storage.changes import Change, applied, opinion_change, setting_change

A, B, C = "01.01.4(1)", "01.01.4(2)", "02.01.3(1)"
A1, B1, C1 = f"{A}#1", f"{B}#1", f"{C}#1"
REVIEW = ReviewInfo("r", "whole", "示例医院", 1, "", "专家甲", "ward", {})
PACKET = PacketInfo("p", "whole", "d", "护理部", "", "", "示例医院", Sender("张三", "信息科"), (A,), {})


def opinion(problem: str = "", verdict: ExpertVerdict = ExpertVerdict.PARTLY, round: int = 1, **more: str) -> Opinion:
    """What an expert of the ward group says."""
    said = Opinion(verdict, problem=problem, by="专家甲", group="ward", round=round, at="2026-11-20T09:00:00+08:00")
    return replace(said, severity=Severity.ORDINARY, suggestion="请改正", **more)


def imported(session: Session, opinions: Mapping[str, Opinion]) -> None:
    """What importing a review file with these opinions comes to."""
    before = session.assessment
    changes: list[Change] = [opinion_change(before, clause, said) for clause, said in opinions.items()]
    after = with_changes(before, changes)
    session.write("导入核查意见", [*changes, *follow(before, after, session.workspace.now())])


def with_changes(before: Assessment, changes: list[Change]) -> Assessment:
    """The assessment after them."""
    return applied(before, [change for change in changes if change.before != change.after])


def with_setting(session: Session, name: str, value: object) -> None:
    """A setting changed, whatever a service would say to it."""
    session.workspace.apply("设定", [setting_change(session.assessment, name, value)])


def three(session: Session) -> None:
    """A serious finding, an ordinary and a minor one."""
    imported(
        session,
        {
            A: replace(opinion("截图没有时间"), severity=Severity.SERIOUS),
            B: replace(opinion("未见医院名称"), group="data"),
            C: replace(opinion("闭环缺环节", ExpertVerdict.NOT_CONFIRMED), severity=Severity.MINOR),
        },
    )
