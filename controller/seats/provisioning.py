"""Keys and certificates of one hall, and the register of its terminals.

Promises: a private file is never readable by others and never half written; a terminal's name is
given once; the same data folder always gives the same answers. Certificates begin in 2020 and last
to the end of the century, because a seat has no clock to judge them by: what ends a certificate's
life is revocation. The terminal's signing key never comes here, only its public half.

    DATA/keys/ca.key ca.crt                 the hall's own authority (PEM)
    DATA/keys/broker.key broker.crt         what a seat verifies by the name ``controller.dobush``
    DATA/keys/controller.key controller.crt how the controller's bridge is known to the broker
    DATA/keys/log.key                       32 bytes: the Ed25519 seed that signs checkpoints
    DATA/keys/mac/<terminal>.key            32 bytes: authenticates views and heartbeats
    DATA/terminals.json                     the register
"""

from __future__ import annotations

import datetime
import fcntl
import ipaddress
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from protocol.ed25519_verify import is_sound_public_key

BROKER_NAME = "controller.dobush"
CONTROLLER_SUBJECT = "Dobush controller"  # a space: never the name of a terminal

_NAME = re.compile(r"[a-z0-9-]{1,16}\Z")
_NOT_BEFORE = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_NOT_AFTER = datetime.datetime(2099, 12, 31, tzinfo=datetime.UTC)
_PRIVATE = 0o600
_PUBLIC = 0o644

Language = Literal["ru", "ky", "en"]


class EnrolmentReason(StrEnum):
    """Why a terminal was not enrolled or not revoked."""

    BAD_NAME = "bad_name"
    BAD_PUBLIC_KEY = "bad_public_key"
    TERMINAL_ALREADY_ENROLLED = "terminal_already_enrolled"
    TERMINAL_REVOKED = "terminal_revoked"
    PUBLIC_KEY_IN_USE = "public_key_in_use"
    UNKNOWN_TERMINAL = "unknown_terminal"


class EnrolmentRefused(msgspec.Struct, frozen=True):
    """The answer "no" to an enrolment or a revocation."""

    reason: EnrolmentReason
    terminal: str


class Terminal(msgspec.Struct, frozen=True):
    """One row of the register. ``public_key`` is the Ed25519 public key in hexadecimal."""

    terminal: str
    public_key: str
    certificate_serial: str
    certificate_sha256: str
    revoked: bool = False


class Register(msgspec.Struct, frozen=True):
    """The hall's terminals in the order of enrolment, and where its broker is reached."""

    hall: str
    broker_host: str
    broker_port: int
    terminals: tuple[Terminal, ...] = ()
    version: Literal[1] = 1

    def find(self, terminal: str) -> Terminal | None:
        """The terminal's row, or None: nobody enrolled it."""
        return next((row for row in self.terminals if row.terminal == terminal), None)


class Enrolment(msgspec.Struct, frozen=True):
    """One terminal to enrol: its bundle of files is written into the folder ``into``."""

    terminal: str
    public_key: bytes
    into: Path
    language: Language = "ru"


class SeatSettings(msgspec.Struct, frozen=True):
    """What ``seat.json`` tells a terminal about itself and its hall."""

    terminal: str
    hall: str
    broker_host: str
    broker_port: int
    broker_name: str
    client_id: str
    language: Language


class TerminalKeys(msgspec.Struct, frozen=True):
    """What the controller needs to judge a terminal's messages and to authenticate its own."""

    terminal: str
    public_key: bytes
    mac_key: bytes
    revoked: bool


def prepare(data: Path, hall: str, broker_port: int, broker_host: str = "127.0.0.1") -> Register:
    """Make what is missing of the hall's keys, and note where the broker is; safe to repeat."""
    if not _NAME.match(hall):
        raise ValueError(f"a hall's name is [a-z0-9-]{{1,16}}, not {hall!r}")
    with _locked(data):
        _make_authority(data)
        broker_names = [BROKER_NAME, "localhost"]
        _make_pair(data, "broker", BROKER_NAME, ExtendedKeyUsageOID.SERVER_AUTH, broker_names)
        _make_pair(data, "controller", CONTROLLER_SUBJECT, ExtendedKeyUsageOID.CLIENT_AUTH, [])
        if not _keys(data, "log.key").exists():
            write_file(_keys(data, "log.key"), secrets.token_bytes(32), _PRIVATE)
        known = _read_register(data)
        if known is not None and known.hall != hall:
            raise ValueError(f"the folder {data} belongs to the hall {known.hall!r}, not {hall!r}")
        terminals = known.terminals if known is not None else ()
        register = Register(hall, broker_host, broker_port, terminals)
        if register != known:
            _write_register(data, register)
        return register


