"""The controller's command line: each thing that is wrong is one clear line and an exit status."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.__main__ import EXIT_FAILED, EXIT_USAGE, main
from controller.core.facts import SittingPrepared
from controller.seats import provisioning
from tests.controller.halls import plan

KEY = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()


@pytest.fixture
def free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield port


def write_plan(data: Path, prepared: SittingPrepared) -> None:
    (data / "sitting.json").write_bytes(msgspec.json.encode(prepared))


def start(data: Path, port: int) -> int:
    return main(["--data", str(data), "--port", str(port), "--mqtt-port", str(port)])


def test_a_folder_without_a_plan_is_refused(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(tmp_path, free_port) == EXIT_FAILED
    assert "sitting.json is missing" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"sitting": 7}'])
def test_a_plan_that_is_none_is_refused_with_its_place(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "sitting.json").write_bytes(content)
    assert start(tmp_path, free_port) == EXIT_FAILED
    error = capsys.readouterr().err
    assert "sitting.json" in error
    assert "Traceback" not in error


def test_a_plan_with_a_fault_is_refused_by_the_name_of_the_field(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared = plan(3)
    twice = (prepared.deputies[0], *prepared.deputies[:2])
    write_plan(tmp_path, msgspec.structs.replace(prepared, deputies=twice))
    assert start(tmp_path, free_port) == EXIT_FAILED
    error = capsys.readouterr().err
    assert "invalid_configuration" in error
    assert "deputies" in error


def test_a_port_that_another_program_has_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plan(tmp_path, plan(3))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert start(tmp_path, port) == EXIT_FAILED
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_two_controllers_never_share_a_folder(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plan(tmp_path, plan(3))
    with (tmp_path / "controller.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert start(tmp_path, free_port) == EXIT_FAILED
    assert "another controller runs" in capsys.readouterr().err
    assert not (tmp_path / "ledger.sqlite3").exists()


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1"])
def test_a_port_that_is_none_is_a_usage_error(tmp_path: Path, port: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--data", str(tmp_path), "--port", port])
    assert ended.value.code == EXIT_USAGE


def enrol(data: Path, into: Path, key: str = KEY) -> int:
    order = ["enrol", "--terminal", "s01", "--public-key", key, "--into", str(into)]
    return main(["--data", str(data), *order])


def test_a_terminals_name_is_given_to_one_key_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    provisioning.prepare(tmp_path, "h1", 18_883)
    assert enrol(tmp_path, tmp_path / "bundle") == 0
    assert {"ca.der", "client.der", "client_key.der", "mac.key", "seat.json"} <= {
        file.name for file in (tmp_path / "bundle").iterdir()
    }
    assert enrol(tmp_path, tmp_path / "again") == 0  # its files once more: the same key
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    assert enrol(tmp_path, tmp_path / "other", other) == EXIT_USAGE
    assert "terminal_already_enrolled" in capsys.readouterr().err


def test_there_is_nobody_to_enrol_with_before_the_first_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(tmp_path, tmp_path / "bundle") == EXIT_USAGE
    assert "start it once" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["", "00", "zz" * 32, "00" * 33])
def test_a_public_key_of_another_form_is_a_usage_error(tmp_path: Path, key: str) -> None:
    with pytest.raises(SystemExit) as ended:
        enrol(tmp_path, tmp_path / "bundle", key)
    assert ended.value.code == EXIT_USAGE
