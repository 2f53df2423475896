"""The controller as a child process: started, watched, killed on purpose and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from simulator.chair import Chair, HallSilent
from simulator.keeper import tied_command

_FIRST_PASSWORD = "first password: "  # noqa: S105 - what the controller prints before it
_READY_S = 30.0
_STOP_S = 10.0
_POLL_S = 0.05
_LOG_LINES_SHOWN = 6


class ControllerFailed(RuntimeError):  # noqa: N818 - it says what happened
    """The controller ended or did not become ready; the message holds its last words."""


class ControllerProcess:
    """``python -m controller`` over one data folder. Its log is ``DATA/controller.log``."""

    def __init__(self, data: Path, port: int, mqtt_port: int, virtual_hall: str = "") -> None:
        self.data = data
        self.port = port
        self._command = [
            sys.executable,
            "-m",
            "controller",
            "--data",
            str(data),
            "--port",
            str(port),
            "--mqtt-port",
            str(mqtt_port),
        ]
        if virtual_hall:
            self._command += ["--virtual-hall", virtual_hall]
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._log = data / "controller.log"

    @property
    def password_file(self) -> Path:
        """Where the simulator notes the first password: only its hash stays with the controller."""
        return self.data / "simulated-password"

    @property
    def password(self) -> str:
        """The first password; raises ControllerFailed where it was never seen."""
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise ControllerFailed(f"{self.password_file} is missing") from None

    @property
    def pid(self) -> int | None:
        """The running process, to measure it."""
        return self._process.pid if self.running and self._process is not None else None

    @property
    def broker_pid(self) -> int | None:
        """The broker's process, as the controller notes it; None while there is none."""
        try:
            return int((self.data / "broker" / "broker.pid").read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, timeout_s: float = _READY_S) -> float:
        """Start and wait until it serves; gives the seconds that took. Raises ControllerFailed."""
        begin = time.monotonic()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *tied_command(self._command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._reader = asyncio.create_task(self._read_password(self._process))
        chair = Chair(self.port)
        while not await _serves(chair):
            if not self.running:
                raise ControllerFailed(f"the controller ended: {self.last_words()}")
            if time.monotonic() - begin > timeout_s:
                raise ControllerFailed(f"the controller is not ready: {self.last_words()}")
            await asyncio.sleep(_POLL_S)
        return time.monotonic() - begin

    async def wait(self) -> int:
        """Until it ends; gives its exit status."""
        assert self._process is not None, "it was started before"
        return await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL, as by a power cut of this one program."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to stop and wait; kill it when it does not."""
        try:
            async with asyncio.timeout(_STOP_S):
                await self._end(signal.SIGTERM)
        except TimeoutError:
            await self._end(signal.SIGKILL)

    def last_words(self) -> str:
        """The end of its log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_LINES_SHOWN:])

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def _read_password(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            text = line.decode(errors="replace").strip()
            if text.startswith(_FIRST_PASSWORD):
                _write_private(self.password_file, text.removeprefix(_FIRST_PASSWORD))


def signal_process(pid: int | None, number: signal.Signals) -> bool:
    """Send a signal; False when there is no such process."""
    if pid is None:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


async def run_guarded(
    controller: ControllerProcess, tell: Callable[[str], None], back_off_s: float = 1.0
) -> None:
    """Start the controller again whenever it ends by itself, until cancelled."""
    while True:
        status = await controller.wait()
        tell(f"controller: exit {status}\n{controller.last_words()}")
        while True:
            await asyncio.sleep(back_off_s)
            try:
                await controller.start()
            except ControllerFailed as error:
                tell(str(error))
                back_off_s = min(2 * back_off_s, 30.0)
            else:
                break


async def _serves(chair: Chair) -> bool:
    try:
        return bool((await chair.get_json("/api/health"))["status"] == "ok")
    except HallSilent:
        return False


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text + "\n")
