"""The least that any program would have to do, measured on this machine now.

A press has to be debounced, signed by the seat, carried over TLS and back, and made durable once.
"""

from __future__ import annotations

import os
import socket
import ssl
import statistics
import subprocess
import threading
import time
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats.provisioning import prepare
from simulator.board.seat_process import interpreter
from terminal_fw.core.debounce import STABLE_MS

ENTRY_BYTES = 600  # a ballot cast with the signed event beside it
MESSAGE_BYTES = 250  # a signed press; a view is about as long
_ROOT = Path(__file__).resolve().parents[2]


class Floors(msgspec.Struct, frozen=True):
    """Medians, but ``verified_per_s``, which is of the fastest of several rounds on one core."""

    debounce_ms: float
    seat_signs_ms: float
    seat_heartbeat_ms: float
    tls_round_trip_ms: float
    durable_write_ms: float
    verified_per_s: float

    @property
    def press_ms(self) -> float:
        """A press and its answer with nothing between that could be left out."""
        return (
            self.debounce_ms
            + self.seat_signs_ms
            + self.tls_round_trip_ms
            + 1000 / self.verified_per_s
            + self.durable_write_ms
        )


PRESS_FLOOR = "debounce + one signature on MicroPython + TLS round trip + verification + fdatasync"


def measure(folder: Path) -> Floors:
    """All floors; files are written into ``folder``, on the disk that the ledgers use."""
    seat = _seat_floors()
    return Floors(
        debounce_ms=float(STABLE_MS),
        seat_signs_ms=seat["sign"] / 1000,
        seat_heartbeat_ms=seat["heartbeat"] / 1000,
        tls_round_trip_ms=_tls_round_trip_ms(folder),
        durable_write_ms=_durable_write_ms(folder),
        verified_per_s=verified_per_s(),
    )


def verified_per_s(rounds: int = 5, count: int = 1000) -> float:
    """Ed25519 signatures that one core verifies in a second of its time, keys at hand."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    messages = [os.urandom(MESSAGE_BYTES - 64) for _ in range(count)]
    signed = [(key.sign(message), message) for message in messages]
    best = 0.0
    for _ in range(rounds):
        begin = time.process_time()
        for signature, message in signed:
            public.verify(signature, message)
        best = max(best, count / (time.process_time() - begin))
    return best


def _seat_floors() -> dict[str, float]:
    command = [interpreter(), "-X", "heapsize=180k", "tests/bench/seat_floors.py"]
    run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return {name: float(value) for name, value in map(str.split, run.stdout.splitlines())}


def _durable_write_ms(folder: Path, count: int = 100) -> float:
    times = []
    with (folder / "durable").open("wb") as file:
        for _ in range(count):
            begin = time.perf_counter()
            file.write(bytes(ENTRY_BYTES))
            file.flush()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)


def _tls_round_trip_ms(folder: Path, count: int = 300) -> float:
    """One message there and back between two threads, both sides with certificates."""
    prepare(folder / "tls", "demo", 1)
    keys = folder / "tls" / "keys"
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(keys / "ca.crt"))
    server.load_cert_chain(str(keys / "broker.crt"), str(keys / "broker.key"))
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(keys / "ca.crt"))
    client.load_cert_chain(str(keys / "controller.crt"), str(keys / "controller.key"))
    client.check_hostname = False  # the hall's authority certifies one server only
    with socket.create_server(("127.0.0.1", 0)) as listener:
        echoing = threading.Thread(target=_echo, args=(listener, server), daemon=True)
        echoing.start()
        times = []
        plain = socket.create_connection(listener.getsockname())
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client.wrap_socket(plain) as connection:
            for _ in range(count):
                begin = time.perf_counter()
                connection.sendall(bytes(MESSAGE_BYTES))
                _receive(connection)
                times.append(time.perf_counter() - begin)
        echoing.join()
    return 1000 * statistics.median(times)


def _echo(listener: socket.socket, context: ssl.SSLContext) -> None:
    plain, _ = listener.accept()
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with context.wrap_socket(plain, server_side=True) as connection:
        while _receive(connection):
            connection.sendall(bytes(MESSAGE_BYTES))


def _receive(connection: ssl.SSLSocket) -> bool:
    """One whole message; False at the connection's end."""
    missing = MESSAGE_BYTES
    while missing:
        try:
            data = connection.recv(missing)
        except ssl.SSLEOFError:
            return False
        if not data:
            return False
        missing -= len(data)
    return True
