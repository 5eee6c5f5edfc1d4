"""Hold every tracked file to the rules of the house that no other tool knows.

- No file names a package registry or a path of the machine it was written on.
- Words the glossary bans stay out of what people and programmers read.
- Nothing is left for later in a comment.
- Modules stay within 400 lines and functions within 70, their docstrings aside (tests may be longer).
- No test is skipped, expected to fail, mocked or asleep.
- No exception is swallowed, and nobody catches all of them.

Prints `path:line: what` for each finding; exit status 1 when there is one.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = ("ledger/", "policies/", "portal/")
MODULE_LINES = 400
FUNCTION_LINES = 70
LARGEST_FILE = 512 * 1024

# Spelled in pieces, so that this file passes its own rules.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
)
PLACES = tuple("/" + "/".join(parts) for parts in (("work", "main"), ("work", "shared"), ("root", ""), ("home", "")))
FORBIDDEN_TEXT = re.compile("|".join(re.escape(text) for text in (*HOSTS, *PLACES)))
BANNED_WORDS = re.compile(
    r"\b("
    + "|".join(("block" + "chain", "smart " + "contract", "min" + "ing", "masq" + "uerade", "imperson" + "at"))
    + r")\w*",
    re.IGNORECASE,
)
LEFT_FOR_LATER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")
SKIPPING = {"skip", "skipif", "xfail", "importorskip"}
MOCKING = {"MagicMock", "Mock", "AsyncMock", "patch"}


def tracked_files() -> list[str]:
    """Name the files git knows, which are the ones that others will read."""
    listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True)  # noqa: S607 -- git from the PATH
    return [name for name in listing.stdout.decode().split("\0") if name]


def text_findings(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Find what no line may hold."""
    for number, line in enumerate(text.splitlines(), 1):
        if FORBIDDEN_TEXT.search(line):
            yield number, "names a package registry or a path of one machine"
        if path.endswith((".py", ".html", ".md", ".toml", ".js", ".txt")) and BANNED_WORDS.search(line):
            yield number, "a word the glossary bans"
        if LEFT_FOR_LATER.search(line):
            yield number, "left for later"


def lines_without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines; prose is free."""
    first = node.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    prose = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - prose


def name_called(node: ast.Call) -> str:
    """Tell the last name of what is called: `skip` of `pytest.mark.skip(...)`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def caught_findings(node: ast.ExceptHandler) -> Iterator[tuple[int, str]]:
    """Find handlers that hide what went wrong."""
    if all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body):
        yield node.lineno, "an exception swallowed"
    if node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"}:
        yield node.lineno, "every exception caught"


def room_findings(tree: ast.Module, text: str) -> Iterator[tuple[int, str]]:
    """Find what the product's own modules may not do."""
    if (lines := text.count("\n")) > MODULE_LINES:
        yield 1, f"{lines} lines: split by meaning at {MODULE_LINES}"
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (size := lines_without_docstring(node)) > FUNCTION_LINES
        ):
            yield node.lineno, f"{node.name} has {size} lines, {FUNCTION_LINES} are allowed"
        if isinstance(node, ast.ExceptHandler):
            yield from caught_findings(node)


def test_findings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find tests that do not test."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = name_called(node)
            if name in SKIPPING:
                yield node.lineno, f"{name}: a missing fixture fails, it never skips"
            if name in MOCKING:
                yield node.lineno, f"{name}: fakes stand behind the same Protocol"
            if name == "sleep":
                yield node.lineno, "a test that sleeps"


def python_findings(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Find what only the parsed program shows."""
    tree = ast.parse(text)
    if path.startswith(ROOMS):
        yield from room_findings(tree, text)
    if path.startswith("tests/"):
        yield from test_findings(tree)


def findings() -> Iterator[str]:
    """Walk every tracked file."""
    for path in tracked_files():
        file = Path(path)
        if not file.is_file():
            continue
        if file.stat().st_size > LARGEST_FILE:
            yield f"{path}:1: larger than {LARGEST_FILE} bytes"
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, a font or a log's own bytes
        for number, what in text_findings(path, text):
            yield f"{path}:{number}: {what}"
        if path.endswith(".py"):
            for number, what in python_findings(path, text):
                yield f"{path}:{number}: {what}"


def main() -> int:
    """Print the findings."""
    found = sorted(findings())
    for line in found:
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"{len(found)} findings\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
