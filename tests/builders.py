"""Small makers of test data, in the domain's words."""

from collections.abc import Mapping, Sequence

from emrassess.domain.answers import Answers, Ratio, Verdict
from emrassess.domain.pack import Dimension, Pack


def ratio(text: str) -> Ratio:
    """ "950/1000" or "0.95"."""
    if "/" in text:
        numerator, denominator = text.split("/")
        return Ratio.counted(int(numerator), int(denominator))
    return Ratio.plain(text)


def met_through(pack: Pack, levels: Mapping[str, int]) -> dict[str, Verdict]:
    """Every clause of each item up to its level met."""
    return {
        clause.id: Verdict.MET
        for code, level in levels.items()
        for clause in pack.item_by_code[code].clauses_through(level)
    }


def clauses_through(pack: Pack, item: str, level: int) -> list[str]:
    """Ids of the item's clauses up to and with `level`."""
    return [clause.id for clause in pack.item_by_code[item].clauses_through(level)]


def answers(
    pack: Pack,
    *,
    target: int = 5,
    through: Mapping[str, int] | None = None,
    met: Sequence[str] = (),
    coverage: Mapping[str, Mapping[int, str]] | None = None,
    quality: Mapping[str, Mapping[int, Mapping[str, str]]] | None = None,
) -> Answers:
    """Answers from texts, as an answers file has them."""
    return Answers(
        pack.id,
        target,
        {**met_through(pack, through or {}), **dict.fromkeys(met, Verdict.MET)},
        {code: {level: ratio(r) for level, r in rows.items()} for code, rows in (coverage or {}).items()},
        {
            code: {level: {Dimension(d): ratio(r) for d, r in row.items()} for level, row in rows.items()}
            for code, rows in (quality or {}).items()
        },
    )
