"""One real MicroPython process that runs seat_link.py, and what it says."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.soak.brokers import program
from tests.soak.certificates import Authority, Pair

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = (
    "terminal_fw/drivers/mqtt_packets.py",
    "terminal_fw/drivers/mqtt_session.py",
    "terminal_fw/drivers/mqtt_link.py",
)
HEAP = "180k"
RECONNECT_WAIT_S = 15.0


def build_image(folder: Path) -> Path:
    """The link's modules as the seat loads them: compiled, where the compiler is at hand."""
    compiler = program("mpy-cross")
    for name in MODULES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if compiler is None:
            shutil.copy(REPOSITORY / name, target)
        else:
            command = [compiler, "-O1", "-s", name, "-o", str(target.with_suffix(".mpy"))]
            subprocess.run([*command, str(REPOSITORY / name)], check=True)
    return folder


def write_flash(folder: Path, authority: Authority, client: Pair) -> Path:
    """What the link reads from a seat's flash."""
    folder.mkdir(parents=True, exist_ok=True)
    authority.pair.write_der(folder, "ca.der", "unused.der")
    (folder / "unused.der").unlink()
    client.write_der(folder, "client.der", "client_key.der")
    return folder


class Seat:
    """The process; ``lines`` grows while it runs, each with its ``arrived_s`` (monotonic)."""

    def __init__(
        self, image: Path, flash: Path, port: int, broker_name: str, steady_ms: int | None = None
    ) -> None:
        interpreter = program("micropython")
        if interpreter is None:
            raise FileNotFoundError("micropython")
        script = str(Path(__file__).with_name("seat_link.py"))
        command = [interpreter, "-X", f"heapsize={HEAP}", script, str(image), str(flash)]
        command += ["127.0.0.1", str(port), broker_name]
        command += [] if steady_ms is None else [str(steady_ms)]
        self.lines: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            self.lines.append({**json.loads(text), "arrived_s": time.monotonic()})

    def states(self) -> list[dict[str, Any]]:
        """The periodic measurements so far."""
        return [line for line in self.lines if line["kind"] == "state"]

    def last(self) -> dict[str, Any]:
        """The newest measurements."""
        return self.states()[-1]

    def link_changes(self) -> list[dict[str, Any]]:
        """Each gain and loss of the connection, in order."""
        return [line for line in self.lines if line["kind"] == "link"]

    def connected(self) -> bool:
        """What the seat said last about its connection."""
        changes = self.link_changes()
        return bool(changes) and bool(changes[-1]["connected"])

    def wait(self, what: str, holds: Callable[[], bool], within_s: float) -> None:
        """Wait until something holds; the process must live."""
        limit = time.monotonic() + within_s
        while not holds():
            if self._process.poll() is not None:
                raise AssertionError(f"the seat's process ended while waiting for: {what}")
            if time.monotonic() > limit:
                raise AssertionError(f"not within {within_s} s: {what}; last {self.lines[-3:]}")
            time.sleep(0.01)

    def wait_connection(self, lost_s: float, returned_s: float) -> float:
        """Wait for a connection made after ``lost_s``; how long after the return it came.

        A seat may be quicker than the test is in seeing that the broker is back: that counts as 0.
        """

        def made() -> list[float]:
            changes = self.link_changes()
            return [c["arrived_s"] for c in changes if c["connected"] and c["arrived_s"] > lost_s]

        self.wait("a new connection", lambda: bool(made()), RECONNECT_WAIT_S)
        return max(0.0, made()[0] - returned_s)

    def order(self, word: str) -> None:
        """Tell the seat ``stop`` (produce no more events) or ``quit``."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """End the process, whatever state it is in."""
        if self._process.poll() is None:
            try:
                self.order("quit")
                self._process.wait(timeout=5)
            except (OSError, subprocess.TimeoutExpired):
                self._process.kill()
        self._process.wait()
        self._reader.join(timeout=5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
