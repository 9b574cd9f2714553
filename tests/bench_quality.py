"""Item 01.01 over made-up orders and executions: the engine, SQL written by hand for DuckDB, pandas; see tests.bench.

python -m tests.bench_quality make FOLDER ROWS | engine FOLDER | sql FOLDER | pandas FOLDER

Each prints a line of JSON: seconds, most memory, and numerator and denominator of each rule, which all three must agree
on. SQL and pandas do what somebody would write who needs just these numbers: they trim, and know the two ways the
times are written; they take no keys of offending rows, and look for no full-width letters (there are none).
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench_memory import most_memory_mb

ORDERS = "病人标识,医嘱号,医嘱分类,项目编码,项目名称,开始时间,下达时间,医师编码,医师姓名,状态,给药途径,用法"
EXTRACTS = """format: emrassess-extracts/1
pack: emr-2018
tables:
  orders:
    file: orders.csv
    columns: {patient_id: 病人标识, order_no: 医嘱号, order_class: 医嘱分类, item_code: 项目编码, item_name: 项目名称,
      start_at: 开始时间, ordered_at: 下达时间, doctor_code: 医师编码, doctor_name: 医师姓名, status: 状态}
  medication_orders:
    file: orders.csv
    columns: {order_no: 医嘱号, item_code: 项目编码, route: 给药途径, usage: 用法, ordered_at: 下达时间}
  medication_executions:
    file: executions.csv
    columns: {order_no: 医嘱号, execution_no: 执行单号, item_code: 项目编码, route: 给药途径, usage: 用法,
      given_at: 给药时间}
  inpatient_dispensings:
    file: dispensings.csv
    columns: {order_no: 医嘱号, execution_no: 执行单号, dispensed_at: 发药时间}
  pharmacist_reviews: {file: reviews.csv, columns: {order_no: 医嘱号, reviewed_at: 审核时间}}
dictionaries:
  order_items: {file: items.csv, columns: {code: 编码, name: 名称}}
