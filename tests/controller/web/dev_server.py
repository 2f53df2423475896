"""Serves the pages of a fake hall for a designer: ``python -m tests.controller.web.dev_server``.

The hall goes on by the chair's page; the deputies of the fake press by themselves while a vote is
open. The password is ``hall``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import uvicorn

from controller.web.app import create_app
from controller.web.auth import set_password
from controller.web.settings import WebSettings
from tests.controller.web.fake_hall import FakeHall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--seats", type=int, default=51)
    parser.add_argument("--state", default="prepared")
    options = parser.parse_args()
    hall = FakeHall(options.seats).go(options.state)
    start = time.monotonic()
    base = hall.now_ms
    hall.clock = lambda: base + round((time.monotonic() - start) * 1_000)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = WebSettings(
            password_file=data / "password",
            session_file=data / "sessions.json",
            virtual_hall_url="http://localhost:8091/",
        )
        set_password(settings.password_file, "hall")
        uvicorn.run(create_app(hall, settings), port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
