"""The smallest controller that a seat can talk to: a broker and hand-made views.

Judges nothing and stores nothing: it opens what the seat signs, keeps it in a list, and says in a
view whatever the test wants said.
"""

import asyncio
import socket
import time
from pathlib import Path
from unittest.mock import Mock

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from controller.seats import provisioning
from controller.seats.bridge import Bridge
from controller.seats.broker import Broker
from controller.seats.counts import RefusalCounts
from protocol import messages, sealed
from simulator.board import seat_process

HALL = "hall-1"
PHASE = {name: number for number, name in enumerate(messages.PHASES)}
BALLOT = bytes(range(32))
LANGUAGE = {name: number for number, name in enumerate(messages.LANGUAGES)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _counts() -> RefusalCounts:
    return RefusalCounts(Mock(), lambda: int(time.monotonic() * 1000))

SITTER = messages.Sitter("Асанов Б. К.", True)


class Peer:
    """A broker, and the controller's side of one or more seats."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.events: dict[str, list[messages.Event]] = {}
        self.repeats = 0
        self.heartbeats: dict[str, messages.Heartbeat] = {}
        self.fields: dict[str, dict[str, object]] = {}
        self._hashes: dict[str, dict[bytes, int]] = {}
        self._revision = 1 << 32
        self._loop = asyncio.get_running_loop()
        provisioning.prepare(folder, HALL, self.port)
        self.broker = Broker(folder, _counts(), self.port)
        self._bridge: Bridge | None = None
        self._keys: dict[str, provisioning.TerminalKeys] = {}

    async def enrol(self, image: Path, *terminals: str) -> dict[str, Path]:
        """Makes the flash folders of these seats."""
        flashes = {terminal: self.folder / "seats" / terminal for terminal in terminals}
        for terminal, flash in flashes.items():
            flash.mkdir(parents=True)
            public = await seat_process.enrol(image, flash)
            provisioning.enrol(self.folder, provisioning.Enrolment(terminal, public, flash))
        self._keys = provisioning.load_terminal_keys(self.folder)
        return flashes

    async def restart_broker(self) -> None:
        """Starts a stopped broker anew."""
        self.broker = Broker(self.folder, _counts(), self.port)
        await asyncio.to_thread(self.broker.start)

    async def start(self) -> None:
        """Starts the broker and connects to it; call after `enrol`."""
        await asyncio.to_thread(self.broker.start)
        self._bridge = Bridge(
            self.folder,
            HALL,
            _counts(),
            host="127.0.0.1",
            port=self.port,
            now_ms=lambda: int(time.monotonic() * 1000),
            on_message=lambda topic, payload, _at: self._loop.call_soon_threadsafe(
                self._take, topic, payload
            ),
            on_connected=lambda: None,
            on_disconnected=lambda: None,
        )
        self._bridge.start()
        assert await asyncio.to_thread(self._bridge.wait_connected, 10)

    async def stop(self) -> None:
        if self._bridge is not None:
            await asyncio.to_thread(self._bridge.stop)
        await asyncio.to_thread(self.broker.stop)

    def show(self, terminal: str, **fields: object) -> None:
        """Changes what the seat's view says and publishes it."""
        assert self._bridge is not None
        known = self.fields.setdefault(terminal, {})
        known.update(fields)
        last = self.events.get(terminal, [])
        accepted = last[-1] if last else None
        head = self._head(terminal)
        self._revision += 1
        view = messages.View(
            terminal,
            self._revision,
            accepted.boot if accepted else 0,
            accepted.sequence if accepted else 0,
            head,
            1_790_000_000_000,
            known.get("language", 0),
            known.get("sitter"),
            known.get("phase", 0),
            known.get("ballot"),
            known.get("receipt"),
            known.get("refusal"),
            known.get("floor_place"),
            known.get("microphone", False),
            known.get("speak_left_ms"),
            known.get("notices", ()),
            known.get("result"),
        )
        topic = f"hall/{HALL}/seat/{terminal}/down"
        self._bridge.publish_view(
            terminal, sealed.seal_view(self._keys[terminal].mac_key, view, topic)
        )

    def publish_forged(self, terminal: str) -> None:
        """A view like the real one under another key, as a broker's operator could make it."""
        assert self._bridge is not None
        view = messages.View(
            terminal, (1 << 40), 0, 0, messages.NO_HASH, 0, 0, None, PHASE["ended"],
            None, None, None, None, False, None, (), None,
        )  # fmt: skip
        topic = f"hall/{HALL}/seat/{terminal}/down"
        self._bridge.publish_view(terminal, sealed.seal_view(bytes(32), view, topic))

    async def until(self, condition, seconds: float = 10.0) -> None:
        """Waits until `condition()` holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            await asyncio.sleep(0.02)

    def bodies(self, terminal: str) -> list[object]:
        return [event.body for event in self.events.get(terminal, [])]

    def _head(self, terminal: str) -> bytes:
        return next(reversed(self._hashes.get(terminal, {})), messages.NO_HASH)

    def _take(self, topic: str, payload: bytes) -> None:
        terminal, direction = topic.split("/")[3:]
        keys = self._keys[terminal]
        if direction == "alive":
            if payload != b"\x00":
                heartbeat = sealed.open_heartbeat(payload, keys.mac_key, topic)
                self.heartbeats[terminal] = heartbeat
            return
        public = Ed25519PublicKey.from_public_bytes(keys.public_key)

        def verify(message: bytes, signature: bytes) -> bool:
            try:
                public.verify(signature, message)
            except InvalidSignature:
                return False
            return True

        event = sealed.open_event(payload, topic, verify)
        digest = messages.event_hash(payload)
        hashes = self._hashes.setdefault(terminal, {})
        if digest in hashes:
            self.repeats += 1
        else:
            assert event.previous == self._head(terminal), "the chain is broken"
            hashes[digest] = event.sequence
            self.events.setdefault(terminal, []).append(event)
            if isinstance(event.body, messages.BadgePresent):
                # as the controller does: whoever's badge is settled and not refused sits there
                self.fields.setdefault(terminal, {})["sitter"] = SITTER
        if not self.fields.setdefault(terminal, {}).get("silent"):
            self.show(terminal)