"""
_HOUR = "strftime(TIMESTAMP '2026-08-01' + to_minutes(k % 120000 + {0}), '{1}')"
_USUAL, _SLASHES = "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"
_MADE = {
    "orders": f"""SELECT 'P' || lpad((k % 200000)::VARCHAR, 7, '0') AS 病人标识, no AS 医嘱号,
        CASE WHEN k % 50 = 0 THEN '' ELSE '药品' END AS 医嘱分类, 'YP' || (k % 3000) AS 项目编码,
        CASE WHEN k % 100 = 0 THEN ' ' ELSE '药品名称' || (k % 3000) END AS 项目名称,
        {_HOUR.format(0, _USUAL)} AS 开始时间, {_HOUR.format(5, _USUAL)} AS 下达时间, 'D' || (k % 400) AS 医师编码,
        CASE WHEN k % 33 = 0 THEN '　' ELSE '医师' || (k % 97) END AS 医师姓名, k % 4 AS 状态,
        ['口服', '静脉滴注', '肌内注射', '皮下注射'][1 + k % 4] AS 给药途径, ['qd', 'bid', 'tid'][1 + k % 3] AS 用法""",
    "executions": f"""SELECT no AS 医嘱号, 'E' || i AS 执行单号, 'YP' || (k % 3000) AS 项目编码,
        CASE WHEN k % 20 = 3 THEN '口服' ELSE ['口服', '静脉滴注', '肌内注射', '皮下注射'][1 + k % 4] END AS 给药途径,
        ['qd', 'bid', 'tid'][1 + k % 3] AS 用法,
        CASE WHEN k % 40 = 0 THEN '' ELSE {_HOUR.format(60, _USUAL)} END AS 给药时间""",
    "dispensings": f"""SELECT no AS 医嘱号, 'E' || i AS 执行单号,
        CASE WHEN k % 30 = 0 THEN {_HOUR.format(0, _USUAL)} ELSE {_HOUR.format(30, _SLASHES)} END AS 发药时间""",
    "reviews": f"SELECT no AS 医嘱号, {_HOUR.format('10 - 10 * (k % 25 = 0)::INT', _USUAL)} AS 审核时间",
}


def make(folder: Path, rows: int) -> None:
    """The extracts in `folder`: so many orders and executions, a fifth as many dispensings and reviews."""
    import duckdb

    folder.mkdir()
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "spill")}) as database:
        for name, select in _MADE.items():
            step = 5 if name in ("dispensings", "reviews") else 1
            number = "i, i * 2654435761 % 1000003 AS k, 'Z' || lpad(i::VARCHAR, 10, '0') AS no"
            numbers = f"SELECT {number} FROM range(0, {rows}, {step}) t(i)"
            database.execute(f"COPY ({select} FROM ({numbers})) TO '{folder / name}.csv' (HEADER)")
        items = "SELECT 'YP' || i AS 编码, '药品名称' || i AS 名称 FROM range(2900) t(i)"
        database.execute(f"COPY ({items}) TO '{folder / 'items.csv'}' (HEADER)")
    (folder / "extracts.yaml").write_text(EXTRACTS, encoding="utf-8")


Counts = list[list[int]]
"""Numerator and denominator of each rule."""


def _engine(folder: Path) -> Callable[[], Counts]:
    from emrassess.packs.library import load_known
    from emrassess.quality.engine import run
    from emrassess.quality.extracts import read_extracts

    pack = load_known("emr-2018")

    def work() -> Counts:
        done = run(pack, read_extracts(folder / "extracts.yaml", pack), items=("01.01",))
        return [[each.numerator, each.denominator] for each in done.rules if each.examined]

    return work


_TIME = "coalesce(try_strptime(trim({0}), '%Y-%m-%d %H:%M:%S'), try_strptime(trim({0}), '%Y/%m/%d %H:%M')) AS {0}"
_FILLED = (
    *("病人标识", "医嘱号", "医嘱分类", "项目编码", "项目名称", "开始时间"),
    *("医师编码", "医师姓名", "状态", "下达时间", "状态"),
)


def _sql(folder: Path) -> Callable[[], Counts]:
    import duckdb

    return lambda: _by_hand(duckdb, folder)


def _by_hand(duckdb: Any, folder: Path) -> Counts:
    spill = folder / "spill"
    database = duckdb.connect(
        config={"memory_limit": "3GB", "temp_directory": str(spill), "preserve_insertion_order": "false"}
    )

    def one(statement: str) -> list[int]:
        return list(database.execute(statement).fetchall()[0])

    texts = {
        "orders": (ORDERS.split(","), "下达时间"),
        "executions": (["医嘱号", "执行单号", "项目编码", "给药途径", "用法"], "给药时间"),
        "dispensings": (["医嘱号", "执行单号"], "发药时间"),
        "reviews": (["医嘱号"], "审核时间"),
        "items": (["编码", "名称"], None),
    }
    for name, (columns, at) in texts.items():
        chosen = [f"nullif(trim({column}), '') AS {column}" for column in columns if column != at]
        chosen += [_TIME.format(at)] if at else []
        database.execute(
            f"CREATE TABLE {name} AS SELECT {', '.join(chosen)} "
            f"FROM read_csv('{folder / name}.csv', header = true, all_varchar = true)"
        )
    everything, *filled = one(f"SELECT count(*), {', '.join(f'count({name})' for name in _FILLED)} FROM orders")
    pair = one("SELECT count(*) FROM orders o SEMI JOIN items i ON o.项目编码 = i.编码 AND o.项目名称 = i.名称")
    matched = one("SELECT count(*) FROM orders SEMI JOIN executions USING (医嘱号, 项目编码, 给药途径, 用法)")
    late: Counts = []
    for left, earlier, right, later, keys in (
        ("orders", "下达时间", "dispensings", "发药时间", "医嘱号"),
        ("dispensings", "发药时间", "executions", "给药时间", "医嘱号, 执行单号"),
        ("orders", "下达时间", "reviews", "审核时间", "医嘱号"),
    ):
        first = f"SELECT {keys}, min({later}) AS {later} FROM {right} GROUP BY {keys}"
        late.append(
            one(f"SELECT count(*) FILTER ({earlier} < {later}), count(*) FROM {left} JOIN ({first}) USING ({keys})")
        )
    return _in_order(everything, filled, pair[0], matched[0], late)


def _in_order(everything: int, filled: list[int], pair: int, matched: int, late: Counts) -> Counts:
    """The counts in the order of the rules."""
    shares = [[count, everything] for count in filled]
    return [[pair, everything], *shares[:9], [matched, everything], *shares[9:], *late]


def _pandas(folder: Path) -> Callable[[], Counts]:
    import pandas  # type: ignore[import-not-found]

    return lambda: _in_pandas(pandas, folder)


def _in_pandas(pd: Any, folder: Path) -> Counts:
    def read(name: str, at: str | None):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for column in table.columns:
            table[column] = table[column].str.strip()
            if column == at:
                usual = pd.to_datetime(table[column], format="%Y-%m-%d %H:%M:%S", errors="coerce")
                other = pd.to_datetime(table[column], format="%Y/%m/%d %H:%M", errors="coerce")
                table[column] = usual.fillna(other)
        return table

    orders, items = read("orders", "下达时间"), read("items", None)
    filled = [int((orders[name].notna() & (orders[name] != "")).sum()) for name in _FILLED]
    keys = ["项目编码", "项目名称"]
    both = items.rename(columns={"编码": keys[0], "名称": keys[1]}).drop_duplicates()
    pair = len(orders[keys].merge(both, on=keys))
    orders = orders[["医嘱号", "项目编码", "给药途径", "用法", "下达时间"]]
    executions = read("executions", "给药时间")
    keys = ["医嘱号", "项目编码", "给药途径", "用法"]
    there = orders[(orders[keys] != "").all(axis=1)]
    matched = len(there.merge(executions[keys].drop_duplicates(), on=keys))
    late: Counts = []
    dispensings, reviews = read("dispensings", "发药时间"), read("reviews", "审核时间")
    for left, earlier, right, later, on in (
        (orders, "下达时间", dispensings, "发药时间", ["医嘱号"]),
        (dispensings, "发药时间", executions, "给药时间", ["医嘱号", "执行单号"]),
        (orders, "下达时间", reviews, "审核时间", ["医嘱号"]),
    ):
        joined = left[[*on, earlier]].merge(right.groupby(on, as_index=False)[later].min(), on=on)
        late.append([int((joined[earlier] < joined[later]).sum()), len(joined)])
    return _in_order(len(orders), filled, pair, matched, late)


WAYS: dict[str, Callable[[Path], Callable[[], Counts]]] = {"engine": _engine, "sql": _sql, "pandas": _pandas}

if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        begin = WAYS[sys.argv[1]](Path(sys.argv[2]))  # what it takes to start is not part of the work
        start, processor = time.perf_counter(), time.process_time()
        counts = begin()
        found = {"seconds": time.perf_counter() - start, "processor_s": time.process_time() - processor}
        sys.stdout.write(json.dumps({**found, "memory_mb": most_memory_mb(), "counts": counts}) + "\n")
