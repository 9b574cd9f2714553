"""What argparse says reaches the user in Chinese."""

import pytest

from emrassess.cli import run


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as stopped:
        run(arguments)
    printed = capsys.readouterr()
    return stopped.value.code, printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["package", "verify"], "缺少 文件"),
        (["score", "x.yaml", "--target", "12"], "--target 不能是 12，可用的：1, 2, 3"),
        (["score", "x.yaml", "--target", "五"], "--target 不能是 '五'"),
        (["score", "x.yaml", "--target"], "--target 后面要给一个值"),
        (["score", "x.yaml", "--colour"], "不认识 --colour"),
        (["score", "x.yaml", "--json=1"], "--json 后面不带值"),
        (["answers", "frob"], "动作 不能是 'frob'，可用的：'export', 'import'"),
        (
            ["criteria", "import-official", "x.docx", "--workspace", "w", "--out", "x.yaml"],
            "--out 不能和 --workspace 一起用",
        ),
        (["evidence", "add", "--workspace", "w", "--clause"], "--clause 后面至少要给一个值"),
    ],
)
def test_wrong_arguments(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, *arguments)
    assert code == 2
    assert f"参数有误：{expected}" in text
    assert text.startswith("用法：emrassess") and "argument" not in text


@pytest.mark.parametrize("command", [[], ["score"], ["package", "create"]])
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, *command, "--help")
    assert code == 0
    assert text.startswith("用法：emrassess") and "\n选项：\n" in text
    assert not any(word in text for word in ("usage", "options:", "arguments", "show "))