def load_register(data: Path) -> Register:
    """The register of a prepared folder; raises FileNotFoundError where there is none."""
    known = _read_register(data)
    if known is None:
        raise FileNotFoundError(data / "terminals.json")
    return known


def load_terminal_keys(data: Path) -> dict[str, TerminalKeys]:
    """The keys of every enrolled terminal, revoked ones too: they are refused by another name."""
    return {
        row.terminal: TerminalKeys(
            row.terminal,
            bytes.fromhex(row.public_key),
            _mac_file(data, row.terminal).read_bytes(),
            row.revoked,
        )
        for row in load_register(data).terminals
    }


def log_seed(data: Path) -> bytes:
    """The 32 bytes that sign the ledger's checkpoints."""
    return _keys(data, "log.key").read_bytes()


def enrol(data: Path, enrolment: Enrolment) -> Terminal | EnrolmentRefused:
    """Enrol one terminal and write its bundle; see ``enrol_many``."""
    return enrol_many(data, [enrolment])[0]


def enrol_many(
    data: Path, enrolments: Sequence[Enrolment]
) -> tuple[Terminal | EnrolmentRefused, ...]:
    """Enrol terminals and write their bundles, one answer for each, the register written once.

    Asked again for the same terminal with the same public key it makes a fresh bundle; with another
    key it refuses: a name is given once.
    """
    answers: list[Terminal | EnrolmentRefused] = []
    with _locked(data):
        register = load_register(data)
        rows = {row.terminal: row for row in register.terminals}
        holders = {row.public_key: row.terminal for row in register.terminals}
        authority = _Authority(data)
        for enrolment in enrolments:
            refused = _refusal(enrolment, rows, holders)
            if refused is not None:
                answers.append(EnrolmentRefused(refused, enrolment.terminal))
                continue
            row = _issue(data, register, authority, enrolment)
            rows[row.terminal] = row
            holders[row.public_key] = row.terminal
            answers.append(row)
        _write_register(data, msgspec.structs.replace(register, terminals=tuple(rows.values())))
    return tuple(answers)


def revoke(data: Path, terminal: str) -> Terminal | EnrolmentRefused:
    """Mark a terminal as revoked for ever; the broker's next ``reload`` cuts it. Safe to repeat."""
    with _locked(data):
        register = load_register(data)
        row = register.find(terminal)
        if row is None:
            return EnrolmentRefused(EnrolmentReason.UNKNOWN_TERMINAL, terminal)
        revoked = msgspec.structs.replace(row, revoked=True)
        rows = tuple(revoked if other is row else other for other in register.terminals)
        _write_register(data, msgspec.structs.replace(register, terminals=rows))
        return revoked


