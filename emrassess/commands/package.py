"""`package`: evidence packages, made and verified."""

import argparse
from pathlib import Path

from emrassess.commands.options import Commands, opened, out_option, workspace_option
from emrassess.commands.passphrases import passphrase_of, passphrase_option
from emrassess.console import print_json, progress_line


def add(commands: Commands) -> None:
    """Declare `package create` and `package verify`."""
    package = commands.group("package", "实证材料包")
    create = package.command("create", _create, "生成实证材料包并读回校验")
    workspace_option(create)
    out_option(create)
    passphrase_option(create, "加密")
    create.add_argument("--no-sign", action="store_true", help="不签名")
    create.add_argument("--with-wording", action="store_true", help="带上官方原文（默认只留在本院的工作区里）")
    verify = package.command("verify", _verify, "校验实证材料包或任何 BagIt 包（目录或 zip）")
    verify.add_argument("file", type=Path, metavar="文件")
    verify.add_argument("--bag-only", action="store_true", help="只按 BagIt 校验，不要求是实证材料包")
    passphrase_option(verify, "解密")
    verify.add_argument("--json", action="store_true")


def _create(options: argparse.Namespace) -> int:
    from emrassess.services.packages import create_package

    passphrase = passphrase_of(options)
    with opened(options) as session:
        create_package(
            session,
            options.out,
            progress=progress_line(),
            with_wording=options.with_wording,
            passphrase=passphrase,
            sign=not options.no_sign,
        )
    print(f"已写好并读回校验：{options.out}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from emrassess.services.packages import verify_package
    from emrassess.services.trust import judge

    passphrase = passphrase_of(options)
    found = verify_package(options.file, progress_line(), options.bag_only, passphrase)
    standing = judge(found.signature)
    if options.json:
        print_json({**found.as_json(), "trust": standing.trust.value if found.ok else None})
    else:
        for problem in found.problems:
            print(problem)
        print("校验通过" if found.ok else f"校验不通过：{len(found.problems)} 处问题")
        if found.ok and (found.signature or not options.bag_only):
            print(f"签名：{standing.title}。{standing.text}")
    return 0 if found.ok else 1
