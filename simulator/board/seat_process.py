"""One seat of the simulated hall: the real firmware in a real MicroPython process.

Promises the outside of a seat and nothing of its inside: buttons, a badge, lamps, a screen, a
buzzer, a supply that can be cut at any instant, and the flash folder that survives. The chips on
the board (badge reader, screen) are emulated here; the vote is made by the firmware alone.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from hardware.board_data import Board, load_all
from simulator.board import machine_channel as channel
from simulator.board.lamp_view import LampRecorder, LampView
from simulator.board.pn532 import Pn532
from simulator.board.ssd1306_screen import Ssd1306
from terminal_fw import build_image

HEAP_BYTES = 180 * 1024
LOG_LINES_MAX = 200
_POWER_ON = Path(__file__).parent / "micropython" / "power_on.py"
_BOARD_MODULES = ("machine", "board_select")
_WINDOW_PIECE_BYTES = 100_000  # one string of an environment may have 128 KiB
_WINDOW_SPARE_BYTES = 4096
_RESET_S = 0.3  # from a reset to the first line of boot.py
_BOUNCES = 2  # a contact opens this often again before it settles
_READ_BYTES = 65536
# A chip's watchdog bites by its own clock. Here the operating system may keep a process waiting,
# which is not the board's fault, so the bite comes this much later.
_WATCHDOG_PATIENCE = 4
_PWRON_RESET, _HARD_RESET, _WDT_RESET = 1, 2, 3
_PULLED_UP = 1

OnChange = Callable[["SeatProcess", str], None]


def interpreter() -> str:
    """The MicroPython program: next to this Python, or on the path."""
    beside = Path(sys.executable).parent / "micropython"
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        raise FileNotFoundError(
            "no MicroPython for this machine: put a program named micropython (1.28 or newer, "
            "the standard Unix build) on the path, for instance from Debian's package micropython"
        )
    return found


@functools.cache
def board_rom() -> Path:
    """The board's own modules (`machine`, `select`) compiled, as a board has them in its ROM."""
    folder = Path(tempfile.mkdtemp(prefix="dobush-board-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = {}
    for name in _BOARD_MODULES:
        source = (_POWER_ON.parent / f"{name}.py").relative_to(build_image.ROOT)
        files[f"{name}.mpy"] = build_image.compiled(source, build_image.SIMULATED_BOARD)
    rom = folder / "board.romfs"
    rom.write_bytes(build_image.romfs(files))
    return rom


def flash_window(image_dir: Path) -> dict[str, str]:
    """An environment that leaves room for the image outside the interpreter's heap.

    A board runs its image in place from flash. MicroPython on Linux has no such memory, but the
    environment of a process lies outside its heap; power_on.py lays the image there.
    """
    images = (image_dir / build_image.ROMFS, board_rom())
    room = sum(image.stat().st_size for image in images) + _WINDOW_SPARE_BYTES
    names = range(room // _WINDOW_PIECE_BYTES + 1)
    return {f"FLASH_WINDOW_{name}": "." * _WINDOW_PIECE_BYTES for name in names}


async def run_script(image_dir: Path, flash_dir: Path, script: str) -> str:
    """Runs one script of the image on the board in `flash_dir`, as a technician does over USB."""
    process = await asyncio.create_subprocess_exec(
        *_command(image_dir, HEAP_BYTES),
        script,
        env=flash_window(image_dir),
        cwd=flash_dir,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, log = await process.communicate(_power_frame(_board(), "technician", _PWRON_RESET))
    if process.returncode != 0:
        raise RuntimeError(f"{script} failed on the board: {log.decode(errors='replace')}")
    return log.decode()


async def enrol(image_dir: Path, flash_dir: Path) -> bytes:
    """Lets the board make its signing key; gives the public half, all that ever leaves it."""
    await run_script(image_dir, flash_dir, "enrol.py")
    return (flash_dir / "sign.pub").read_bytes()


class SeatProcess:
    """One powered or unpowered seat. Make it with `await SeatProcess.start(...)`."""

    def __init__(
        self,
        terminal: str,
        image_dir: Path,
        flash_dir: Path,
        *,
        heap_bytes: int = HEAP_BYTES,
        on_change: OnChange | None = None,
    ) -> None:
        self.terminal = terminal
        self.board = _board()
        self.log_tail: deque[str] = deque(maxlen=LOG_LINES_MAX)
        self.restarts = 0  # by the watchdog or by the firmware itself
        self._image_dir, self._flash_dir = Path(image_dir).resolve(), Path(flash_dir).resolve()
        self._heap_bytes = heap_bytes
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._supply: asyncio.Task[None] | None = None
        self._levels = dict.fromkeys(self.board["buttons"].values(), _PULLED_UP)
        self._recorders = {name: LampRecorder() for name in self.board["lamps"]}
        self._lamp_of_pin = {pin: name for name, pin in self.board["lamps"].items()}
        self._buzzer = LampRecorder()
        self._screen = Ssd1306()
        self._reader = Pn532(self._from_reader)
        self._wanted = False  # the supply is on
        self._frozen = False
        self._watchdog_s = 0.0
        self._fed_at = 0.0
        self._watchdog: asyncio.TimerHandle | None = None

    @classmethod
    async def start(
        cls,
        terminal: str,
        image_dir: Path,
        flash_dir: Path,
        *,
        heap_bytes: int = HEAP_BYTES,
        on_change: OnChange | None = None,
    ) -> SeatProcess:
        """A seat that was just switched on."""
        seat = cls(terminal, image_dir, flash_dir, heap_bytes=heap_bytes, on_change=on_change)
        await seat.power_on()
        return seat

    # -- what a person does

    def press(self, button: str) -> None:
        """A finger goes down; the contact bounces as real ones do."""
        self._move_contact(self.board["buttons"][button], 0)

    def release(self, button: str) -> None:
        """The finger goes up again."""
        self._move_contact(self.board["buttons"][button], 1)

    async def tap(self, button: str, hold_ms: int = 120) -> None:
        """Press, hold, release."""
        self.press(button)
        await asyncio.sleep(hold_ms / 1000)
        self.release(button)

    def insert_badge(self, uid: bytes) -> None:
        """A badge is put into the slot, also while the seat has no supply."""
        self._reader.insert_card(uid)

    def remove_badge(self) -> None:
        """The badge is taken away."""
        self._reader.remove_card()

    # -- what a person sees and hears

    @property
    def badge(self) -> bytes:
        """The badge in the slot; empty bytes when there is none."""
        return self._reader.card

    @property
    def lamps(self) -> dict[str, LampView]:
        """Every lamp as it is seen now."""
        now = time.monotonic()
        return {name: recorder.view(now) for name, recorder in self._recorders.items()}

    def lamp_recorder(self, lamp: str) -> LampRecorder:
        """All recorded writes of one lamp."""
        return self._recorders[lamp]

    @property
    def buzzer(self) -> LampRecorder:
        """The recorded writes of the buzzer."""
        return self._buzzer

    def screen_png(self) -> bytes:
        """A picture of the screen."""
        return self._screen.png()

    def screen_lit(self, x: int, y: int) -> bool:
        """Whether one point of the screen is lit."""
        return self._screen.pixel(x, y)

    @property
    def screen_revision(self) -> int:
        return self._screen.revision

    # -- the supply

    @property
    def alive(self) -> bool:
        """Whether the seat has its supply and its processor runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process of the running firmware, to measure it."""
        return self._process.pid if self.alive and self._process is not None else None

    async def power_on(self) -> None:
        """Switches the supply on; nothing happens when it is on."""
        if self._wanted:
            return
        self._wanted = True
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._supply = asyncio.create_task(self._run(started))
        await started

    async def power_cut(self) -> None:
        """Cuts the supply: the process is killed at this instant, the flash folder stays."""
        self._wanted = False
        self._signal(signal.SIGKILL)
        if self._supply is not None:
            await self._supply

    async def close(self) -> None:
        """Cuts the supply for good."""
        await self.power_cut()

    def freeze(self) -> None:
        """The processor stands still, as in a hung bus; the lamps stay as they are."""
        self._frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """The processor goes on."""
        self._frozen = False
        self._fed_at = time.monotonic()
        self._signal(signal.SIGCONT)

    # -- inside

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def _move_contact(self, pin: int, level: int) -> None:
        self._levels[pin] = level
        for _ in range(_BOUNCES):
            self._send(channel.PIN_LEVEL, bytes((pin, level)))
            self._send(channel.PIN_LEVEL, bytes((pin, 1 - level)))
        self._send(channel.PIN_LEVEL, bytes((pin, level)))

    def _from_reader(self, data: bytes) -> None:
        self._send(channel.UART_INPUT, bytes((self.board["badge_reader"]["uart"],)) + data)

    def _send(self, kind: int, payload: bytes) -> None:
        self._send_raw(channel.frame(kind, payload))

    def _send_raw(self, data: bytes) -> None:
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            return
        if not process.stdin.is_closing():
            process.stdin.write(data)

    async def _run(self, started: asyncio.Future[None]) -> None:
        """While the supply is on: starts the firmware, and again whenever its processor stops."""
        reset_cause = _PWRON_RESET
        while self._wanted:
            try:
                process = await self._start(reset_cause)
            except OSError as error:
                self._wanted = False
                if started.done():
                    raise
                started.set_exception(error)
                return
            if not started.done():
                started.set_result(None)
            if not self._wanted:  # it was cut while it started
                self._signal(signal.SIGKILL)
            code = await self._follow(process)
            if self._wanted:
                self.restarts += 1
                self.log_tail.append(f"board: the processor stopped with {code} and starts again")
                reset_cause = _WDT_RESET if code == -signal.SIGKILL else _HARD_RESET
                await asyncio.sleep(_RESET_S)

    async def _start(self, reset_cause: int) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *_command(self._image_dir, self._heap_bytes),
            env=flash_window(self._image_dir),
            cwd=self._flash_dir,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._process = process
        self._send_raw(_power_frame(self.board, self.terminal, reset_cause))
        for pin, level in self._levels.items():
            if level != _PULLED_UP:
                self._send(channel.PIN_LEVEL, bytes((pin, level)))
        self._notify("power")
        return process

    async def _follow(self, process: asyncio.subprocess.Process) -> int:
        """Takes everything the board says until its process ends; gives how it ended."""
        log = asyncio.create_task(self._follow_log(process))
        parser = channel.FrameParser()
        assert process.stdout is not None
        while data := await process.stdout.read(_READ_BYTES):
            now = time.monotonic()
            changed: set[str] = set()
            for kind, payload in parser.feed(data):
                changed |= self._take_frame(kind, payload, now)
            for what in sorted(changed):
                self._notify(what)
        await log
        code = await process.wait()
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._darken()
        return code

    async def _follow_log(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            self.log_tail.append(line.decode(errors="replace").rstrip())

    def _take_frame(self, kind: int, payload: bytes, now: float) -> set[str]:
        if kind == channel.PIN_OUTPUT:
            return self._take_pin(payload[0], bool(payload[1]), now)
        if kind == channel.I2C_WRITE:
            before = self._screen.revision
            self._screen.receive(payload[2:])
            return {"screen"} if self._screen.revision != before else set()
        if kind == channel.UART_OUTPUT:
            self._reader.receive(payload[1:])
        elif kind == channel.WATCHDOG:
            self._fed_at = now
            if payload:
                self._watchdog_s = int.from_bytes(payload, "big") / 1000 * _WATCHDOG_PATIENCE
                self._watch()
        return set()

    def _take_pin(self, pin: int, level: bool, now: float) -> set[str]:
        lamp = self._lamp_of_pin.get(pin)
        if lamp is not None:
            self._recorders[lamp].write(now, level)
            return {"lamp"}
        if pin == self.board["buzzer"]["pin"]:
            self._buzzer.write(now, level)
            return {"buzzer"}
        return set()

    def _watch(self) -> None:
        """Bites a board that was not fed: the chip's watchdog, which the firmware armed."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        left_s = self._fed_at + self._watchdog_s - time.monotonic()
        if left_s <= 0 and not self._frozen:
            self._signal(signal.SIGKILL)
            return
        loop = asyncio.get_running_loop()
        self._watchdog = loop.call_later(max(left_s, 1.0), self._watch)

    def _darken(self) -> None:
        now = time.monotonic()
        for recorder in self._recorders.values():
            if recorder.writes:
                recorder.go_dark(now)
        self._screen.power_cycle()
        self._reader.power_cycle()
        self._notify("power")

    def _notify(self, what: str) -> None:
        if self._on_change is not None:
            self._on_change(self, what)


def _board() -> Board:
    return next(board for board in load_all() if board.name == "seat_a")


def _command(image_dir: Path, heap_bytes: int) -> list[str]:
    heap = f"heapsize={heap_bytes}"
    # absolute: the board's process runs in its own flash folder
    return [interpreter(), "-X", heap, str(_POWER_ON), str(board_rom()), str(image_dir.resolve())]


def _power_frame(board: Board, terminal: str, reset_cause: int) -> bytes:
    unique_id = terminal.encode()[:8].ljust(8, b"\0")
    address = bytes((board["display"]["address"],))
    return channel.frame(channel.POWER, bytes((reset_cause,)) + unique_id + address)
