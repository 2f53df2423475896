"""Wires the rooms of one controller process and keeps them running until it is asked to stop."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller import __version__
from controller.clock import HallClock, machine_ms
from controller.core import commands as c
from controller.core.facts import SittingPrepared
from controller.core.sitting import Sitting
from controller.hall import Hall
from controller.ledger.codec import fact_of
from controller.ledger.port import Ledger
from controller.ledger.sqlite import SqliteLedger
from controller.seats import provisioning
from controller.seats.bridge import Bridge
from controller.seats.broker import Broker, BrokerError
from controller.seats.counts import RefusalCounts
from controller.seats.intake import Intake
from controller.seats.liveness import Liveness
from controller.seats.views import SeatViews
from controller.settings import Settings
from controller.web.app import create_app
from controller.web.auth import PasswordCreated, create_password
from controller.web.settings import WebSettings

LEDGER_FILE = "ledger.sqlite3"
PLAN_FILE = "sitting.json"
SOFTWARE = f"dobush {__version__}"

_PLAN_BYTES_MAX = 8 * 1024 * 1024
# open connections to the pages, then 503: viewers, orders, a reserve; each is a file
_CONNECTIONS_MAX = 2_000
_FILES_WANTED = 4_096
_STOP_S = 3
_CHECK_S = 0.5
# a broker that answers nobody for this long is frozen: it is killed and another one started
_BROKER_FROZEN_S = 6.0

_log = structlog.get_logger("service")


class ServiceFailed(Exception):  # noqa: N818 - it says what happened
    """The hall cannot start or go on; the message is for the technician."""


async def serve(settings: Settings) -> None:
    """Run the hall until SIGINT or SIGTERM. Raises ServiceFailed or what the ledger raises."""
    _log_to_stderr()
    _allow_files()
    settings.data.mkdir(parents=True, exist_ok=True)
    with _only_controller(settings.data), _listening(settings) as web_socket:
        plan = _read_plan(settings.data / PLAN_FILE)
        try:
            provisioning.prepare(settings.data, plan.hall, settings.mqtt_port, settings.host)
        except ValueError as error:
            raise ServiceFailed(str(error)) from error
        key = Ed25519PrivateKey.from_private_bytes(provisioning.log_seed(settings.data))
        path = settings.data / LEDGER_FILE
        ledger = SqliteLedger.create_or_open(path, plan.hall, plan.sitting, key)
        try:
            await _Service(settings, plan, ledger).run(web_socket)
        finally:
            ledger.close()


class _Service:
    """The rooms of one process, made in the order in which they need one another."""

    def __init__(self, settings: Settings, plan: SittingPrepared, ledger: Ledger) -> None:
        self._settings = settings
        self._plan = plan
        self._terminals = provisioning.load_terminal_keys(settings.data)
        counts = RefusalCounts(structlog.get_logger("refusals"), machine_ms)
        intake = Intake(plan.hall, self._terminals, counts)
        self._sitting = _rebuild(ledger, intake)
        clock = HallClock(settings.data / "clock.json", self._sitting.at_ms)
        views = SeatViews(plan.hall, self._terminals, self._sitting.epoch + 1)
        views.restore(intake.heads())
        self._broker = Broker(settings.data, counts, settings.mqtt_port, settings.host)
        self._hall = Hall(
            sitting=self._sitting,
            ledger=ledger,
            clock=clock,
            intake=intake,
            liveness=Liveness(),
            views=views,
            counts=counts,
            publish=self._publish,
            revoke=self._revoke,
            seats_can_be_heard=lambda: self._bridge.connected,
        )
        self._bridge = Bridge(
            settings.data,
            plan.hall,
            counts,
            host=settings.host,
            port=settings.mqtt_port,
            now_ms=clock.now_ms,
            on_message=self._hall.message_came,
            on_connected=self._hall.broker_connected,
            on_disconnected=self._broker_lost,
        )
        self._stopping = False

    async def run(self, web_socket: socket.socket) -> None:
        """Until a signal; raises when a part can not go on."""
        await self._take_up()
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        server = _web_server(self._settings, self._hall)
        # these end when they are told to; the watchers are cancelled
        workers = [
            asyncio.create_task(self._hall.run(), name="writer"),
            asyncio.create_task(server.serve(sockets=[web_socket]), name="pages"),
        ]
        watchers = [
            asyncio.create_task(self._watch_broker(), name="broker"),
            asyncio.create_task(stop.wait(), name="stop"),
        ]
        tasks: list[asyncio.Task[object]] = [*workers, *watchers]
        try:
            await asyncio.to_thread(self._start_broker)
            _log.info("ready", port=self._settings.port, seats=len(self._terminals))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopping = True
            self._hall.stop()
            server.should_exit = True
            await asyncio.to_thread(self._stop_broker)
            for watcher in watchers:
                watcher.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):  # a cancelled watcher's outcome is none
                raise outcome

    async def _take_up(self) -> None:
        """The service's own facts: this start, the plan at the first start, unknown terminals."""
        commands: list[c.ServiceCommand] = [c.StartController(SOFTWARE)]
        if self._sitting.plan is None:
            commands.append(c.PrepareSitting(self._plan))
        seats = self._sitting.attendance.seats
        for keys in self._terminals.values():
            if keys.terminal not in seats and not keys.revoked:
                commands.append(c.EnrolTerminal(keys.terminal, keys.public_key))
        refused = await self._hall.start(commands)
        if refused is not None:
            raise ServiceFailed(f"the sitting refuses to begin: {refused.reason} {refused.detail}")
        for keys in self._terminals.values():
            # the ledger's word was durable before the register's: a kill may lie between
            if not keys.revoked and seats[keys.terminal].state == "revoked":
                provisioning.revoke(self._settings.data, keys.terminal)

    def _start_broker(self) -> None:
        try:
            self._broker.start()
        except BrokerError as error:
            raise ServiceFailed(f"the broker did not start: {error}") from error
        self._bridge.start()

    def _stop_broker(self) -> None:
        self._bridge.stop()
        self._broker.stop()

    def _broker_lost(self) -> None:
        if not self._stopping:
            _log.warning("the broker is gone; seats send again until it is back")

    def _publish(self, terminal: str, payload: bytes) -> bool:
        return self._bridge.publish_view(terminal, payload)

    def _revoke(self, terminal: str) -> None:
        provisioning.revoke(self._settings.data, terminal)
        self._broker.reload()

    async def _watch_broker(self) -> None:
        """End the service when the bridge failed; replace a broker that is frozen."""
        silent_s = 0.0
        was_connected = False
        while True:
            await asyncio.sleep(_CHECK_S)
            was_connected = was_connected or self._bridge.connected
            if was_connected and not self._bridge.running:
                raise ServiceFailed("the bridge to the broker ended")
            silent_s = 0.0 if self._bridge.connected or not was_connected else silent_s + _CHECK_S
            if silent_s >= _BROKER_FROZEN_S:
                silent_s = 0.0
                _log.warning("the broker does not answer; starting another")
                await asyncio.to_thread(self._broker.restart)


