"""What the seat keeps in flash: its settings, its keys and its boot counter.

Promises that a boot number is used once in the life of a key: `next_boot` writes it, and the
write is complete, before anything is signed with it. The counter has two records that are written
in turn, so a power cut at any byte leaves the newest whole one. When both are damaged the seat
stops: a number that was used before would fork the chain of its events.
"""

import hashlib
import json
import os
from collections import namedtuple

from protocol.limits import MAC_KEY_BYTES, SEED_BYTES, UINT32_MAX
from protocol.topics import is_name

SIGN_KEY = "sign.key"
SIGN_PUBLIC = "sign.pub"
BOOT_COUNTER = "boot.cnt"
SETTINGS = "seat.json"
MAC_KEY = "mac.key"
TLS_FILES = ("ca.der", "client.der", "client_key.der")

_NUMBER_BYTES = 4
_SUM_BYTES = 8
_RECORD_BYTES = _NUMBER_BYTES + _SUM_BYTES

Settings = namedtuple(
    "Settings",
    (
        "terminal",
        "hall",
        "broker_host",
        "broker_port",
        "broker_name",
        "client_id",
        "language",
        "ca_file",
        "certificate_file",
        "key_file",
    ),
)


class StoreError(Exception):
    """The flash does not hold what an enrolled seat holds; the text says what is wrong."""


class SecretStore:
    """The files of one seat in one folder ("" is the folder the firmware was started in)."""

    def __init__(self, folder: str = "") -> None:
        self._folder = folder + "/" if folder else ""

    def settings(self) -> Settings:
        """Where this seat belongs."""
        try:
            values = json.loads(self._read(SETTINGS))
        except ValueError:
            raise StoreError(SETTINGS)
        if not isinstance(values, dict):
            raise StoreError(SETTINGS)
        for key in ("terminal", "hall"):
            if not is_name(values.get(key)):
                raise StoreError(SETTINGS + " " + key)
        for key in ("broker_host", "broker_name", "client_id", "language"):
            if not isinstance(values.get(key), str) or not values[key]:
                raise StoreError(SETTINGS + " " + key)
        port = values.get("broker_port")
        if not isinstance(port, int) or not 0 < port < 65536:
            raise StoreError(SETTINGS + " broker_port")
        return Settings(
            values["terminal"],
            values["hall"],
            values["broker_host"],
            port,
            values["broker_name"],
            values["client_id"],
            values["language"],
            self._folder + TLS_FILES[0],
            self._folder + TLS_FILES[1],
            self._folder + TLS_FILES[2],
        )

    def seed(self) -> bytes:
        """The signing key's seed."""
        return self._key(SIGN_KEY, SEED_BYTES)

    def mac_key(self) -> bytes:
        """The key under which views and heartbeats are authenticated."""
        return self._key(MAC_KEY, MAC_KEY_BYTES)

    def is_enrolled(self) -> bool:
        """Whether this seat has made its signing key."""
        try:
            os.stat(self._folder + SIGN_KEY)
        except OSError:
            return False
        return True

    def make_seed(self) -> bytes:
        """Makes the signing key and a fresh boot counter; only for a seat without one."""
        if self.is_enrolled():
            raise StoreError(SIGN_KEY + " exists")
        seed = os.urandom(SEED_BYTES)
        # the counter first: a seat with a key always has a counter, wherever the power goes
        self._write(BOOT_COUNTER, record(0) + record(0))
        self._write(SIGN_KEY, seed)
        return seed

    def write_public(self, public: bytes) -> None:
        """Lays the public half beside the seed, for the technician to take."""
        self._write(SIGN_PUBLIC, public)

    def next_boot(self) -> int:
        """The number of this boot, which no boot had before; written before it is given."""
        data = self._read(BOOT_COUNTER)
        newest = newest_boot(data)
        if newest is None or newest >= UINT32_MAX:
            raise StoreError(BOOT_COUNTER)
        boot = newest + 1
        with open(self._folder + BOOT_COUNTER, "r+b") as file:
            file.seek(boot % 2 * _RECORD_BYTES)
            file.write(record(boot))
            file.flush()
        _sync()
        if newest_boot(self._read(BOOT_COUNTER)) != boot:
            raise StoreError(BOOT_COUNTER)
        return boot

    def _key(self, name: str, count: int) -> bytes:
        data = self._read(name)
        if len(data) != count:
            raise StoreError(name)
        return data

    def _read(self, name: str) -> bytes:
        try:
            with open(self._folder + name, "rb") as file:
                return file.read()
        except OSError:
            raise StoreError(name + " missing")

    def _write(self, name: str, data: bytes) -> None:
        """A whole file, there or not there, never half."""
        path = self._folder + name
        with open(path + ".new", "wb") as file:
            file.write(data)
            file.flush()
        _sync()
        os.rename(path + ".new", path)
        _sync()


def record(boot: int) -> bytes:
    """One record of the counter: the number and a check sum of it."""
    number = boot.to_bytes(_NUMBER_BYTES, "big")
    return number + hashlib.sha256(b"boot" + number).digest()[:_SUM_BYTES]


def newest_boot(data: bytes):
    """The greatest number that stands in a whole record, None when both are damaged."""
    newest = None
    for start in (0, _RECORD_BYTES):
        part = data[start : start + _RECORD_BYTES]
        boot = int.from_bytes(part[:_NUMBER_BYTES], "big")
        if part == record(boot) and (newest is None or boot > newest):
            newest = boot
    return newest


def _sync() -> None:
    """Lets the file system write out what it holds back; some ports have nothing to call."""
    if hasattr(os, "sync"):
        os.sync()
