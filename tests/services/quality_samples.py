"""Small extracts of a hospital, with defects that are known."""

from pathlib import Path

ORDERS = """医嘱编号,患者ID,医嘱类别,项目代码,项目名称,开始时间,下达日期,医生工号,医生姓名,状态
1001,P1,药疗,C1,头孢,2026-08-01 08:00,2026-08-01 07:00,D1,王五,执行
1002,P2,药疗,C2,青霉素,2026-08-02 08:00,2026-08-02 07:00,D1,王五,执行
1003,P3,检验,C9,不在字典,,2026-08-03 07:00,D2,,停止
1004,P4,,C3,血常规,2026-08-04 08:00,2026-08-04 07:00,D2,赵六,
"""
MEDICATION = """医嘱号,下达时间
1001,2026-08-01 07:00
1002,2026-08-02 07:00
"""
DISPENSING = """医嘱号,发药时间
1001,2026-08-01 09:00
1002,2026-08-02 06:00
"""
ITEMS = "编码,名称\nC1,头孢\nC2,青霉素\nC3,血常规\n"

EXTRACTS = """format: emrassess-extracts/1
pack: emr-2018
period: {from: 2026-08-01, to: 2026-10-31}
tables:
  orders:
    file: 医嘱.csv
    columns:
      {order_no: 医嘱编号, patient_id: 患者ID, order_class: 医嘱类别, item_code: 项目代码, item_name: 项目名称,
       start_at: 开始时间, ordered_at: 下达日期}
  medication_orders: {file: 药疗医嘱.csv, columns: {order_no: 医嘱号, ordered_at: 下达时间}}
  inpatient_dispensings: {file: 药房发药记录.csv, columns: {order_no: 医嘱号, dispensed_at: 发药时间}}
dictionaries:
  order_items: {file: 医嘱项目字典.csv, columns: {code: 编码, name: 名称}}
"""
CONSISTENCY = ("01.01", 3)
COMPLETENESS = ("01.01", 4)
TIMELINESS = ("01.01", 6)


def write_extracts(folder: Path, *, orders: str = ORDERS, encoding: str = "utf-8") -> Path:
    """The extracts in `folder`, and the extracts file that maps them."""
    folder.mkdir(exist_ok=True)
    files = {"医嘱": orders, "药疗医嘱": MEDICATION, "药房发药记录": DISPENSING, "医嘱项目字典": ITEMS}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding=encoding)
    file = folder / "抽取.yaml"
    file.write_text(EXTRACTS, encoding="utf-8")
    return file
