"""The ledger in one SQLite file: what ``append`` returned survives a kill and a power cut.

Write-ahead log with ``synchronous=EXTRA`` set before the file is made, one connection that holds
the file's exclusive lock from opening to closing, one transaction for a group of drafts. The first
error makes the ledger refuse everything: after a failed fsync the kernel may have thrown the pages
away, and only opening the file again tells what it holds.

Opening reads the identity, a hash for every 256 entries and all entries after the last checkpoint,
and proves them against that checkpoint's signature. Older entries are checked when they are read.

POSIX trap: no other code of this process may open the file; closing it again would drop the lock.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import apsw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.ledger import checkpoint as notes
from controller.ledger.codec import leaf_bytes
from controller.ledger.merkle import BLOCK_LEAVES, HASH_BYTES, GrowingTree, leaf_hash, root_of
from controller.ledger.port import (
    Draft,
    Entry,
    LedgerBusy,
    LedgerDamaged,
    LedgerError,
    LedgerFailed,
    LedgerMismatch,
    Verified,
    check_drafts,
    entry_of,
    origin_of,
)
from controller.ledger.verify import reverify

SCHEMA_VERSION = 1
APPLICATION_ID = 0x446F6275  # "Dobu"
WAL_PAGES_MAX = 4000  # 16 MiB: then a commit also moves the log's pages into the file
WAL_PAGES_AT_CHECKPOINT = 250  # 1 MiB: moved when a checkpoint is signed, a quiet moment

_READ_ROWS = 1000
_SCHEMA = Path(__file__).with_name("schema.sql")
_INSERT = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = (
    "SELECT position, kind, body, at_ms, wall_ms, evidence, leaf_hash FROM entry"
    " WHERE position >= ? AND position < ? ORDER BY position"
)

_BLOCKS = "SELECT root FROM block ORDER BY number"
_CHECKPOINTS = "SELECT note FROM checkpoint ORDER BY size"


class SqliteLedger:
    """See ``port.Ledger``. Made by ``create_or_open`` (the controller) or ``open_for_reading``."""

    def __init__(
        self,
        connection: apsw.Connection,
        origin: str,
        log_key: bytes,
        key: Ed25519PrivateKey | None,
    ) -> None:
        """For the two class methods only: the connection has the lock and the right schema."""
        self._connection = connection
        self._origin = origin
        self._log_key = log_key
        self._key = key
        self._lock = threading.RLock()
        self._failed: str | None = None
        self._closed = False
        self._wal_pages = 0
        connection.set_wal_hook(self._note_wal_pages)
        self._tree = self._open_tree()
        self._size = self._tree.size
        self._root = self._tree.root()

    @classmethod
    def create_or_open(
        cls,
        path: Path,
        hall: str,
        sitting: str,
        key: Ed25519PrivateKey,
        *,
        vfs: str | None = None,
    ) -> SqliteLedger:
        """The ledger of this sitting, for appending; made if the file does not exist or is empty.

        Raises LedgerBusy (another controller has it), LedgerMismatch (of another sitting or key),
        LedgerDamaged, LedgerFailed. ``vfs`` names another file system layer of SQLite, for tests.
        """
        origin, log_key = origin_of(hall, sitting), key.public_key().public_bytes_raw()
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = _connect(path, flags, vfs)
        try:
            with _naming_errors():
                if _is_new(connection):
                    _create(connection, origin, log_key)
            stored_origin, stored_key = _identity(connection)
            if stored_origin != origin:
                raise LedgerMismatch(f"{path} is of {stored_origin}, not of {origin}")
            if stored_key != log_key:
                raise LedgerMismatch(f"{path} was begun with another signing key")
            return cls(connection, origin, log_key, key)
        except BaseException:
            _abandon(connection)
            raise

    @classmethod
    def open_for_reading(cls, path: Path, *, vfs: str | None = None) -> SqliteLedger:
        """A ledger that no controller has open, to verify and to export. It appends nothing."""
        connection = _connect(path, apsw.SQLITE_OPEN_READWRITE, vfs)
        try:
            origin, log_key = _identity(connection)
            return cls(connection, origin, log_key, None)
        except BaseException:
            _abandon(connection)
            raise

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def log_key(self) -> bytes:
        return self._log_key

    @property
    def size(self) -> int:
        return self._size

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        check_drafts(drafts)
        with self._lock:
            self._check_usable(writing=True)
            entries = [entry_of(self._size + index, draft) for index, draft in enumerate(drafts)]
            if entries:
                with self._ending_at_errors():
                    self._connection.execute("BEGIN IMMEDIATE")
                    self._insert(entries)
                    self._connection.execute("COMMIT")
                    self._size, self._root = self._tree.size, self._tree.root()
                    self._move_wal_if_over(WAL_PAGES_MAX)
            return entries

    def entries(self, first: int = 0) -> Iterator[Entry]:
        end = self._size
        if first < 0:
            raise IndexError(f"no entry {first}")
        while first < end:
            with self._lock:
                self._check_usable()
                chunk = self._read(first, min(first + _READ_ROWS, end))
            for entry, _ in chunk:
                yield entry
            first += len(chunk)

    def root(self) -> bytes:
        self._check_usable()
        return self._root

    def root_at(self, size: int) -> bytes:
        with self._lock:
            self._check_usable()
            return self._tree.root_at(size)

    def sign_checkpoint(self) -> str:
        with self._lock:
            key = self._check_usable(writing=True)
            for (note,) in self._query("SELECT note FROM checkpoint WHERE size = ?", (self._size,)):
                return str(note)
            note = notes.sign(notes.Checkpoint(self._origin, self._size, self._root), key)
            with self._ending_at_errors():
                self._connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (self._size, note))
                self._move_wal_if_over(WAL_PAGES_AT_CHECKPOINT)
            return note

    def checkpoints(self) -> list[str]:
        with self._lock:
            self._check_usable()
            return [str(note) for (note,) in self._query(_CHECKPOINTS)]

    def inclusion_proof(self, position: int, size: int) -> list[bytes]:
        with self._lock:
            self._check_usable()
            return self._tree.inclusion_proof(position, size)

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        with self._lock:
            self._check_usable()
            return self._tree.consistency_proof(old_size, new_size)

    def verify(self) -> Verified:
        """As the port says, and SQLite's own check of the file's structure."""
        verified = reverify(self)
        with self._lock:
            for number, (stored,) in enumerate(self._query(_BLOCKS)):
                first = number * BLOCK_LEAVES
                if root_of(self._leaf_hashes(first, first + BLOCK_LEAVES)) != stored:
                    raise LedgerDamaged(first, f"the root of block {number} is wrong")
            for (finding,) in self._query("PRAGMA integrity_check"):
                if finding != "ok":
                    raise LedgerDamaged(None, str(finding))
        return verified

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                try:
                    if self._failed is None:
                        with self._ending_at_errors():
                            # leaves one file, with nothing in the log beside it
                            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                            self._connection.close()
                finally:
                    _abandon(self._connection)

    def __enter__(self) -> SqliteLedger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _check_usable(self, *, writing: bool = False) -> Ed25519PrivateKey:
        """Raises unless the ledger is open and sound; the key, for callers that write."""
        if self._failed is not None:
            raise LedgerFailed(f"the ledger failed before: {self._failed}")
        if self._closed:
            raise LedgerError("the ledger is closed")
        if self._key is None and writing:
            raise LedgerError("the ledger is open for reading only")
        return self._key  # type: ignore[return-value]  # None only for callers that do not write

    def _insert(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            digest = leaf_hash(leaf_bytes(entry))
            self._connection.execute(
                _INSERT,
                (
                    entry.position,
                    entry.fact_kind,
                    entry.at_ms,
                    entry.wall_ms,
                    entry.body,
                    entry.evidence,
                    digest,
                ),
            )
            block = self._tree.append(digest)
            if block is not None:
                number = entry.position // BLOCK_LEAVES
                self._connection.execute("INSERT INTO block VALUES (?, ?)", (number, block))

    def _note_wal_pages(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    def _move_wal_if_over(self, pages: int) -> None:
        """SQLite would do this by itself after 1000 pages, and pass over its errors."""
        if self._wal_pages > pages:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._wal_pages = 0

    @contextlib.contextmanager
    def _ending_at_errors(self) -> Iterator[None]:
        """Any failure inside is the ledger's end: what is on the disk is unknown from here."""
        try:
            yield
        except (apsw.Error, OSError, MemoryError) as error:
            self._failed = f"{type(error).__name__}: {error}"
            raise LedgerFailed(self._failed) from error
        except BaseException as error:
            self._failed = f"interrupted by {type(error).__name__}"
            raise

    @contextlib.contextmanager
    def _ending_at_damage(self) -> Iterator[None]:
        """Content that cannot be read or trusted is the ledger's end, too."""
        try:
            yield
        except LedgerError as error:
            self._failed = str(error)
            raise

    def _query(self, sql: str, values: tuple[int, ...] = ()) -> list[tuple[object, ...]]:
        with self._ending_at_damage(), _naming_errors():
            return list(self._connection.execute(sql, values))

    def _open_tree(self) -> GrowingTree:
        """Build the tree from the block roots, and prove everything that no checkpoint covers."""
        size = _integer(self._query("SELECT ifnull(max(position) + 1, 0) FROM entry"))
        blocks = [_hash(root, None) for (root,) in self._query(_BLOCKS)]
        if len(blocks) != size // BLOCK_LEAVES:
            raise LedgerDamaged(None, f"{len(blocks)} blocks for {size} entries")
        return self._prove(blocks, size)

    def _prove(self, blocks: list[bytes], size: int) -> GrowingTree:
        newest = self._query("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        proven = 0
        for (note,) in newest:
            try:
                statement = notes.verify(str(note), self._origin, self._log_key)
            except notes.BadCheckpoint as error:
                raise LedgerDamaged(None, f"the newest checkpoint: {error}") from error
            proven = statement.size
            if proven > size:
                raise LedgerDamaged(size, f"a checkpoint was signed over {proven} entries")
        proven_blocks = proven // BLOCK_LEAVES
        tree = GrowingTree(self._leaf_hashes, blocks[:proven_blocks])
        first = proven_blocks * BLOCK_LEAVES
        while first < size:
            chunk = self._read(first, min(first + _READ_ROWS, size))
            for entry, digest in chunk:
                block = tree.append(digest)
                if block is not None and block != blocks[entry.position // BLOCK_LEAVES]:
                    raise LedgerDamaged(
                        entry.position + 1 - BLOCK_LEAVES, "the root of its block is wrong"
                    )
            first += len(chunk)
        if newest and tree.root_at(proven) != statement.root:
            raise LedgerDamaged(None, f"the root of {proven} entries is not the signed one")
        return tree

    def _leaf_hashes(self, first: int, end: int) -> list[bytes]:
        rows = self._query(
            "SELECT leaf_hash FROM entry WHERE position >= ? AND position < ? ORDER BY position",
            (first, end),
        )
        if len(rows) != end - first:
            raise LedgerDamaged(first, f"{len(rows)} leaf hashes where {end - first} should be")
        return [_hash(digest, first + index) for index, (digest,) in enumerate(rows)]

    def _read(self, first: int, end: int) -> list[tuple[Entry, bytes]]:
        """Entries with their leaf hashes, each proven to be what was hashed when appended."""
        chunk: list[tuple[Entry, bytes]] = []
        expected = first
        with self._ending_at_damage():
            try:
                for row in self._connection.execute(_SELECT, (first, end)):
                    entry, digest = Entry(*row[:6]), row[6]
                    if entry.position != expected or leaf_hash(leaf_bytes(entry)) != digest:
                        raise LedgerDamaged(expected, "the entry does not match its hash")
                    chunk.append((entry, digest))
                    expected += 1
            except (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError) as error:
                raise LedgerDamaged(expected, str(error)) from error
            except apsw.Error as error:
                raise LedgerFailed(f"reading entry {expected}: {error}") from error
            if expected != end:
                raise LedgerDamaged(expected, "the entry is missing")
        return chunk


def _connect(path: Path, flags: int, vfs: str | None) -> apsw.Connection:
    """A connection that holds the exclusive lock, in the right modes."""
    with _naming_errors():
        connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
    try:
        with _naming_errors():
            connection.wal_autocheckpoint(0)
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # before anything creates or switches: EXTRA also syncs the folder
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            mode = connection.execute("PRAGMA journal_mode = WAL").get
            if mode != "wal":
                raise LedgerFailed(f"no write-ahead log here: journal mode {mode}")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            # A process before may have ended at a failed fsync, which leaves readable what is not
            # on the disk. All of the log is written anew before anybody is told that it exists.
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except BaseException:
        _abandon(connection)
        raise
    return connection


def _abandon(connection: apsw.Connection) -> None:
    """Close, if still open, without moving the log's pages: this process writes nothing more."""
    with contextlib.suppress(apsw.Error):
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close(force=True)


@contextlib.contextmanager
def _naming_errors() -> Iterator[None]:
    """SQLite's errors outside an append, by our names."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise LedgerBusy(f"another controller has the ledger open: {error}") from error
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise LedgerDamaged(None, str(error)) from error
    except apsw.Error as error:
        raise LedgerFailed(f"{type(error).__name__}: {error}") from error


def _is_new(connection: apsw.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").get == 0)


def _create(connection: apsw.Connection, origin: str, log_key: bytes) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_SCHEMA.read_text(encoding="utf-8"))
    connection.execute("INSERT INTO ledger VALUES (1, ?, ?)", (origin, log_key))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _identity(connection: apsw.Connection) -> tuple[str, bytes]:
    with _naming_errors():
        if connection.execute("PRAGMA application_id").get != APPLICATION_ID:
            raise LedgerMismatch("the file is not a ledger of Dobush")
        version = connection.execute("PRAGMA user_version").get
        if version != SCHEMA_VERSION:
            raise LedgerMismatch(f"schema version {version}, this program knows {SCHEMA_VERSION}")
        rows = list(connection.execute("SELECT origin, log_key FROM ledger"))
    if len(rows) != 1:
        raise LedgerDamaged(None, f"{len(rows)} identities")
    return str(rows[0][0]), bytes(rows[0][1])


def _hash(value: object, position: int | None) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_BYTES:
        raise LedgerDamaged(position, "a stored hash is none")
    return value


def _integer(rows: list[tuple[object, ...]]) -> int:
    value = rows[0][0]
    assert isinstance(value, int), "the query counts"
    return value
