"""Sentences of a review group's feedback that slides, PDF and Word share."""

from emrassess.domain.answers import VERDICT_NAMES
from emrassess.domain.review import EXPERT_VERDICT_NAMES, ROUND_ONE, SEVERITY_NAMES, ExpertVerdict
from emrassess.domain.verified import STANDS_NAMES, Stands
from emrassess.reports.fitting import one_line
from emrassess.reports.review_content import DAYS, FindingLine, NextStep, ReviewContent
from emrassess.reports.review_figures import Measure
from emrassess.reports.wording import OUTCOME_NAMES, day, minute

TITLE = "专家核查反馈意见"
MEASURE_HEADS = ("指标", "医院自评", "核查后（未看到的按自评计）", "其中已经核实")
PROGRESS_NOTE = (
    "整条为到目标等级的全部条款；自评达标的分为属实、待核查（没有看或未能演示）、不成立（部分属实或不属实）。"
)
OPINION_LINE = "医院意见（以上问题是否属实，对整改建议有无不同意见）："
SIGNERS = ("院长", "分管院长", "信息科负责人")
NO_FINDINGS = "本组在已核查的条款中没有发现问题。"
NOTHING_TO_MEND = "没有要整改的问题。"


def heading(content: ReviewContent) -> str:
    """What the document is, and whose."""
    return f"{TITLE}（{content.group.name}）"


def facts(content: ReviewContent) -> tuple[tuple[str, str], ...]:
    """On what the feedback rests, as name and value."""
    return (
        ("评价标准", content.standard),
        ("目标等级", f"{content.target} 级　{content.target_name}"),
        ("核查", f"{content.round_name}，{content.group.name}"),
        ("专家", "、".join(content.experts) or "（未填写姓名）"),
        ("核查日期", content.dates or "（未记录）"),
        ("反馈日期", day(content.created)),
    )


def looked_at(content: ReviewContent) -> tuple[tuple[str, str], ...]:
    """How many clauses there were to see, and what came of it: name and figure."""
    tally = content.tally
    shown = [verdict for verdict in ExpertVerdict if verdict is not ExpertVerdict.OPEN]
    counts = ((EXPERT_VERDICT_NAMES[verdict], f"{tally.by_verdict[verdict]}") for verdict in shown)
    return (("应核查条款", f"{tally.total}"), ("已核查", f"{tally.looked_at}"), *counts)


def verdict_sentences(content: ReviewContent) -> tuple[str, ...]:
    """Whether the target still stands, and what fell."""
    tally, checked = content.tally, content.verified
    claimed = checked.claimed.levels[content.target].outcome
    first = f"目标 {content.target} 级：自评{OUTCOME_NAMES[claimed]}"
    attained = checked.claimed.certain
    if content.stands is not Stands.NOT_CLAIMED:
        first += f"；按现有各组的核查意见，{STANDS_NAMES[content.stands]}"
    elif attained:
        first += f"；自评已达到 {attained} 级，按现有各组的核查意见，{STANDS_NAMES[checked.stands[attained]]}"
    left = tally.total - tally.looked_at
    rest = f"，还有 {left} 条未核查" if left else ""
    now = "" if content.round == ROUND_ONE else f"（本次 {content.this_round} 条）"
    second = f"本组应核查 {tally.total} 条，已核查 {tally.looked_at} 条{now}{rest}。"
    return f"{first}。", f"{second}自评达标的 {tally.claimed} 条中，{tally.fallen} 条经核查不成立。"


def severity_sentence(content: ReviewContent) -> str:
    """How many findings, by severity."""
    if not content.findings:
        return NO_FINDINGS
    counts = "，".join(f"{SEVERITY_NAMES[severity]} {count} 个" for severity, count in content.by_severity.items())
    return f"共发现问题 {len(content.findings)} 个：{counts}。"


def measure_row(measure: Measure) -> tuple[str, str, str, str]:
    """A figure as a row under MEASURE_HEADS."""
    return measure.name, measure.claimed, measure.at_most, measure.at_least


def verdicts(line: FindingLine) -> str:
    """What the hospital claims, and what the experts say to it."""
    return f"自评：{VERDICT_NAMES[line.claim]}　核查：{EXPERT_VERDICT_NAMES[line.opinion.verdict]}"


def circumstances(line: FindingLine) -> tuple[str, ...]:
    """Where, by whom and when it was found, and how far it is since."""
    by = " ".join(filter(None, (one_line(line.opinion.by), minute(line.opinion.at))))
    found = [f"地点：{one_line(line.place)}" if line.place.strip() else "", by]
    found.append(f"台账：{line.state}" if line.state else "")
    found.append("挂牌督办" if line.supervised else "")
    found.append(f"{line.found_in}时提出" if line.found_in else "")
    found.append("高于目标等级的条款" if line.beyond else "")
    return tuple(filter(None, found))


def deadline(line: FindingLine | NextStep) -> str:
    """The date by which it has to be mended, and whether that is only proposed."""
    return f"{line.deadline}（建议）" if line.proposed else line.deadline


def responsible(line: FindingLine) -> str:
    """Who mends it by when."""
    who = one_line(line.who) or "责任科室待定"
    return f"{who}，{'建议期限' if line.proposed else '期限'} {line.deadline}"


def numbered(step: NextStep) -> str:
    """The findings of a step: number and clause."""
    return "；".join(f"{line.number}. {line.clause}" for line in step.findings)


def proposals_note(content: ReviewContent) -> str:
    """What the dates that nobody has set rest on; "" where there are none."""
    if not any(step.proposed for step in content.steps):
        return ""
    days = (f"{SEVERITY_NAMES[severity]} {DAYS[severity]} 天" for severity in content.by_severity)
    return f"注“建议”的期限是专家组的建议，自反馈之日起：{'，'.join(days)}；以医院与专家组商定的为准。"


def about(line: FindingLine) -> str:
    """Everything by which a finding can be traced: ids and digests, for the speaker."""
    said = line.opinion
    rows = [
        f"问题 {line.number}　条款 {line.clause}　{line.item} {line.item_name}",
        f"{verdicts(line)}　严重程度：{SEVERITY_NAMES[line.severity]}　{'　'.join(circumstances(line))}",
    ]
    rows += [
        f"专家照片 {shot.id}：{shot.title or shot.file_name}（{shot.file_name}）SHA-256 {shot.sha256}"
        for shot in line.shots if shot.by_expert
    ]  # fmt: skip
    rows += [
        f"医院材料 {piece.id}：{piece.title or piece.current.file_name}（{piece.current.file_name}）"
        f"SHA-256 {piece.current.sha256}"
        for piece in line.pieces
    ]
    if line.claim_note.strip():
        rows.append(f"医院自评说明：{one_line(line.claim_note)}")
    rows.append(f"专家组代码 {said.group or '未记'}，第 {said.round} 轮")
    return "\n".join(rows)
