"""What an expert noted in a file of his own (YAML or JSON): clause id to verdict, problem, suggestion, severity.

```yaml
"01.01.4(1)": confirmed
"01.01.4(2)":
  verdict: partly            # confirmed, partly, not_confirmed, not_shown; or 属实, 部分属实, 不属实, 未能演示
  seen: 抽查 5 份医嘱
  problem: 执行时间没有秒
  suggestion: 按系统时间自动记录
  severity: ordinary         # serious, ordinary, minor, or 严重, 一般, 轻微
  place: ward                # code or name of a place
  photos: [现场.jpg]         # beside this file
```
A `format: emrassess-verdicts/1` at the head may say what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from emrassess.domain.pack import Pack
from emrassess.domain.review import EXPERT_VERDICT_NAMES, SEVERITY_NAMES, ExpertVerdict, Severity
from emrassess.domain.route import place_names
from emrassess.errors import FileProblems, Problem
from emrassess.typed_yaml import Marked, read_marked

T = TypeVar("T")

FORMAT = "emrassess-verdicts/1"
_TEXTS = ("seen", "problem", "suggestion")
_KEYS = ("verdict", "severity", "place", "photos", *_TEXTS)
_VERDICTS: Mapping[str, ExpertVerdict] = {
    **{verdict.value: verdict for verdict in ExpertVerdict if verdict},
    **{name: verdict for verdict, name in EXPERT_VERDICT_NAMES.items() if verdict},
    "partly_confirmed": ExpertVerdict.PARTLY,
    "partial": ExpertVerdict.PARTLY,
}
_SEVERITIES: Mapping[str, Severity] = {
    **{severity.value: severity for severity in Severity if severity},
    **{name: severity for severity, name in SEVERITY_NAMES.items() if severity},
    **dict.fromkeys(("major", "high"), Severity.SERIOUS),
    **dict.fromkeys(("moderate", "medium"), Severity.ORDINARY),
    "low": Severity.MINOR,
}


@dataclass(frozen=True)
class Noted:
    """What is noted about a clause; None: nothing said. `photos`: files as they are to be found from here."""

    clause: str
    verdict: ExpertVerdict | None = None
    seen: str | None = None
    problem: str | None = None
    severity: Severity | None = None
    suggestion: str | None = None
    place: str | None = None
    photos: tuple[Path, ...] = ()


def read_verdicts(file: Path, pack: Pack) -> tuple[Noted, ...]:
    """What `file` says, in its order. FileProblems names every fault with its line; UserError if unreadable."""
    return _Reading(read_marked(file), file.parent, pack).noted()


class _Reading:
    """One file being read: goes through all of it and collects every fault before giving up."""

    def __init__(self, marked: Marked, folder: Path, pack: Pack) -> None:
        self.marked = marked
        self.folder = folder
        self.pack = pack
        self.places = {**{name: code for code, name in place_names(pack).items()}, **{c: c for c in place_names(pack)}}
        self.problems: list[Problem] = []

    def noted(self) -> tuple[Noted, ...]:
        data = self.marked.data
        if not isinstance(data, dict) or not data:
            raise FileProblems([self.marked.problem((), "应为条款编号到核查结论的键值对")])
        found = [self._one(clause, told) for clause, told in data.items() if clause != "format"]
        if data.get("format", FORMAT) != FORMAT:
            self._note(("format",), f"格式应为 {FORMAT}")
        if self.problems:
            raise FileProblems(self.problems)
        return tuple(found)

    def _one(self, clause: str, told: object) -> Noted:
        if clause not in self.pack.clause_by_id:
            self._note((clause,), f"标准里没有条款“{clause}”")
        if isinstance(told, str):
            told = {"verdict": told}
        if not isinstance(told, dict):
            self._note((clause,), "应为核查结论，或写有 verdict、problem、suggestion、severity 的键值对")
            return Noted(clause)
        for key in told:
            if key not in _KEYS:
                self._note((clause, key), f"不认识的键“{key}”，可用的键：{'、'.join(_KEYS)}")
        return Noted(
            clause,
            verdict=self._choice(clause, told, "verdict", _VERDICTS),
            severity=self._choice(clause, told, "severity", _SEVERITIES),
            place=self._choice(clause, told, "place", self.places),
            photos=self._photos(clause, told),
            **{name: self._text(clause, told, name) for name in _TEXTS},
        )

    def _choice(self, clause: str, told: Mapping[str, object], key: str, known: Mapping[str, T]) -> T | None:
        written = told.get(key)
        if written is None:
            return None
        choice = known.get(str(written).strip().lower().replace(" ", "_").replace("-", "_"))
        if choice is None:
            self._note((clause, key), f"“{str(written)[:40]}”不在可选的里面：{'、'.join(known)}")
        return choice

    def _text(self, clause: str, told: Mapping[str, object], key: str) -> str | None:
        written = told.get(key)
        if written is None or isinstance(written, str):
            return written
        self._note((clause, key), "应为文字；数字、日期请加引号")
        return None

    def _photos(self, clause: str, told: Mapping[str, object]) -> tuple[Path, ...]:
        written = told.get("photos", [])
        names = [written] if isinstance(written, str) else written
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            self._note((clause, "photos"), "应为照片文件名的列表")
            return ()
        found = tuple(self.folder / name for name in names)
        for index, photo in enumerate(found):
            if not photo.is_file():
                self._note((clause, "photos", index), f"找不到照片文件 {photo.name}")
        return found

    def _note(self, path: tuple[str | int, ...], message: str) -> None:
        self.problems.append(self.marked.problem(path, message))
