"""The command line: what stops the hall is said in one clear line, never as a traceback."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from controller import __main__ as program
from controller.ledger.port import LedgerFailed
from controller.settings import Settings


@pytest.mark.parametrize(
    "failure",
    [
        LedgerFailed("FullError: database or disk is full"),
        OSError(errno.ENOSPC, "No space left on device", "/data/clock.partial"),
        PermissionError(errno.EACCES, "Permission denied", "/data/keys"),
    ],
    ids=str,
)
def test_a_full_or_closed_disk_ends_the_program_with_a_clear_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    failure: Exception,
) -> None:
    async def serve(settings: Settings) -> None:
        raise failure

    monkeypatch.setattr(program, "serve", serve)
    assert program.main(["--data", str(tmp_path)]) == program.EXIT_FAILED
    assert capsys.readouterr().err == f"Dobush stops: {failure}\n"


def test_a_data_folder_that_cannot_be_made_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert program.main(["--data", str(tmp_path / "file" / "data")]) == program.EXIT_FAILED
    assert str(tmp_path) in capsys.readouterr().err
