"""`criteria`: packs, the versions of the standard."""

import argparse
from pathlib import Path

from emrassess.commands import official, upgrading
from emrassess.commands.options import Commands, chosen_pack, pack_option
from emrassess.console import print_json
from emrassess.errors import UserError


def add(commands: Commands) -> None:
    """Declare `criteria` and its actions."""
    criteria = commands.group("criteria", "评价标准包")
    criteria.command("list", _list, "列出可用的标准包")
    check = criteria.command("check", _check, "检查标准包，逐条列出文件、行号和问题，以及还缺的内容")
    check.add_argument(
        "path", type=Path, nargs="?", metavar="目录", help="标准包的目录或其中一个文件；缺省为随程序的标准包"
    )
    show = criteria.command("show", _show, "显示一个标准包")
    pack_option(show, default="emr-2018")
    show.add_argument("--json", action="store_true")
    new = criteria.command("new", _new, "由条款表（.xlsx、.csv）新建一个按分值计分的标准包")
    new.add_argument("table", type=Path, metavar="条款表")
    new.add_argument("--id", required=True, metavar="标识", help="小写字母、数字和连字符，如 province-2026")
    new.add_argument("--name", required=True, metavar="名称", help="列表里显示的短名")
    new.add_argument("--standard", metavar="全名", help="所依据文件的全名；缺省同名称")
    new.add_argument("--document-number", default="", metavar="文号")
    new.add_argument("--version", default="1.0", metavar="版本号")
    new.add_argument("--pass-share", default="0.80", metavar="0..1", help="各角色达到一级所需的得分比例，缺省 0.80")
    new.add_argument("--out", type=Path, required=True, metavar="目录", help="写到这个新文件夹")
    install = criteria.command("install", _install, "装入一个标准包，此后可按标识使用")
    install.add_argument("folder", type=Path, metavar="目录")
    install.add_argument("--replace", action="store_true", help="已装入同一标识和版本的，换成这一份")
    official.add(criteria)
    upgrading.add(criteria)


def _list(_options: argparse.Namespace) -> int:
    from emrassess.packs.library import known_packs

    for ref in known_packs():
        whence = "随程序提供" if ref.shipped else f"自己装入：{ref.folder}"
        print(f"{ref.id} {ref.version} {ref.name}（{whence}）")
    return 0


def _check(options: argparse.Namespace) -> int:
    from emrassess import paths

    root: Path = options.path or paths.criteria_dir()
    if root.is_file():
        root = root.parent
    if not root.is_dir():
        raise UserError(f"{root} 不是目录", "请给标准包所在的目录（里面有 pack.yaml）。")
    folders = [root] if (root / "pack.yaml").exists() else sorted(p.parent for p in root.glob("*/pack.yaml"))
    if not folders:
        raise UserError(f"{root} 里没有 pack.yaml", "请给标准包的目录，或放着多个标准包的目录。")
    sound = [_print_check(folder) for folder in folders]
    return 0 if all(sound) else 1


def _print_check(folder: Path) -> bool:
    """Print what is wrong with the pack in `folder`, or what it still lacks; whether it can be used."""
    from emrassess.errors import FileProblems
    from emrassess.packs.completeness import missing
    from emrassess.packs.loading import load_pack

    try:
        pack = load_pack(folder)
    except FileProblems as error:
        print("\n".join(map(str, error.problems)))
        return False
    rules = sum(len(row.rules) for item in pack.items for row in item.rows)
    counts = f"{len(pack.items)} 个项目，{len(pack.clause_by_id)} 条条款，{rules} 条数据质量规则"
    lacks = missing(pack)
    print(f"{pack.id} {pack.version}：{counts}，{'可以使用，但还不完整：' if lacks else '没有问题'}")
    for lack in lacks:
        print(f"  {lack.place}：{lack.message}")
    return True


def _show(options: argparse.Namespace) -> int:
    from emrassess.packs.showing import pack_json

    pack = chosen_pack(options.pack)
    if options.json:
        print_json(pack_json(pack))
        return 0
    number = f"（{pack.document_number}）" if pack.document_number else ""
    print(f"{pack.name}{number}，版本 {pack.version}")
    for item in pack.items:
        print(f"\n{item.code} {item.name}")
        for row in item.rows:
            print(f"  {row.level} 级 {row.summary}")
            for clause in row.clauses:
                print(f"    {clause.id} {clause.text}")
    return 0


def _new(options: argparse.Namespace) -> int:
    from emrassess.packs.table import read_table, write_pack

    folder = options.out.absolute()
    write_pack(
        read_table(options.table),
        folder,
        pack_id=options.id,
        name=options.name,
        standard=options.standard or options.name,
        document_number=options.document_number,
        version=options.version,
        pass_share=options.pass_share,
    )
    print(f"已写好：{options.out}")
    _print_check(folder)
    print(f"补全之后，用 emrassess criteria install {options.out} 装入。")
    return 0


def _install(options: argparse.Namespace) -> int:
    from emrassess.packs.library import install

    ref = install(options.folder, replace=options.replace)
    print(f"已装入：{ref.id} {ref.version} {ref.name}（{ref.folder}）")
    return 0
