"""The brokers that must keep the contract, with one hall's certificates and rights.

NATS is the product's own child process. Mosquitto is set up here as a technician would: identity
from the certificate, an access list, a revocation list.
"""

from __future__ import annotations

import datetime
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats import provisioning
from controller.seats.broker import Broker
from controller.seats.counts import RefusalCounts
from tests.contracts.mqtt_person import MqttPerson, pem_pair

HALL = "demo"


class Mute:
    def warning(self, event: str, **fields: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mosquitto_program() -> str | None:
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return shutil.which("mosquitto", path=places)


class HallFolder:
    """A prepared data folder with enrolled terminals, and clients that use their certificates."""

    def __init__(self, folder: Path, terminals: tuple[str, ...]) -> None:
        self.data = folder / "data"
        self.bundles = folder / "bundles"
        self.port = free_port()
        self.register = provisioning.prepare(self.data, HALL, self.port)
        self.signing: dict[str, Ed25519PrivateKey] = {}
        for terminal in terminals:
            self.enrol(terminal)

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    def enrol(self, terminal: str) -> None:
        key = self.signing[terminal] = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        into = self.bundles / terminal
        row = provisioning.enrol(self.data, provisioning.Enrolment(terminal, public, into))
        assert isinstance(row, provisioning.Terminal)

    def seat(self, terminal: str, **other: Any) -> MqttPerson:
        """A client with the terminal's certificate, as its firmware connects."""
        return MqttPerson(
            self.port,
            self.keys / "ca.crt",
            other.get("pair", pem_pair(self.bundles / terminal)),
            other.get("client_id", f"{terminal}-1"),
            (f"hall/{HALL}/seat/{terminal}/alive", b"\0"),
        )

    def controller(self) -> MqttPerson:
        pair = (self.keys / "controller.crt", self.keys / "controller.key")
        person = MqttPerson(self.port, self.keys / "ca.crt", pair, "controller")
        for direction in ("up", "alive"):
            assert person.subscribe(f"hall/{HALL}/seat/+/{direction}")
        return person


class NatsHall(HallFolder):
    """The broker that the product starts."""

    def __init__(self, folder: Path, terminals: tuple[str, ...]) -> None:
        super().__init__(folder, terminals)
        self.counts = RefusalCounts(Mute(), lambda: 0)
        self.broker = Broker(self.data, self.counts, self.port)
        self.broker.start()

    def revoke(self, terminal: str) -> None:
        provisioning.revoke(self.data, terminal)
        self.broker.reload()

    def stop(self) -> None:
        self.broker.stop()


class MosquittoHall(HallFolder):
    """Mosquitto with the same rights; a revocation restarts it: it keeps old connections."""

    def __init__(self, folder: Path, terminals: tuple[str, ...]) -> None:
        super().__init__(folder, terminals)
        self._folder = folder / "mosquitto"
        self._folder.mkdir()
        self._revoked: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def revoke(self, terminal: str) -> None:
        row = provisioning.revoke(self.data, terminal)
        assert isinstance(row, provisioning.Terminal)
        self._revoked.append(row.certificate_serial)
        self.stop()
        self._start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _start(self) -> None:
        self._write_lists()
        program = mosquitto_program()
        assert program is not None
        with (self._folder / "log").open("ab") as log:
            command = [program, "-c", str(self._folder / "mosquitto.conf")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.02)

    def _write_lists(self) -> None:
        pattern = f"hall/{HALL}/seat"
        (self._folder / "rights").write_text(
            f"user {provisioning.CONTROLLER_SUBJECT}\n"
            f"topic write {pattern}/+/down\ntopic read {pattern}/+/up\n"
            f"topic read {pattern}/+/alive\n\n"
            f"pattern write {pattern}/%u/up\npattern write {pattern}/%u/alive\n"
            f"pattern read {pattern}/%u/down\n"
        )
        key = serialization.load_pem_private_key((self.keys / "ca.key").read_bytes(), None)
        authority = x509.load_pem_x509_certificate((self.keys / "ca.crt").read_bytes())
        day = datetime.timedelta(days=1)
        now = datetime.datetime.now(datetime.UTC)
        revocations = x509.CertificateRevocationListBuilder().issuer_name(authority.subject)
        revocations = revocations.last_update(now - day).next_update(now + 3_650 * day)
        for serial in self._revoked:
            one = x509.RevokedCertificateBuilder().serial_number(int(serial, 16))
            revocations = revocations.add_revoked_certificate(one.revocation_date(now).build())
        document = revocations.sign(key, hashes.SHA256())  # type: ignore[arg-type] - P-256
        (self._folder / "revoked.pem").write_bytes(
            document.public_bytes(serialization.Encoding.PEM)
        )
        for name in ("ca.crt", "broker.crt", "broker.key"):
            shutil.copy(self.keys / name, self._folder / name)
        settings = {
            "user": "root",  # keeps the rights of whoever runs the test
            "per_listener_settings": "false",
            "listener": f"{self.port} 127.0.0.1",
            "cafile": self._folder / "ca.crt",
            "certfile": self._folder / "broker.crt",
            "keyfile": self._folder / "broker.key",
            "crlfile": self._folder / "revoked.pem",
            "require_certificate": "true",
            "use_identity_as_username": "true",
            "allow_anonymous": "false",
            "acl_file": self._folder / "rights",
            "message_size_limit": "1024",
        }
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        (self._folder / "mosquitto.conf").write_text(lines)
