"""House rules that a program can check; each failure names the place and the rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("protocol", "terminal_fw", "controller", "simulator", "hardware", "tests")
SHARED = ("protocol", "terminal_fw/core")
PURE = ("protocol", "terminal_fw/core", "controller/core")

# what both interpreters have, and a board with 520 KB of memory can afford
SHARED_IMPORTS = {
    "array", "collections", "hashlib", "micropython", "protocol", "sys", "terminal_fw",
}  # fmt: skip
NEVER_PURE = {
    "asyncio", "datetime", "io", "logging", "machine", "multiprocessing", "network", "os",
    "pathlib", "random", "requests", "secrets", "select", "shutil", "signal", "socket",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "tls", "urllib", "uuid",
}  # fmt: skip
# run on CPython only, to make committed files; the seat never sees them
MAKERS = {"protocol/make_ed25519_table.py"}

LINES_OF_FUNCTION_MAX = 70
LINES_OF_MODULE_MAX = 500


def sources(folder: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if not any(part in place for part in ("/vendored/", "/fonts/", "__pycache__")):
            yield path


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", PURE)
def test_a_pure_room_imports_no_clock_no_chance_and_no_outside_world(folder: str) -> None:
    found = [
        f"{place(path)} imports {name}"
        for path in sources(folder)
        if place(path) not in MAKERS
        for name in imports(ast.parse(path.read_text()))
        if name in NEVER_PURE
    ]
    assert found == []


@pytest.mark.parametrize("folder", SHARED)
def test_code_for_both_interpreters_imports_only_what_both_have(folder: str) -> None:
    found = [
        f"{place(path)} imports {name}"
        for path in sources(folder)
        if place(path) not in MAKERS
        for name in imports(ast.parse(path.read_text()))
        if name not in SHARED_IMPORTS
    ]
    assert found == []


@pytest.mark.parametrize("folder", ROOMS)
def test_functions_and_modules_can_be_held_in_mind(folder: str) -> None:
    found = []
    for path in sources(folder):
        text = path.read_text()
        if text.count("\n") > LINES_OF_MODULE_MAX:
            found.append(f"{place(path)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LINES_OF_FUNCTION_MAX:
                    found.append(f"{place(path)}:{node.lineno} {node.name}: {lines} lines")
    assert found == []


@pytest.mark.parametrize("folder", ROOMS)
def test_every_module_says_what_it_promises(folder: str) -> None:
    found = [
        place(path)
        for path in sources(folder)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize("folder", ROOMS)
def test_no_failure_is_swallowed_whole(folder: str) -> None:
    found = [
        f"{place(path)}:{node.lineno}"
        for path in sources(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert found == []


@pytest.mark.parametrize("folder", ROOMS)
def test_every_room_has_a_readme_that_begins_with_what_it_is(folder: str) -> None:
    readme = ROOT / folder / "README.md"
    assert readme.exists(), f"{folder}/README.md is missing"
    assert readme.read_text().startswith("# ")


def test_a_decision_record_has_its_own_number_and_three_parts() -> None:
    records = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(numbers) == len(set(numbers))
    for record in records:
        text = record.read_text()
        for part in ("Context", "Decision", "Consequence"):
            assert f"**{part}" in text or f"## {part}" in text, f"{record.name}: {part}"
