"""Settings of the pages and the API; everything has a default that suits one hall."""

from __future__ import annotations

from pathlib import Path

import msgspec

from controller.locale import Language


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``password_file`` and ``session_file`` are created with mode 0600 beside the ledger."""

    password_file: Path
    session_file: Path
    # address of the virtual hall's page, or empty where the seats are real
    virtual_hall_url: str = ""
    default_language: Language = "ru"
    viewers_max: int = 1_000
    body_bytes_max: int = 8 * 1024
    session_hours: int = 12
    sessions_max: int = 64
    # the shortest time between two snapshots sent to a viewer
    snapshot_interval_ms: int = 50
    # with many viewers a snapshot costs more, so each viewer makes the interval longer
    snapshot_interval_us_per_viewer: int = 500
    keep_alive_ms: int = 1_000
    # sign-in attempts: a burst, then one more each interval
    sign_in_burst_per_address: int = 5
    sign_in_interval_s_per_address: int = 12
    sign_in_burst_all: int = 30
    sign_in_interval_s_all: int = 1
    # set where the pages are served over HTTPS
    secure_cookie: bool = False
