"""A disk in memory under the real SQLite: it loses what was not synced, tears writes and fails.

The model is strict. Until a file is synced, any 512-byte sector of any write since may be lost at
a power cut, in any order. A new file may vanish until its first sync; a deleted one may come back
until its folder is synced. A sync that fails throws the unsynced bytes away for good, although
they can still be read until the power goes: that is what Linux does.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import apsw

SECTOR_BYTES = 512


class StoredFile:
    """``current`` is what programs read; ``durable`` what stands on the platter (None: no file)."""

    def __init__(self) -> None:
        self.current = bytearray()
        self.durable: bytearray | None = None
        self.pending: list[tuple[int, bytes | None]] = []
        self.deleted = False

    def write(self, offset: int, data: bytes) -> None:
        _patch(self.current, offset, data)
        for start in range(0, len(data), SECTOR_BYTES):
            self.pending.append((offset + start, data[start : start + SECTOR_BYTES]))

    def truncate(self, size: int) -> None:
        _resize(self.current, size)
        self.pending.append((size, None))

    def sync(self) -> None:
        self.durable = bytearray(self.current)
        self.pending.clear()

    def fail_sync(self) -> None:
        if self.durable is None:
            self.durable = bytearray()
        self.pending.clear()

    def cut(self, dice: random.Random) -> StoredFile | None:
        """What is found after the power came back; None: no such file."""
        if self.deleted and dice.random() < 0.5:
            return None
        if self.durable is None and dice.random() < 0.5:
            return None
        content = bytearray(self.durable or b"")
        keep = dice.choice((0.0, 0.5, 0.9, 1.0))
        for offset, data in self.pending:
            if dice.random() < keep:
                if data is None:
                    _resize(content, offset)
                else:
                    _patch(content, offset, data)
        found = StoredFile()
        found.current = content
        found.durable = bytearray(content)
        return found


class SimulatedDisk(apsw.VFS):
    """Use ``name`` as the VFS. ``before`` is called before every operation that changes it."""

    def __init__(self, name: str, capacity_bytes: int | None = None) -> None:
        super().__init__(name, base="")
        self.name = name
        self.files: dict[str, StoredFile] = {}
        self.deleted: dict[str, StoredFile] = {}
        self.capacity_bytes = capacity_bytes
        self.operations = 0
        self.before: Callable[[int, str], None] = lambda _number, _what: None

    def operation(self, what: str) -> None:
        self.operations += 1
        self.before(self.operations, what)

    def check_room(self, path: str, end: int) -> None:
        used = sum(len(file.current) for name, file in self.files.items() if name != path)
        if self.capacity_bytes is not None and used + end > self.capacity_bytes:
            raise apsw.FullError("the disk is full")

    def cut_power(self, dice: random.Random) -> None:
        """Forget what was not synced. Open connections must not be used afterwards."""
        found = {path: file.cut(dice) for path, file in {**self.deleted, **self.files}.items()}
        self.files = {path: file for path, file in found.items() if file is not None}
        self.deleted = {}
        self.before = lambda _number, _what: None

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> OpenFile:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        if path not in self.files:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError(path)
            self.operation(f"create {path}")
            self.files[path] = StoredFile()
        flags[1] = flags[0]
        return OpenFile(self, path)

    def xDelete(self, path: str, sync_folder: bool) -> None:  # noqa: N802
        if path not in self.files:
            return
        self.operation(f"delete {path}")
        file = self.files.pop(path)
        self.deleted.pop(path, None)
        if not sync_folder and file.durable is not None:
            file.deleted = True
            file.pending.clear()
            self.deleted[path] = file

    def xAccess(self, path: str, _flags: int) -> bool:  # noqa: N802
        return path in self.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class OpenFile:
    """One open file, as SQLite sees it."""

    def __init__(self, disk: SimulatedDisk, path: str) -> None:
        self.disk = disk
        self.path = path
        self.file = disk.files[path]

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self.file.current[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.operation(f"write {self.path}")
        self.disk.check_room(self.path, max(len(self.file.current), offset + len(data)))
        self.file.write(offset, bytes(data))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.operation(f"truncate {self.path}")
        self.file.truncate(size)

    def xSync(self, _flags: int) -> None:  # noqa: N802
        try:
            self.disk.operation(f"sync {self.path}")
        except apsw.Error:
            self.file.fail_sync()
            raise
        self.file.sync()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self.file.current)

    def xLock(self, _level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, _level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR_BYTES

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)  # as SQLite's own layer on Linux says

    def xFileControl(self, _operation: int, _pointer: int) -> bool:  # noqa: N802
        return False

    def xClose(self) -> None:  # noqa: N802
        pass


def _patch(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        _resize(content, offset)
    content[offset : offset + len(data)] = data


def _resize(content: bytearray, size: int) -> None:
    if len(content) > size:
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))
