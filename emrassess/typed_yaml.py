"""YAML and JSON files read into typed models, every fault with file, line, key and what was expected.

PyYAML gives the positions, pydantic the types; this joins the two. JSON is read as the YAML it is.
"""

from collections.abc import Hashable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from emrassess.errors import FileProblems, Problem, UserError, why_unreadable

MAX_BYTES = 20_000_000
MAX_DEPTH = 40
_MOST_SHOWN = 80
_TOO_LARGE = 10**18

Place = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


_NOT_TOLD: set[str] = set()


class Model(BaseModel):
    """Base of all file models: unknown keys are refused, nothing is coerced, values cannot change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def model_post_init(self, context: Any, /) -> None:  # noqa: ARG002 - pydantic's name
        """Nobody asks which keys were given: a set of them is the largest part of a model with a dozen short values."""
        object.__setattr__(self, "__pydantic_fields_set__", _NOT_TOLD)


class Number(float):
    """A number with a decimal point, with its `text` as it stands in the file: a float alone would round it."""

    text: str

    def __new__(cls, value: float, text: str) -> "Number":
        number = super().__new__(cls, value)
        number.text = text
        return number


class Marked:
    """A document as plain data, with the line of every key and value."""

    def __init__(self, name: str, data: object, lines: dict[Place, int]) -> None:
        self.name = name
        self.data = data
        self._lines = lines

    def line(self, path: Iterable[str | int]) -> int:
        """The line (from 1) of the value at `path`, or of its nearest ancestor that is there."""
        place = tuple(path)
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def problem(self, path: Iterable[str | int], message: str) -> Problem:
        """A fault at `path`, its key written out."""
        place = tuple(path)
        key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        return Problem(self.name, self.line(place), f"{key}：{message}" if key else message)


def read_marked(file: Path, name: str | None = None) -> Marked:
    """Read one YAML or JSON file. FileProblems where it is no UTF-8, no YAML, too large, too deep, or repeats a key."""
    shown = name or str(file)
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise FileProblems([Problem(shown, 0, f"文件超过 {MAX_BYTES // 1_000_000} MB，不是本程序的文件")])
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(shown, 0, f"不是 UTF-8 编码（第 {error.start} 字节）")
        raise FileProblems([problem], "请另存为 UTF-8 编码后再试。") from None
    except OSError as error:
        raise UserError(f"无法读取文件 {shown}：{why_unreadable(error)}", "请检查文件是否存在、能否打开。") from None
    return parse_marked(text, shown)


def parse_marked(text: str, name: str) -> Marked:
    """Parse YAML or JSON text; FileProblems as for `read_marked`."""
    loader = _Loader(text)
    try:
        _check_depth(text, name)
        node = loader.get_single_node()
        if node is None:
            raise FileProblems([Problem(name, 1, "文件是空的")])
        builder = _Builder(name, loader)
        data = builder.build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FileProblems([Problem(name, mark.line + 1 if mark else 0, f"不是有效的 YAML：{error.problem}")]) from None
    except ValueError:  # in the library's words: too many digits, no such day
        raise FileProblems([Problem(name, 0, "不是有效的 YAML：有不能识别的数字或日期")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise FileProblems([Problem(name, 0, f"不是有效的 YAML：{error}")]) from None
    finally:
        loader.dispose()
    if builder.problems:
        raise FileProblems(builder.problems)
    return Marked(name, data, builder.lines)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting from the events alone: building nodes recurses in C, and too deep ends the whole process."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise FileProblems([Problem(name, line, f"嵌套超过 {MAX_DEPTH} 层")])


def is_endless(contents: Iterable[bytes], most: int) -> bool:
    """Whether YAML files from outside have more than `most` parts together; reading such takes minutes.

    Where one is no YAML, what is behind that is not looked at: nobody will read it either.
    """
    left = most
    for content in contents:
        with suppress(yaml.YAMLError):
            for _ in yaml.parse(content, _Loader):
                left -= 1
                if left < 0:
                    return True
    return False


class _Builder:
    def __init__(self, name: str, loader: Any) -> None:
        self.name = name
        self.loader = loader
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, path: Place) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen:
            raise FileProblems([Problem(self.name, line, "不支持引用（& 和 *）")])
        self._seen.add(id(node))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
            case _:
                value = self._scalar(node)
                return Number(value, node.value) if isinstance(value, float) else value

    def _scalar(self, node: yaml.Node) -> Any:
        value = self.loader.construct_object(node, deep=True)
        if isinstance(value, int) and abs(value) >= _TOO_LARGE:
            raise FileProblems([Problem(self.name, node.start_mark.line + 1, "数字太大")])
        return value

    def _mapping(self, node: yaml.MappingNode, path: Place) -> dict[Hashable, object]:
        found: dict[Hashable, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str | int):
                self.problems.append(Problem(self.name, line, "键必须是文字或整数"))
                continue
            if key in found:
                self.problems.append(Problem(self.name, line, f"键“{key}”重复"))
                continue
            self.lines[(*path, key)] = line
            found[key] = self.build(value_node, (*path, key))
        return found


def validate(marked: Marked, model: type[M]) -> M:
    """`marked` as `model`; FileProblems with every fault, in the order of lines."""
    try:
        return model.model_validate(marked.data)
    except ValidationError as error:
        problems = [_problem(marked, detail) for detail in error.errors(include_url=False)]
        raise FileProblems(sorted(set(problems), key=lambda p: p.line)) from None


def _problem(marked: Marked, detail: ErrorDetails) -> Problem:
    data: Any = marked.data
    place: list[str | int] = []
    for step in detail["loc"]:
        # A union's branch name and "[key]" stand in pydantic's path, but not in the file.
        children: Any = dict(enumerate(data)) if isinstance(data, list) else data
        if isinstance(children, dict) and step in children:
            data = children[step]
        elif detail["type"] == "missing" and step == detail["loc"][-1]:
            pass
        else:
            continue
        place.append(step)
    if detail["type"] == "missing":
        return marked.problem(place[:-1], f"缺少必填的键“{place[-1]}”")
    return marked.problem(place, _message(detail))


_EXPECTED = {
    "string_type": "应为文字",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "dict_type": "应为键值对",
    "model_type": "应为键值对",
    "model_attributes_type": "应为键值对",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
}


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return "不认识的键"
        case "literal_error" | "enum":
            return f"应为 {context['expected'].replace(' or ', ' 或 ')}，现在是“{_shown(detail['input'])}”"
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            return f"“{_shown(detail['input'])}”不符合格式 {context['pattern']}"
        case "string_too_short" | "too_short":
            return "不能为空"
        case "string_too_long":
            return f"太长：最多 {context['max_length']} 个字"
        case "too_long":
            return f"太多：最多 {context['max_length']} 个"
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            bounds = {"ge": "≥", "le": "≤", "gt": ">", "lt": "<"}
            limit = next(f"{sign} {context[name]}" for name, sign in bounds.items() if name in context)
            return f"应 {limit}，现在是 {_shown(detail['input'])}"
        case kind if kind in _EXPECTED:
            return f"{_EXPECTED[kind]}，现在是“{_shown(detail['input'])}”"
        case _:
            return detail["msg"]


def _shown(value: object) -> str:
    """`value` as a message shows it: files from outside may hold endless ones, nested as deep as can be."""
    match value:
        case dict():
            return "键值对"
        case list():
            return "列表"
        case _:
            text = str(value)
            return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}……"


def dump_yaml(data: object) -> str:
    """Plain data as YAML text: keys in the given order, Chinese readable."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
