"""Who may give orders: one password of the staff, sessions that survive a restart, slow guessing.

The first password is made here, shown once by whoever starts the hall, and kept only as an Argon2id
hash. A session is a random token in a cookie; the file keeps its SHA-256, which lets nobody in.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from controller.web.settings import WebSettings

# 19 MiB and two passes: the least that OWASP asks for, and little enough for a small computer
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# no letters or digits that are mistaken for one another on paper
_PASSWORD_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet
_PASSWORD_GROUPS: Final = 4
_PASSWORD_GROUP_LETTERS: Final = 4
_PASSWORD_BYTES_MAX: Final = 256
_ADDRESSES_MAX: Final = 1_024


class PasswordCreated(msgspec.Struct, frozen=True):
    """A password was made now; ``password`` is nowhere else and must be shown once."""

    password: str


class PasswordKept(msgspec.Struct, frozen=True):
    """There is a password already; nobody can read it back."""


def create_password(file: Path) -> PasswordCreated | PasswordKept:
    """Makes the hall's password at the first start. Remove ``file`` to have a new one made."""
    if file.exists():
        return PasswordKept()
    groups = (
        "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_GROUP_LETTERS))
        for _ in range(_PASSWORD_GROUPS)
    )
    password = "-".join(groups)
    set_password(file, password)
    return PasswordCreated(password)


def set_password(file: Path, password: str) -> None:
    """Keeps the hash of ``password`` in ``file``, in place of any earlier one."""
    _write_private(file, _HASHER.hash(password).encode())


def password_matches(file: Path, password: str) -> bool:
    """Whether ``password`` opens the hall. Slow on purpose: call it from a worker thread."""
    if not file.exists() or len(password.encode()) > _PASSWORD_BYTES_MAX:
        return False
    try:
        return _HASHER.verify(file.read_text().strip(), password)
    except (VerificationError, InvalidHashError):
        return False


class _Session(msgspec.Struct, frozen=True):
    actor: str
    expires_s: float


class Sessions:
    """The open sessions; ``now_s`` is Unix time, because a session outlives the process."""

    def __init__(self, settings: WebSettings, now_s: Callable[[], float]) -> None:
        self._file = settings.session_file
        self._hours = settings.session_hours
        self._sessions_max = settings.sessions_max
        self._now_s = now_s
        self._sessions = _read_sessions(self._file)

    def open(self, actor: str) -> str:
        """A new session's token; the oldest session ends when there are too many."""
        token = secrets.token_urlsafe(32)
        self._forget_expired()
        while len(self._sessions) >= self._sessions_max:
            del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].expires_s)]
        self._sessions[_fingerprint(token)] = _Session(actor, self._now_s() + self._hours * 3_600)
        self._keep()
        return token

    def actor(self, token: str) -> str:
        """Who holds ``token``; empty for a session that never was or is over."""
        session = self._sessions.get(_fingerprint(token))
        if session is None or session.expires_s <= self._now_s():
            return ""
        return session.actor

    def close(self, token: str) -> None:
        """Ends the session of ``token``, if there is one."""
        if self._sessions.pop(_fingerprint(token), None) is not None:
            self._keep()

    def _forget_expired(self) -> None:
        now = self._now_s()
        self._sessions = {k: s for k, s in self._sessions.items() if s.expires_s > now}

    def _keep(self) -> None:
        _write_private(self._file, msgspec.json.encode(self._sessions))


class AttemptLimit:
    """A bucket of attempts for each address and one for all; refills with time, bounded in size."""

    def __init__(self, settings: WebSettings, now_s: Callable[[], float]) -> None:
        self._burst = float(settings.sign_in_burst_per_address)
        self._interval_s = float(settings.sign_in_interval_s_per_address)
        self._burst_all = float(settings.sign_in_burst_all)
        self._interval_s_all = float(settings.sign_in_interval_s_all)
        self._now_s = now_s
        self._buckets: dict[str, tuple[float, float]] = {}
        self._all = (self._burst_all, now_s())

    def wait_s(self, address: str) -> int:
        """Takes one attempt and answers 0, or says in how many seconds the next one is allowed."""
        now = self._now_s()
        left_all = _refilled(self._all, now, self._burst_all, self._interval_s_all)
        left = _refilled(
            self._buckets.get(address, (self._burst, now)), now, self._burst, self._interval_s
        )
        if left < 1:
            return max(1, round((1 - left) * self._interval_s))
        if left_all < 1:
            return max(1, round((1 - left_all) * self._interval_s_all))
        self._all = (left_all - 1, now)
        # newest last, so that the address forgotten first is the one quiet for longest
        self._buckets.pop(address, None)
        self._buckets[address] = (left - 1, now)
        while len(self._buckets) > _ADDRESSES_MAX:
            del self._buckets[next(iter(self._buckets))]
        return 0

    def forgive(self, address: str) -> None:
        """A right password gives the address its attempts back."""
        self._buckets.pop(address, None)


def _refilled(bucket: tuple[float, float], now: float, burst: float, interval_s: float) -> float:
    left, at = bucket
    return min(burst, left + max(0.0, now - at) / interval_s)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read_sessions(file: Path) -> dict[str, _Session]:
    """The sessions in ``file``; an unreadable file only means that people sign in again."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, _Session])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def _write_private(file: Path, content: bytes) -> None:
    """Replaces ``file`` in one step, readable by its owner alone."""
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)
