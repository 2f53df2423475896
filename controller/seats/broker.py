"""The broker of the hall: a NATS server with MQTT over mutual TLS, as a child of this program.

Promises: it is ready when ``start`` returns; it dies with this program, even when this program is
killed; it comes back with a bounded back-off when it dies alone; a revoked terminal is cut before
``reload`` returns; who was turned away is counted by name. It holds nothing that the ledger does
not: its store is thrown away at every start, and the hall publishes every view again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import msgspec

from controller.seats.broker_config import render_config
from controller.seats.counts import RefusalCounts
from controller.seats.provisioning import BROKER_NAME, load_register, write_file

_BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
_STEADY_S = 30.0  # a broker that lived this long starts again with the shortest back-off
_STOP_S = 3.0
_RELOAD_S = 3.0
_POLL_S = 0.02
_LINE_BYTES_MAX = 2_048

# The child asks the kernel to be killed when the thread that made it ends, then becomes the broker.
_LAUNCHER = """\
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the controller is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""

# what the server's log says, and the name under which it is counted
_REFUSED_LINES = (
    (b"client didn't provide a certificate", "client_without_certificate"),
    (b"failed to verify certificate", "client_not_known"),
    (b"- authentication error", "client_not_known"),
    (b"Publish Violation", "publish_not_permitted"),
    (b"Subscription Violation", "subscribe_not_permitted"),
    (b"maximum payload exceeded", "message_too_large"),
    (b"since both have the same client ID", "session_taken_over"),
    (b"TLS handshake error", "handshake_failed"),
    (b"maximum connections exceeded", "connections_exceeded"),
    (b"Slow Consumer", "slow_consumer"),
)
# a second line about what another line counted
_REPEATED_LINES = (b"unable to connect",)


class BrokerError(Exception):
    """The broker did not become ready; the message says what its log said last."""


class BrokerHealth(msgspec.Struct, frozen=True):
    """``pid`` is 0 while there is no child; ``restarts`` counts since this program started."""

    running: bool
    pid: int
    restarts: int