class _Server(uvicorn.Server):
    """Signals belong to the service, not to its pages."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _web_server(settings: Settings, hall: Hall) -> _Server:
    password_file = settings.data / "password"
    created = create_password(password_file)
    if isinstance(created, PasswordCreated):
        # for a person's eyes, once; the file keeps only its hash
        sys.stdout.write(f"first password: {created.password}\n")
        sys.stdout.flush()
    web = WebSettings(
        password_file=password_file,
        session_file=settings.data / "sessions.json",
        virtual_hall_url=settings.virtual_hall or "",
    )
    config = uvicorn.Config(
        create_app(hall, web),
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_graceful_shutdown=_STOP_S,
    )
    return _Server(config)


def _rebuild(ledger: Ledger, intake: Intake) -> Sitting:
    """The sitting and every seat's chain, from the ledger alone."""
    sitting = Sitting()
    for entry in ledger.entries():
        fact = fact_of(entry)
        sitting.apply(fact, entry.at_ms, entry.position)
        if entry.evidence is not None:
            intake.recall(entry.evidence, fact)
    return sitting


def _read_plan(file: Path) -> SittingPrepared:
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise ServiceFailed(f"no plan of the sitting: {file} is missing") from error
    if len(content) > _PLAN_BYTES_MAX:
        raise ServiceFailed(f"{file} is larger than {_PLAN_BYTES_MAX} bytes")
    try:
        return msgspec.json.decode(content, type=SittingPrepared)
    except msgspec.DecodeError as error:
        raise ServiceFailed(f"{file}: {error}") from error


@contextmanager
def _only_controller(data: Path) -> Iterator[None]:
    """Two controllers never share a folder."""
    with (data / "controller.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ServiceFailed(f"another controller runs on {data}") from error
        yield


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise ServiceFailed(f"cannot listen on {where}: {error.strerror}") from error
        yield listener


def _allow_files() -> None:
    """As many open files as the system lets us have: each viewer is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(_FILES_WANTED, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # asked for at each line: whoever turns stderr elsewhere gets the lines there
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
