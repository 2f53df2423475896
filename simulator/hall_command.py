"""``python -m simulator hall``: a hall for people, until it is stopped.

Three pages: the hall's board, the chair's desk and the virtual hall with every seat's buttons. The
data folder keeps keys, roster and ledger, so the next start goes on where this one ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import webbrowser
from collections.abc import Iterator

import uvicorn

from simulator.command_line import HallOptions
from simulator.controller_process import run_guarded
from simulator.hall_process import SimulatedHall
from simulator.virtual_hall.live_seats import LiveSeats
from simulator.virtual_hall.server import Links, create_app

HOST = "127.0.0.1"
_STOP_S = 1
_POLL_S = 0.02
_WORDS = {
    "keys": "Ключи пультов / Пульттардын ачкычтары / Keys",
    "controller": "Контроллер / Контроллер / Controller",
    "seats": "Пульты включаются / Пульттар күйүүдө / Seats start",
}
_READY = """
  Табло           / Табло          / Board         {board}
  Председатель    / Төрага         / Chair         {chair}
  Виртуальный зал / Виртуалдык зал / Virtual hall  {hall}

  Пароль / Сырсөз / Password: {password}
  (записан в файле / файлда жазылган / kept in {file})

  Дальше: в виртуальном зале нажмите «Все входят», затем председатель открывает регистрацию.
  Андан ары: виртуалдык залда «Баары келет» басыңыз, анан төрага каттоону ачат.
  Next: press "Everybody arrives" in the virtual hall, then the chair opens the registration.
  Ctrl-C — остановить / токтотуу / stop
"""
_ENDED = """
  Это заседание завершено. Для нового заседания удалите папку {folder}
  Бул отурум аяктаган. Жаңы отурум үчүн бул папканы өчүрүңүз: {folder}
  This sitting has ended. For a new one remove the folder {folder}
"""
_STOPPING = "\n  Зал останавливается / Зал токтотулууда / The hall is stopping ..."
_STOPPED = "  Остановлено / Токтоду / Stopped."


async def run_hall(options: HallOptions) -> int:
    """Run until cancelled. Raises what keeps the hall from coming up."""
    board = f"http://{HOST}:{options.port}"
    own = f"http://{HOST}:{options.port + 1}"
    live = LiveSeats()
    with _listening(options.port + 1) as listener:
        for port in (options.port, options.port + 2):
            with _listening(port):
                pass  # a taken port is told now, not after the keys are made
        hall = SimulatedHall(
            options.data,
            options.seats,
            options.image,
            options.port,
            options.port + 2,
            virtual_hall=own,
            watcher=live.changed,
        )
        live.attach(hall)
        server = _server(live, board, options.port + 1)
        serving: asyncio.Task[None] | None = None
        try:
            await hall.start(_Progress().show)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started and not serving.done():
                await asyncio.sleep(_POLL_S)
            _say(
                _READY.format(
                    board=f"{board}/board",
                    chair=f"{board}/chair",
                    hall=f"{own}/",
                    password=hall.controller.password,
                    file=hall.controller.password_file,
                )
            )
            if (await hall.board())["sitting"]["phase"] == "ended":
                _say(_ENDED.format(folder=options.data))
            if options.browser and _has_display():
                await asyncio.to_thread(webbrowser.open, f"{board}/")
            await run_guarded(hall.controller, _say)
        finally:
            _say(_STOPPING)
            server.should_exit = True
            if serving is not None:
                await serving
            await hall.close()
            _say(_STOPPED)
    return 0


class _Progress:
    """One line that counts on a terminal; a few lines elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._told: tuple[str, int] = ("", -1)

    def show(self, what: str, done: int, total: int) -> None:
        quarter = 4 * done // total
        if self._terminal:
            end = "\n" if done == total else ""
            print(f"\r  {_WORDS[what]}: {done}/{total} ", end=end, flush=True)
        elif (what, quarter) != self._told:
            _say(f"  {_WORDS[what]}: {done}/{total}")
        self._told = (what, quarter)


class _Server(uvicorn.Server):
    """Signals belong to the program, not to its pages."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(live: LiveSeats, board: str, port: int) -> _Server:
    hosts = frozenset((f"{HOST}:{port}", f"localhost:{port}"))
    app = create_app(live, Links(f"{board}/board", f"{board}/chair", hosts))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=_STOP_S
    )
    return _Server(config)


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise OSError(
                f"порт {port} занят / {port} порту бош эмес / port {port} is taken"
                f" ({error.strerror}); PORT=..."
            ) from error
        yield listener


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(text: str) -> None:
    print(text, flush=True)
