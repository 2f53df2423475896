"""Provisioning: names given once, private files private, certificates that a seat can verify."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509.verification import PolicyBuilder, Store

from controller.seats import provisioning
from controller.seats.provisioning import (
    BROKER_NAME,
    Enrolment,
    EnrolmentReason,
    EnrolmentRefused,
    Terminal,
    enrol,
    enrol_many,
    load_register,
    load_terminal_keys,
    log_seed,
    prepare,
    revoke,
    write_file,
)


def public_key() -> bytes:
    return Ed25519PrivateKey.generate().public_key().public_bytes_raw()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    prepare(tmp_path / "data", "demo", 8883)
    return tmp_path / "data"


def test_every_private_file_is_readable_by_its_owner_alone(data: Path, tmp_path: Path) -> None:
    enrol(data, Enrolment("s01", public_key(), tmp_path / "bundle"))
    private = [*data.rglob("*.key"), *tmp_path.rglob("*_key.der"), *tmp_path.rglob("mac.key")]
    assert len(private) >= 7
    for file in private:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700


def test_preparing_again_keeps_every_key_and_takes_the_new_port(data: Path) -> None:
    before = {f: f.read_bytes() for f in (data / "keys").rglob("*") if f.is_file()}
    enrolled = enrol(data, Enrolment("s01", public_key(), data / "b"))
    register = prepare(data, "demo", 9999, "10.0.0.1")
    assert {file: file.read_bytes() for file in before} == before
    assert register.terminals == (enrolled,)
    assert (load_register(data).broker_port, load_register(data).broker_host) == (9999, "10.0.0.1")
    assert len(log_seed(data)) == 32


def test_a_folder_of_another_hall_is_refused(data: Path) -> None:
    with pytest.raises(ValueError, match="belongs to the hall 'demo'"):
        prepare(data, "other", 8883)
    with pytest.raises(ValueError, match="a hall's name"):
        prepare(data / "new", "Зал", 8883)


def test_a_bundle_has_what_the_seat_needs_and_its_chain_of_trust_holds(
    data: Path, tmp_path: Path
) -> None:
    key = public_key()
    row = enrol(data, Enrolment("s01", key, tmp_path / "b", "ky"))
    assert isinstance(row, Terminal)
    bundle = {file.name: file.read_bytes() for file in (tmp_path / "b").iterdir()}
    assert set(bundle) == {"ca.der", "client.der", "client_key.der", "mac.key", "seat.json"}
    settings = provisioning.msgspec.json.decode(bundle["seat.json"], type=provisioning.SeatSettings)
    assert (settings.terminal, settings.hall, settings.language) == ("s01", "demo", "ky")
    assert (settings.broker_host, settings.broker_port) == ("127.0.0.1", 8883)
    assert settings.broker_name == BROKER_NAME
    assert settings.client_id.startswith("s01-")
    assert len(settings.client_id) <= 23
    client = x509.load_der_x509_certificate(bundle["client.der"])
    assert client.subject.rfc4514_string() == "CN=s01"
    assert client.not_valid_before_utc.year == 2020
    assert client.not_valid_after_utc.year == 2099
    client.verify_directly_issued_by(x509.load_der_x509_certificate(bundle["ca.der"]))
    pair = load_der_private_key(bundle["client_key.der"], None)
    assert pair.public_key() == client.public_key()
    keys = load_terminal_keys(data)["s01"]
    assert (keys.public_key, keys.mac_key, keys.revoked) == (key, bundle["mac.key"], False)


def test_the_brokers_certificate_is_good_for_its_names_and_for_no_other(data: Path) -> None:
    authority = x509.load_pem_x509_certificate((data / "keys/ca.crt").read_bytes())
    broker = x509.load_pem_x509_certificate((data / "keys/broker.crt").read_bytes())
    builder = PolicyBuilder().store(Store([authority]))
    for name in (BROKER_NAME, "localhost"):
        builder.build_server_verifier(x509.DNSName(name)).verify(broker, [])
    with pytest.raises(x509.verification.VerificationError):
        builder.build_server_verifier(x509.DNSName("elsewhere")).verify(broker, [])


def test_a_name_is_given_once_but_the_same_key_may_ask_for_its_files_again(
    data: Path, tmp_path: Path
) -> None:
    key = public_key()
    enrol(data, Enrolment("s01", key, tmp_path / "a"))
    again = enrol(data, Enrolment("s01", key, tmp_path / "b"))
    assert isinstance(again, Terminal)
    assert (tmp_path / "a/mac.key").read_bytes() == (tmp_path / "b/mac.key").read_bytes()
    refused = enrol(data, Enrolment("s01", public_key(), tmp_path / "c"))
    assert refused == EnrolmentRefused(EnrolmentReason.TERMINAL_ALREADY_ENROLLED, "s01")
    assert not (tmp_path / "c").exists()
    stolen = enrol(data, Enrolment("s02", key, tmp_path / "c"))
    assert stolen == EnrolmentRefused(EnrolmentReason.PUBLIC_KEY_IN_USE, "s02")
    assert len(load_register(data).terminals) == 1


def test_a_revoked_terminal_stays_revoked(data: Path, tmp_path: Path) -> None:
    key = public_key()
    enrol(data, Enrolment("s01", key, tmp_path / "a"))
    first, second = revoke(data, "s01"), revoke(data, "s01")
    assert isinstance(first, Terminal)
    assert first == second
    assert first.revoked
    assert load_terminal_keys(data)["s01"].revoked
    for again in (key, public_key()):
        refused = enrol(data, Enrolment("s01", again, tmp_path / "b"))
        assert refused == EnrolmentRefused(EnrolmentReason.TERMINAL_REVOKED, "s01")
    unknown = revoke(data, "s09")
    assert unknown == EnrolmentRefused(EnrolmentReason.UNKNOWN_TERMINAL, "s09")


@pytest.mark.parametrize(
    ("name", "key", "reason"),
    [
        ("S01", None, EnrolmentReason.BAD_NAME),
        ("../../s01", None, EnrolmentReason.BAD_NAME),
        ("s01\n", None, EnrolmentReason.BAD_NAME),
        ("s" * 17, None, EnrolmentReason.BAD_NAME),
        ("", None, EnrolmentReason.BAD_NAME),
        ("s01", b"short", EnrolmentReason.BAD_PUBLIC_KEY),
        ("s01", bytes(32), EnrolmentReason.BAD_PUBLIC_KEY),
        ("s01", b"\1" + bytes(31), EnrolmentReason.BAD_PUBLIC_KEY),
        ("s01", b"\xff" * 31 + b"\x7f", EnrolmentReason.BAD_PUBLIC_KEY),
    ],
)
def test_bad_names_and_keys_are_refused_and_write_nothing(
    data: Path, tmp_path: Path, name: str, key: bytes | None, reason: EnrolmentReason
) -> None:
    refused = enrol(data, Enrolment(name, public_key() if key is None else key, tmp_path / "b"))
    assert isinstance(refused, EnrolmentRefused)
    assert refused.reason is reason
    assert not (tmp_path / "b").exists()
    assert list((data / "keys/mac").iterdir()) == []


def test_of_a_batch_each_terminal_is_answered_for_itself(data: Path, tmp_path: Path) -> None:
    one = public_key()
    answers = enrol_many(
        data,
        [
            Enrolment("s01", one, tmp_path / "s01"),
            Enrolment("s02", one, tmp_path / "s02"),
            Enrolment("s03", public_key(), tmp_path / "s03"),
        ],
    )
    assert [isinstance(answer, Terminal) for answer in answers] == [True, False, True]
    assert [row.terminal for row in load_register(data).terminals] == ["s01", "s03"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret.key"
    write_file(file, b"old", 0o600)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_file(file, b"new", 0o600)
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["secret.key"]


def test_two_programs_that_enrol_at_once_lose_no_terminal(data: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K\n"
        "from controller.seats.provisioning import Enrolment, enrol\n"
        "for n in range(10):\n"
        "    key = K.generate().public_key().public_bytes_raw()\n"
        "    name = sys.argv[2] + str(n)\n"
        "    enrol(Path(sys.argv[1]), Enrolment(name, key, Path(sys.argv[3]) / name))\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", program, str(data), name, str(tmp_path)])
        for name in ("a", "b")
    ]
    assert [child.wait() for child in children] == [0, 0]
    assert len(load_register(data).terminals) == 20