class Broker:
    """One NATS server. Methods block for a short, bounded time: call them off the event loop."""

    def __init__(
        self, data: Path, counts: RefusalCounts, mqtt_port: int, mqtt_host: str = "127.0.0.1"
    ) -> None:
        """``data`` was prepared by ``provisioning.prepare``; ``counts`` gets who was refused."""
        self._data = data
        self._counts = counts
        self._host = mqtt_host
        self._port = mqtt_port
        self._folder = data / "broker"
        self._config = self._folder / "broker.conf"
        self._server = Path()
        self._child: subprocess.Popen[bytes] | None = None
        self._supervisor: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._reloaded = threading.Event()
        self._restarts = 0
        self._last_lines: deque[str] = deque(maxlen=8)

    def start(self, timeout_s: float = 15.0) -> None:
        """Start the server and wait until its MQTT port answers. Raises BrokerError."""
        self._server = _find_server()
        self._folder.mkdir(parents=True, exist_ok=True)
        _end_orphan(self._folder / "broker.pid", self._config)
        self._write_config()
        self._supervisor = threading.Thread(target=self._supervise, name="broker", daemon=True)
        self._supervisor.start()
        deadline = time.monotonic() + timeout_s
        while not (self.health().running and self._answers()):
            if time.monotonic() > deadline or self._restarts >= len(_BACK_OFF_S):
                self.stop()
                raise BrokerError("; ".join(self._last_lines) or "no answer")
            time.sleep(_POLL_S)

    def reload(self) -> None:
        """Read the register again: a terminal revoked since is cut now, a new one may connect.

        A server that does not confirm is killed; the next one starts with the new register.
        """
        self._write_config()
        with self._lock:
            child = self._child
            if child is None:
                return
            self._reloaded.clear()
            child.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + _RELOAD_S
        while not self._reloaded.wait(_POLL_S):
            if child.poll() is not None:
                return  # it ended before it could confirm: the next one reads the new register
            if time.monotonic() > deadline:
                child.kill()

    def restart(self) -> None:
        """Kill the server, as one does with a frozen one; the supervisor starts another."""
        with self._lock:
            if self._child is not None:
                self._child.kill()

    def stop(self) -> None:
        """End the server and wait for it."""
        self._stopping.set()
        with self._lock:
            child = self._child
            if child is not None:
                child.terminate()
        if self._supervisor is None:
            return
        self._supervisor.join(_STOP_S)
        if self._supervisor.is_alive() and child is not None:
            child.kill()
            self._supervisor.join(_STOP_S)

    def health(self) -> BrokerHealth:
        """Whether there is a server now; it says nothing about a frozen one."""
        with self._lock:
            child = self._child
            running = child is not None and child.poll() is None
            pid = child.pid if child is not None and running else 0
            return BrokerHealth(running, pid, self._restarts)

    # --- the supervisor's thread: the child's life is bound to it by the kernel

    def _supervise(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began_s = time.monotonic()
            try:
                self._run_once()
            except OSError as error:
                # no memory for a process, no room for its files: the next try may find some
                self._counts.count("broker_error", "broker", str(error))
                self._end_child()
            if time.monotonic() - began_s > _STEADY_S:
                failures = 0
            if self._stopping.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)]):
                return
            failures += 1
            with self._lock:
                self._restarts += 1

    def _run_once(self) -> None:
        shutil.rmtree(self._folder / "store", ignore_errors=True)
        program = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid())]
        with self._lock:
            if self._stopping.is_set():
                return
            child = subprocess.Popen(
                [*program, str(self._server), "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                process_group=0,  # Ctrl-C in the technician's window is the controller's to handle
            )
            self._child = child
        write_file(self._folder / "broker.pid", f"{child.pid}\n".encode(), 0o600, durable=False)
        if child.stderr is not None:
            with child.stderr as lines:
                while line := lines.readline(_LINE_BYTES_MAX):
                    self._read_line(line)
        child.wait()
        with self._lock:
            self._child = None
        (self._folder / "broker.pid").unlink(missing_ok=True)

    def _end_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            if child.stderr is not None:
                child.stderr.close()

    def _read_line(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if b"Reloaded server configuration" in line:
            self._reloaded.set()
        if b"[INF]" in line:
            return
        self._last_lines.append(text)
        if any(mark in line for mark in _REPEATED_LINES):
            return
        for mark, name in _REFUSED_LINES:
            if mark in line:
                self._counts.count(name, "broker", text)
                return
        if b"[ERR]" in line or b"[FTL]" in line:
            self._counts.count("broker_error", "broker", text)

    def _write_config(self) -> None:
        register = load_register(self._data)
        text = render_config(
            register, self._data / "keys", self._folder / "store", self._host, self._port
        )
        write_file(self._config, text.encode(), 0o600)

    def _answers(self) -> bool:
        """Whether the MQTT port shows our broker's certificate: another program's port does not."""
        keys = self._data / "keys"
        context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        context.load_cert_chain(str(keys / "controller.crt"), str(keys / "controller.key"))
        try:
            with (
                socket.create_connection((_reachable(self._host), self._port), timeout=1.0) as raw,
                context.wrap_socket(raw, server_hostname=BROKER_NAME),
            ):
                return True
        except OSError:
            return False


def _reachable(host: str) -> str:
    """The address under which this machine reaches a server that listens on ``host``."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound


def _find_server() -> Path:
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        return beside
    found = shutil.which("nats-server")
    if found is None:
        raise BrokerError("no nats-server: install the requirements")
    return Path(found)


def _end_orphan(pid_file: Path, config: Path) -> None:
    """Kill the server that a killed controller may have left, and only that one."""
    try:
        pid = int(pid_file.read_text())
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return
    if str(config).encode() not in arguments or b"nats-server" not in arguments[0]:
        return
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/cmdline").exists() and _is_running(pid):
        time.sleep(_POLL_S)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
