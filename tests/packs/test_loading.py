"""Packs at load: the shipped ones are complete, a malformed one names every fault with its place."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from emrassess import paths
from emrassess.domain.pack import Category, Dimension, Pack
from emrassess.errors import FileProblems, UserError
from emrassess.packs.library import known_packs, load_known
from emrassess.packs.loading import load_pack
from emrassess.packs.schema import schemas
from emrassess.packs.showing import pack_json

HEAD = """\
format: emrassess-pack/1
id: small
version: "1.0"
name: 小标准
standard: 测试用标准
document_number: 无
roles:
  "01": 甲角色
scheme:
  kind: product-2018
  basic_coverage: "0.80"
  optional_coverage: "0.50"
  quality: "0.50"
  requirements:
    - {level: 1, name: 一级, basic_items: 1, optional_required: 0, optional_total: 0, minimum_score: 1}
groups:
  - {code: ward, name: 病房组, roles: ["01"]}
glossary: {}
"""
ROLE = """\
role: "01"
name: 甲角色
items:
  - code: "01.01"
    name: 甲项目
    coverage: {kind: ratio, numerator: 达到的人次, denominator: 全部人次}
    quality: true
    levels:
      - level: 1
        category: basic
        summary: 一级要求
        clauses:
          - id: "01.01.1(1)"
            text: 医师在计算机上开医嘱
            evidence: 医嘱页截图。现场：开一条
"""
QUALITY = """\
tables:
  orders: {name: 医嘱记录, fields: {order_no: 医嘱号, ordered_at: {name: 下达时间, type: time}}}
dictionaries:
  items: {name: 字典, fields: {code: 编码}}
checks:
  "01.01.1":
    completeness:
      - {kind: filled, left: {table: orders, fields: [order_no, ordered_at]}}
"""


def written(folder: Path, head: str = HEAD, role: str = ROLE, quality: str = QUALITY) -> Path:
    for name, text in (("pack.yaml", head), ("role-01.yaml", role), ("quality.yaml", quality)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(FileProblems) as caught:
        load_pack(folder)
    return [(Path(p.file).name, p.line, p.message) for p in caught.value.problems]


@pytest.mark.parametrize("pack_id", [ref.id for ref in known_packs() if ref.shipped])
def test_every_shipped_pack_loads_and_is_complete(pack_id: str) -> None:
    pack = load_known(pack_id)
    assert pack.id == pack_id
    for item in pack.items:
        assert item.rows, item.code
        for row in item.rows:
            assert row.clauses and row.summary, row.code
            if row.rules:
                assert item.has_quality, row.code
    in_groups = [code for group in pack.groups for code in group.items]
    assert sorted(in_groups) == sorted(pack.item_by_code)


def test_the_national_pack_has_the_standard_s_numbers(pack: Pack) -> None:
    assert len(pack.items) == 39
    assert len(pack.clause_by_id) == 738
    cells = [row.category for item in pack.items for row in item.rows]
    assert sum(c is not Category.UNVERIFIED for c in cells) == 45
    assert sum(c is Category.UNVERIFIED for c in cells) == 263
    checks = [(row.code, d) for item in pack.items for row in item.rows for d in row.dimensions]
    assert len(checks) == 216
    assert {i.code for i in pack.items if i.coverage.functional} == {"08.02", "09.03", "10.01", "10.03"}
    for requirement in pack.requirements:
        rows = sum(requirement.level in item.by_level for item in pack.items)
        assert requirement.basic_items + requirement.optional_total == rows


def test_hints_are_written_for_their_clause(pack: Pack) -> None:
    hints = [clause.evidence for clause in pack.clause_by_id.values()]
    assert len(set(hints)) == len(hints)
    assert not [h for h in hints if "相关截图" in h or "现场：" not in h]


def test_a_small_pack_loads(tmp_path: Path) -> None:
    pack = load_pack(written(tmp_path))
    row = pack.items[0].rows[0]
    assert [rule.id for rule in row.rules] == ["01.01.1.completeness.1", "01.01.1.completeness.2"]
    assert row.dimensions == (Dimension.COMPLETENESS,)
    assert row.rules[0].source == "附件4 01.01.1 完整性"
    assert pack.tables["orders"].times == {"ordered_at"}


def test_every_fault_of_every_file_is_named_with_its_line(tmp_path: Path) -> None:
    head = HEAD.replace("basic_items: 1", "basic_items: 一").replace("standard: 测试用标准\n", "")
    role = ROLE.replace("category: basic", "category: maybe").replace("quality: true", "quality: true\n    colour: red")
    quality = QUALITY.replace("fields: [order_no, ordered_at]", "fields: [order_no, price]")
    found = faults(written(tmp_path, head, role, quality))
    assert ("pack.yaml", 1, "缺少必填的键“standard”") in found
    assert any(n == "pack.yaml" and at == 14 and "basic_items：应为整数，现在是“一”" in text for n, at, text in found)
    assert any(name == "role-01.yaml" and line == 11 and "maybe" in text for name, line, text in found)
    assert any(name == "role-01.yaml" and line == 8 and "不认识的键" in text for name, line, text in found)
    assert any(name == "quality.yaml" and line == 8 and "price" in text for name, line, text in found)


@pytest.mark.parametrize(
    ("change", "line", "expected"),
    [
        (('id: "01.01.1(1)"', 'id: "01.01.1(2)"'), 13, "应为“01.01.1(1)”"),
        (('code: "01.01"', 'code: "02.01"'), 4, "不属于工作角色“01”"),
        (("numerator: 达到的人次, ", ""), 6, "缺少“numerator”"),
        (("name: 甲角色", "name: 乙角色"), 2, "pack.yaml 里叫“甲角色”"),
        (("    quality: true\n", "    quality: true\n    quality: false\n"), 8, "重复"),
        (('role: "01"', "role: 01"), 1, "应为文字"),
    ],
)
def test_faults_of_a_role_file(tmp_path: Path, change: tuple[str, str], line: int, expected: str) -> None:
    found = faults(written(tmp_path, role=ROLE.replace(*change, 1)))
    assert any(name == "role-01.yaml" and at == line and expected in text for name, at, text in found), found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{kind: matched, left: {table: orders, fields: [order_no]}}", "缺少 right"),
        (
            "{kind: matched, left: {table: orders, fields: [order_no]}, "
            "right: {dictionary: items, fields: [code, code]}}",
            "字段数不同",
        ),
        (
            '{kind: ordered, operator: "<", left: {table: orders, fields: [order_no], keys: [order_no]}, '
            "right: {table: orders, fields: [ordered_at], keys: [order_no]}}",
            "不是时间",
        ),
        ("{kind: prose}", "reason"),
        ("{kind: filled, left: {table: nowhere, fields: [a]}}", "没有逻辑表“nowhere”"),
    ],
)
def test_faults_of_a_quality_rule(tmp_path: Path, line: str, expected: str) -> None:
    quality = QUALITY.replace("{kind: filled, left: {table: orders, fields: [order_no, ordered_at]}}", line)
    found = faults(written(tmp_path, quality=quality))
    assert any(at == 8 and expected in text for _, at, text in found), found


POINTS_HEAD = (
    HEAD[: HEAD.index("scheme:")]
    + """\