def write_file(path: Path, content: bytes, mode: int, *, durable: bool = True) -> None:
    """Write a whole file or nothing, with its final mode from the first byte on."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(descriptor)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


# --- the register


def _refusal(
    enrolment: Enrolment, rows: Mapping[str, Terminal], holders: Mapping[str, str]
) -> EnrolmentReason | None:
    if not _NAME.match(enrolment.terminal):
        return EnrolmentReason.BAD_NAME
    if not is_sound_public_key(enrolment.public_key):
        return EnrolmentReason.BAD_PUBLIC_KEY
    row = rows.get(enrolment.terminal)
    if row is not None and row.revoked:
        return EnrolmentReason.TERMINAL_REVOKED
    if row is not None and row.public_key != enrolment.public_key.hex():
        return EnrolmentReason.TERMINAL_ALREADY_ENROLLED
    if holders.get(enrolment.public_key.hex(), enrolment.terminal) != enrolment.terminal:
        return EnrolmentReason.PUBLIC_KEY_IN_USE
    return None


def _read_register(data: Path) -> Register | None:
    """The register, or None in a folder that was never prepared."""
    try:
        return msgspec.json.decode((data / "terminals.json").read_bytes(), type=Register)
    except FileNotFoundError:
        return None


def _write_register(data: Path, register: Register) -> None:
    document = msgspec.json.format(msgspec.json.encode(register), indent=1)
    write_file(data / "terminals.json", document + b"\n", _PUBLIC)


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """One program at a time changes the folder; the lock goes with the process that held it."""
    keys = data / "keys"
    (keys / "mac").mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    (keys / "mac").chmod(0o700)
    descriptor = os.open(keys / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


# --- one terminal's bundle


def _issue(data: Path, register: Register, authority: _Authority, enrolment: Enrolment) -> Terminal:
    terminal = enrolment.terminal
    mac_file = _mac_file(data, terminal)
    if not mac_file.exists():
        write_file(mac_file, secrets.token_bytes(32), _PRIVATE)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.issue(terminal, key, ExtendedKeyUsageOID.CLIENT_AUTH, [])
    settings = SeatSettings(
        terminal=terminal,
        hall=register.hall,
        broker_host=register.broker_host,
        broker_port=register.broker_port,
        broker_name=BROKER_NAME,
        # another terminal cannot guess it, so it cannot take this one's session over
        client_id=f"{terminal}-{secrets.token_hex(3)}",
        language=enrolment.language,
    )
    enrolment.into.mkdir(parents=True, exist_ok=True)
    der = serialization.Encoding.DER
    for name, content, mode in (
        ("ca.der", authority.certificate.public_bytes(der), _PUBLIC),
        ("client.der", certificate.public_bytes(der), _PUBLIC),
        ("client_key.der", _private_bytes(key, der), _PRIVATE),
        ("mac.key", mac_file.read_bytes(), _PRIVATE),
        ("seat.json", msgspec.json.encode(settings), _PUBLIC),
    ):
        # the bundle is a copy on its way to a board: it can be made again
        write_file(enrolment.into / name, content, mode, durable=False)
    return Terminal(
        terminal,
        enrolment.public_key.hex(),
        f"{certificate.serial_number:x}",
        certificate.fingerprint(hashes.SHA256()).hex(),
    )


def _mac_file(data: Path, terminal: str) -> Path:
    return _keys(data, "mac") / f"{terminal}.key"


def _keys(data: Path, name: str) -> Path:
    return data / "keys" / name


# --- certificates


class _Authority:
    """The hall's certificate authority, read once for a whole batch."""

    def __init__(self, data: Path) -> None:
        key = serialization.load_pem_private_key(_keys(data, "ca.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the authority's key is not one that this program makes")
        self._key = key
        self.certificate = x509.load_pem_x509_certificate(_keys(data, "ca.crt").read_bytes())

    def issue(
        self,
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        usage: x509.ObjectIdentifier,
        dns_names: Sequence[str],
    ) -> x509.Certificate:
        """A certificate for one end: ``usage`` says whether it may serve or be a client."""
        issuer_key = self._key.public_key()
        builder = (
            _certificate(subject, self.certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
            )
        )
        if dns_names:
            names: list[x509.GeneralName] = [x509.DNSName(name) for name in dns_names]
            names.append(x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")))
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _make_authority(data: Path) -> None:
    if _keys(data, "ca.crt").exists():
        return  # the certificate is written last: where it is, the key is
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dobush hall authority")])
    certificate = (
        _certificate("Dobush hall authority", name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_pair(data, "ca", key, certificate)


def _make_pair(
    data: Path, name: str, subject: str, usage: x509.ObjectIdentifier, dns_names: Sequence[str]
) -> None:
    if _keys(data, f"{name}.crt").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    _write_pair(data, name, key, _Authority(data).issue(subject, key, usage, dns_names))


def _write_pair(
    data: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
) -> None:
    pem = serialization.Encoding.PEM
    write_file(_keys(data, f"{name}.key"), _private_bytes(key, pem), _PRIVATE)
    write_file(_keys(data, f"{name}.crt"), certificate.public_bytes(pem), _PUBLIC)


def _private_bytes(key: ec.EllipticCurvePrivateKey, encoding: serialization.Encoding) -> bytes:
    # RFC 5915: what both MicroPython and every broker read
    return key.private_bytes(
        encoding, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _certificate(
    subject: str, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
