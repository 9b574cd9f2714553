"""`package`: evidence packages, made and verified."""

import argparse
from pathlib import Path

from emrassess.commands.options import Commands, opened, out_option, workspace_option
from emrassess.console import print_json, progress_line


def add(commands: Commands) -> None:
    """Declare `package create` and `package verify`."""
    package = commands.group("package", "实证材料包")
    create = package.command("create", _create, "生成实证材料包并读回校验")
    workspace_option(create)
    out_option(create)
    verify = package.command("verify", _verify, "校验实证材料包或任何 BagIt 包（目录或 zip）")
    verify.add_argument("file", type=Path, metavar="文件")
    verify.add_argument("--bag-only", action="store_true", help="只按 BagIt 校验，不要求是实证材料包")
    verify.add_argument("--json", action="store_true")


def _create(options: argparse.Namespace) -> int:
    from emrassess.services.packages import create_package

    with opened(options) as session:
        create_package(session, options.out, progress=progress_line())
    print(f"已写好并读回校验：{options.out}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from emrassess.services.packages import verify_package

    found = verify_package(options.file, progress=progress_line(), bag_only=options.bag_only)
    if options.json:
        print_json(found.as_json())
    else:
        for problem in found.problems:
            print(problem)
        print("校验通过" if found.ok else f"校验不通过：{len(found.problems)} 处问题")
    return 0 if found.ok else 1
