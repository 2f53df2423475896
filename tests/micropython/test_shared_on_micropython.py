"""Every shared test also passes under the seat's real interpreter, in the seat's heap."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNNER = "tests/micropython/run_on_micropython.py"
HEAP = "heapsize=180k"
SHARED = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/shared/*/test_*.py"))


@pytest.fixture(scope="module")
def interpreter() -> str:
    """The MicroPython beside this Python, or the one on the path."""
    places = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    found = shutil.which("micropython", path=places)
    if found is None:
        pytest.skip("no micropython on this machine: the seat's code ran under CPython only")
    return found


def run(interpreter: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [interpreter, "-X", HEAP, RUNNER, path],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("path", SHARED)
def test_a_shared_file_passes_under_micropython_in_180_kb(interpreter: str, path: str) -> None:
    done = run(interpreter, path)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = re.search(r"^(\d+) passed, 0 failed$", done.stdout, re.MULTILINE)
    assert summary is not None, done.stdout + done.stderr
    written = len(re.findall(r"^def test_", (ROOT / path).read_text(), re.MULTILINE))
    assert int(summary[1]) == written, "the runner saw other tests than the file has"


def test_there_are_shared_tests_of_the_protocol() -> None:
    assert any(path.startswith("tests/shared/protocol/") for path in SHARED)


@pytest.mark.parametrize(
    ("body", "status", "line"),
    [
        ("assert 1 + 1 == 2", 0, "1 passed, 0 failed"),
        ("assert 1 + 1 == 3", 1, "0 passed, 1 failed"),
        ("raise ValueError('broken')", 1, "0 passed, 1 failed"),
    ],
)
def test_the_runner_tells_passed_from_failed(
    interpreter: str, tmp_path: Path, body: str, status: int, line: str
) -> None:
    path = tmp_path / "test_sample.py"
    path.write_text(f"def test_sample():\n    {body}\n")
    done = run(interpreter, str(path))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (status, line)


def test_the_runner_fails_a_file_without_tests(interpreter: str, tmp_path: Path) -> None:
    path = tmp_path / "test_empty.py"
    path.write_text("")
    assert run(interpreter, str(path)).returncode == 1