scheme: {kind: role-points, pass_share: "0.80", levels: [{level: 1, name: 一级}]}
groups:
  - {code: ward, name: 病房组, roles: ["01"]}
"""
)
POINTS_ROLE = (
    ROLE.replace("    coverage: {kind: ratio, numerator: 达到的人次, denominator: 全部人次}\n", "")
    .replace("        category: basic\n", "")
    .replace("            evidence: 医嘱页截图。现场：开一条\n", '            points: "2.5"\n')
)
POINTS_QUALITY = 'checks: {"01.01.1": {currency: [{kind: prose, reason: 没有写成规则}]}}\n'


def test_a_pack_of_the_scheme_of_points_loads(tmp_path: Path) -> None:
    pack = load_pack(written(tmp_path, POINTS_HEAD, POINTS_ROLE, POINTS_QUALITY))
    assert pack.scheme.kind == "role-points" and not pack.scheme.has_categories and not pack.scheme.has_coverage
    row = pack.items[0].rows[0]
    assert row.category is None and row.clauses[0].points == Decimal("2.5") and row.clauses[0].evidence == ""
    assert row.dimensions == (Dimension.CURRENCY,)
    assert [level.name for level in pack.levels] == ["一级"] and pack.requirements == ()


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (POINTS_ROLE.replace('            points: "2.5"\n', ""), "缺少“points”"),
        (POINTS_ROLE.replace('"2.5"', '"0"'), "分值应大于 0"),
        (POINTS_ROLE.replace('"2.5"', '"-1"'), "points"),
        (POINTS_ROLE.replace("        summary", "        category: basic\n        summary"), "没有“category”"),
        (ROLE, "没有“coverage”"),
    ],
)
def test_a_scheme_has_its_own_parts_and_no_others(tmp_path: Path, role: str, expected: str) -> None:
    found = faults(written(tmp_path, POINTS_HEAD, role, POINTS_QUALITY))
    assert any(name == "role-01.yaml" and expected in text for name, _, text in found), found


def test_a_dimension_that_the_scheme_does_not_know_is_refused(tmp_path: Path) -> None:
    found = faults(written(tmp_path, POINTS_HEAD, POINTS_ROLE, POINTS_QUALITY.replace("currency", "timeliness")))
    assert any(name == "quality.yaml" and "没有这个维度" in text for name, _, text in found), found


def test_an_unknown_scheme_is_refused(tmp_path: Path) -> None:
    found = faults(written(tmp_path, HEAD.replace("product-2018", "product-2099")))
    assert any(name == "pack.yaml" and "scheme" in text for name, _, text in found), found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "空"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"role: [", "YAML"),
        (b"a: &x [1]\nb: *x", "引用"),
        (b"- " * 60 + b"x", "嵌套"),
    ],
)
def test_files_that_are_no_yaml_are_refused_in_plain_words(tmp_path: Path, content: bytes, expected: str) -> None:
    folder = written(tmp_path)
    (folder / "role-01.yaml").write_bytes(content)
    found = faults(folder)
    assert any(name == "role-01.yaml" and expected in text for name, _, text in found), found


def test_an_unknown_pack_is_refused_by_name() -> None:
    with pytest.raises(UserError, match="emr-1999") as caught:
        load_known("emr-1999")
    assert "emr-2018" in caught.value.hint


def test_published_schemas_are_those_of_the_models() -> None:
    for name, text in schemas().items():
        assert (paths.criteria_dir() / name).read_text(encoding="utf-8") == text, "run: make schema"


def test_the_shown_pack_is_plain_json(pack: Pack) -> None:
    shown = json.loads(json.dumps(pack_json(pack)))
    assert len(shown["items"]) == 39
    assert shown["items"][0]["levels"][0]["clauses"][0].keys() == {"id", "text", "evidence"}
    assert {"requirements", "groups", "tables"} <= shown.keys()
