"""`package`: evidence packages, made and verified."""

import argparse
from pathlib import Path

from emrassess.commands.options import Commands, opened, out_option, user_name, workspace_option
from emrassess.commands.passphrases import passphrase_of, passphrase_option
from emrassess.console import print_json, progress_line
from emrassess.errors import UserError


def add(commands: Commands) -> None:
    """Declare `package create`, `package verify` and `package open`."""
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
    opening = package.command("open", _open, "打开实证材料包：解开来看，或由专家打开来核查")
    opening.add_argument("file", type=Path, metavar="文件")
    opening.add_argument("--out", type=Path, required=True, metavar="目录", help="新建的文件夹")
    opening.add_argument(
        "--as-expert", action="store_true", help="成为专家自己的工作区：医院的内容只读，核查意见写在上面"
    )
    opening.add_argument("--group", default="", metavar="核查组", help="专家所在的组：代码或名称，如 ward 或 病房组")
    opening.add_argument("--expert", default="", metavar="姓名", help="专家的姓名；默认是登录名")
    passphrase_option(opening, "解密")


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


def _open(options: argparse.Namespace) -> int:
    from emrassess.domain.review import round_name
    from emrassess.services.packages import extract_package
    from emrassess.services.reviewing import open_as_expert

    if not options.as_expert and (options.group or options.expert):
        raise UserError("--group 和 --expert 只用于专家核查", "请加上 --as-expert；只是解开来看，就不要写它们。")
    passphrase = passphrase_of(options)
    if not options.as_expert:
        extract_package(options.file, options.out, progress_line(), passphrase)
        print(f"已校验并解开到：{options.out}\n请用浏览器打开其中的 data/index.html")
        return 0
    expert = options.expert or user_name()
    found = open_as_expert(
        options.file, options.out, expert, group=options.group, passphrase=passphrase, progress=progress_line()
    )
    print(f"{found.hospital}，目标 {found.target} 级，{round_name(found.round)}：")
    print(f"  自评达标 {found.claimed} 条，实证材料 {found.evidence} 件，以前的问题 {found.findings} 个")
    print(f"签名：{found.standing.title}。{found.standing.text}")
    print(f"已打开为 {expert} 的工作区：{options.out}")
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
