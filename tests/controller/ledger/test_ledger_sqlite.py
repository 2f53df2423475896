"""What only a file can suffer: tampering by SQL, flipped bytes, a second opener."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core.facts import BallotCast
from controller.ledger import __main__ as command_line
from controller.ledger import checkpoint as notes
from controller.ledger import sqlite
from controller.ledger.codec import draft_of
from controller.ledger.port import (
    Entry,
    LedgerBusy,
    LedgerDamaged,
    LedgerError,
    LedgerFailed,
    LedgerMismatch,
)
from controller.ledger.sqlite import SqliteLedger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def open_at(path: Path, key: Ed25519PrivateKey = KEY) -> SqliteLedger:
    return SqliteLedger.create_or_open(path, "hall", "s1", key)


def append(ledger: SqliteLedger, count: int) -> list[Entry]:
    first = ledger.size
    return ledger.append(
        [
            draft_of(BallotCast("v1", f"deputy-{number}", "s01", "for"), number, 7, b"e" * 120)
            for number in range(first, first + count)
        ]
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed ledger of 700 entries with checkpoints at 300 and 600."""
    path = tmp_path / "ledger.sqlite"
    with open_at(path) as ledger:
        for _ in range(2):
            append(ledger, 300)
            ledger.sign_checkpoint()
        append(ledger, 100)
    return path


def change(path: Path, sql: str) -> None:
    """As somebody with the file and the SQLite shell would."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute(sql)
    connection.close()


def drop_triggers(path: Path) -> None:
    sql = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    for (name,) in list(apsw.Connection(str(path)).execute(sql)):
        change(path, f"DROP TRIGGER {name}")


def test_what_was_written_is_there_after_reopening(path: Path) -> None:
    with open_at(path) as ledger:
        assert ledger.size == 700
        assert len(list(ledger.entries())) == 700
        assert len(ledger.checkpoints()) == 2
        proven = ledger.verify()
        assert (proven.entries, proven.root, proven.checkpoints) == (700, ledger.root(), 2)
        assert append(ledger, 1)[0].position == 700
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_modes_that_make_it_durable_are_on(path: Path) -> None:
    with open_at(path) as ledger:
        connection = ledger._connection
        assert connection.execute("PRAGMA synchronous").get == 3
        assert connection.execute("PRAGMA journal_mode").get == "wal"
        assert connection.execute("PRAGMA locking_mode").get == "exclusive"
        assert connection.execute("PRAGMA wal_autocheckpoint").get == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET kind = 'x' WHERE position = 3",
        "UPDATE entry SET position = 9000 WHERE position = 3",
        "DELETE FROM entry WHERE position = 699",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT 3, kind, at_ms, wall_ms, body, evidence, leaf_hash"
        " FROM entry WHERE position = 4",
        "INSERT INTO entry SELECT 701, kind, at_ms, wall_ms, body, evidence, leaf_hash"
        " FROM entry WHERE position = 4",
        "UPDATE ledger SET origin = 'x'",
        "DELETE FROM ledger",
        "INSERT OR REPLACE INTO ledger VALUES (1, 'x', zeroblob(32))",
        "UPDATE block SET root = zeroblob(32)",
        "DELETE FROM block",
        "INSERT OR REPLACE INTO block VALUES (0, zeroblob(32))",
        "UPDATE checkpoint SET note = 'x'",
        "DELETE FROM checkpoint WHERE size = 600",
        "INSERT OR REPLACE INTO checkpoint VALUES (600, 'x')",
        "INSERT INTO checkpoint VALUES (599, 'x')",
        "INSERT INTO entry VALUES (700, 'k', 'soon', 1, x'00', NULL, zeroblob(32))",
    ],
)
def test_a_row_is_never_changed_deleted_or_replaced(path: Path, sql: str) -> None:
    with pytest.raises(apsw.ConstraintError):
        change(path, sql)
    with open_at(path) as ledger:
        assert ledger.verify().entries == 700


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("UPDATE entry SET kind = 'badge_left' WHERE position = 3", 3),
        ("UPDATE entry SET at_ms = at_ms + 1 WHERE position = 299", 299),
        ("UPDATE entry SET wall_ms = 8 WHERE position = 650", 650),
        ("UPDATE entry SET body = x'a0' WHERE position = 512", 512),
        ("UPDATE entry SET evidence = NULL WHERE position = 0", 0),
        ("UPDATE entry SET leaf_hash = zeroblob(32) WHERE position = 77", 77),
        ("DELETE FROM entry WHERE position = 400", 400),
        ("DELETE FROM entry WHERE position >= 599", None),
        ("DELETE FROM entry WHERE position >= 520", 520),
        ("UPDATE block SET root = zeroblob(32) WHERE number = 0", None),
        ("DELETE FROM block WHERE number = 1", None),
        ("UPDATE ledger SET log_key = zeroblob(32)", None),
        ("UPDATE checkpoint SET note = replace(note, 'A', 'B') WHERE size = 300", None),
    ],
)
def test_one_who_removes_the_triggers_is_found_with_the_position(
    path: Path, sql: str, position: int | None
) -> None:
    drop_triggers(path)
    change(path, sql)
    with pytest.raises(LedgerDamaged) as found:  # noqa: SIM117 - opening may find it already
        with SqliteLedger.open_for_reading(path) as ledger:
            ledger.verify()
    assert found.value.position in {position, *([599] if "599" in sql else [])}


def test_an_older_checkpoint_signed_over_another_root_is_found(path: Path) -> None:
    """The holder of the key shows one root on the wall and writes another into the file."""
    drop_triggers(path)
    lie = notes.sign(notes.Checkpoint("dobush/hall/s1", 300, bytes(32)), KEY)
    change(path, f"UPDATE checkpoint SET note = '{lie}' WHERE size = 300")
    with (
        SqliteLedger.open_for_reading(path) as ledger,
        pytest.raises(LedgerDamaged, match="at entry 0: the root of 300 entries"),
    ):
        ledger.verify()


def test_a_block_that_no_checkpoint_covers_is_proven_at_opening(tmp_path: Path) -> None:
    with open_at(tmp_path / "l") as ledger:
        append(ledger, 700)
    drop_triggers(tmp_path / "l")
    change(tmp_path / "l", "UPDATE block SET root = zeroblob(32) WHERE number = 1")
    with pytest.raises(LedgerDamaged, match="at entry 256: the root of its block is wrong"):
        open_at(tmp_path / "l")


def test_a_consistent_forgery_of_an_entry_breaks_the_signed_root(path: Path) -> None:
    """The forger recomputes the leaf hash and the block: only the checkpoint gives it away."""
    with open_at(path) as ledger:
        entries = list(ledger.entries())
    forged_path = path.with_name("forged")
    with open_at(forged_path) as ledger:
        drafts = [
            draft_of(BallotCast("v1", "deputy-5", "s01", "against"), 5, 7, entries[5].evidence)
            if entry.position == 5
            else entry
            for entry in entries
        ]
        for draft in drafts:
            if isinstance(draft, Entry):
                ledger._insert([draft])
            else:
                ledger.append([draft])
                continue
            ledger._size += 1
        ledger._root = ledger._tree.root()
    rows = list(apsw.Connection(str(path)).execute("SELECT size, note FROM checkpoint"))
    connection = apsw.Connection(str(forged_path))
    for row in rows:
        connection.execute("INSERT INTO checkpoint VALUES (?, ?)", row)
    connection.close()
    with pytest.raises(LedgerDamaged, match="root of 600 entries is not the signed one"):
        SqliteLedger.open_for_reading(forged_path)


def test_a_flipped_byte_anywhere_is_found_or_carries_nothing(path: Path) -> None:
    """Many bytes, one at a time: opening or verify() refuses, or everything reads as before."""
    with open_at(path) as ledger:
        before = list(ledger.entries()), ledger.checkpoints(), ledger.root()
    sound = path.read_bytes()
    dice = random.Random(3)
    found_at_entry = found = 0
    for offset in [dice.randrange(len(sound)) for _ in range(150)]:
        damaged = bytearray(sound)
        damaged[offset] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            with SqliteLedger.open_for_reading(path) as ledger:
                ledger.verify()
                after = list(ledger.entries()), ledger.checkpoints(), ledger.root()
            assert after == before, f"byte {offset} changed the content unseen"
        except LedgerDamaged as error:
            found += 1
            found_at_entry += error.position is not None
        except (LedgerMismatch, LedgerFailed):
            found += 1
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
    assert found_at_entry > 90
    assert found > 100


def test_a_flipped_byte_in_an_entry_is_named_with_its_position(path: Path) -> None:
    content = bytearray(path.read_bytes())
    offset = content.index(b"deputy-123s") if b"deputy-123s" in content else -1
    offset = content.index(b"deputy-123") if offset < 0 else offset
    content[offset + 3] ^= 1
    path.write_bytes(content)
    with (
        SqliteLedger.open_for_reading(path) as ledger,
        pytest.raises(LedgerDamaged, match="at entry 123: the entry does not match its hash"),
    ):
        ledger.verify()


def test_a_damaged_entry_ends_the_ledger_when_it_is_read(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"deputy-123")] ^= 1
    path.write_bytes(content)
    with open_at(path) as ledger:
        seen = []
        with pytest.raises(LedgerDamaged):
            seen.extend(ledger.entries())
        with pytest.raises(LedgerFailed, match="at entry 123"):
            append(ledger, 1)


def test_a_second_opener_is_refused_and_may_open_after_the_first_closed(path: Path) -> None:
    first = open_at(path)
    for _ in range(2):
        with pytest.raises(LedgerBusy, match="another controller has the ledger open"):
            open_at(path)
        with pytest.raises(LedgerBusy):
            SqliteLedger.open_for_reading(path)
    append(first, 1)
    first.close()
    with open_at(path) as ledger:
        assert ledger.size == 701


def test_the_log_beside_the_file_stays_small_however_much_is_appended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WAL_PAGES_MAX", 50)
    with open_at(tmp_path / "l") as ledger:
        sizes = []
        for _ in range(300):
            append(ledger, 1)
            sizes.append((tmp_path / "l-wal").stat().st_size)
        assert max(sizes) < 70 * 4200
        assert (tmp_path / "l").stat().st_size > 70_000


def test_signing_a_checkpoint_moves_the_log_into_the_file(tmp_path: Path) -> None:
    with open_at(tmp_path / "l") as ledger:
        for _ in range(400):
            append(ledger, 1)
        before = (tmp_path / "l").stat().st_size
        ledger.sign_checkpoint()
        assert (tmp_path / "l").stat().st_size > before
        assert ledger.verify().entries == 400


def test_another_sitting_hall_or_key_is_refused(path: Path) -> None:
    with pytest.raises(LedgerMismatch, match=r"is of dobush/hall/s1, not of dobush/hall/s2"):
        SqliteLedger.create_or_open(path, "hall", "s2", KEY)
    with pytest.raises(LedgerMismatch, match="not of dobush/other/s1"):
        SqliteLedger.create_or_open(path, "other", "s1", KEY)
    with pytest.raises(LedgerMismatch, match="another signing key"):
        open_at(path, OTHER_KEY)
    with open_at(path) as ledger:
        assert ledger.size == 700


@pytest.mark.parametrize(
    ("hall", "sitting"), [("Hall", "s1"), ("", "s1"), ("h", "a b"), ("h", "a+b")]
)
def test_a_name_that_a_note_cannot_carry_is_refused(
    tmp_path: Path, hall: str, sitting: str
) -> None:
    with pytest.raises(ValueError, match="is not 1 to"):
        SqliteLedger.create_or_open(tmp_path / "l", hall, sitting, KEY)
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_program_or_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    change(foreign, "CREATE TABLE entry (position)")
    with pytest.raises(LedgerMismatch, match="not a ledger of Dobush"):
        open_at(foreign)
    newer = tmp_path / "newer"
    open_at(newer).close()
    change(newer, "PRAGMA user_version = 2")
    with pytest.raises(LedgerMismatch, match="schema version 2, this program knows 1"):
        open_at(newer)
    text = tmp_path / "text"
    text.write_text("minutes of the sitting\n" * 100)
    with pytest.raises(LedgerDamaged):
        open_at(text)
    assert text.read_text() == "minutes of the sitting\n" * 100


def test_a_folder_that_is_missing_is_named_as_a_failure(tmp_path: Path) -> None:
    with pytest.raises(LedgerFailed, match="CantOpenError"):
        open_at(tmp_path / "none" / "ledger")
    with pytest.raises(LedgerFailed, match="CantOpenError"):
        SqliteLedger.open_for_reading(tmp_path / "ledger")


def test_a_reader_appends_and_signs_nothing(path: Path) -> None:
    with SqliteLedger.open_for_reading(path) as ledger:
        for refused in (lambda: append(ledger, 1), ledger.sign_checkpoint):
            with pytest.raises(LedgerError, match="for reading only"):
                refused()
        assert ledger.verify().entries == 700


def test_the_command_line_proves_a_sound_file_and_names_the_damage(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["verify", str(path)]) == 0
    assert "dobush/hall/s1 is sound: 700 entries, 2 checkpoints" in capsys.readouterr().out
    damaged = path.with_name("damaged")
    shutil.copy(path, damaged)
    content = bytearray(damaged.read_bytes())
    content[content.index(b"deputy-321")] ^= 1
    damaged.write_bytes(content)
    assert command_line.main(["verify", str(damaged)]) == 1
    assert "ledger damaged at entry 321" in capsys.readouterr().err


def test_the_command_line_exports_whole_and_writes_over_nothing(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = path.with_name("out")
    assert command_line.main(["export", str(path), str(out)]) == 0
    exported = out.read_bytes()
    assert exported.count(b"deputy-") == 700
    assert command_line.main(["export", str(path), str(out)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert out.read_bytes() == exported
    out.unlink()
    content = bytearray(path.read_bytes())
    content[content.index(b"deputy-321")] ^= 1
    path.write_bytes(content)
    assert command_line.main(["export", str(path), str(out)]) == 1
    assert "at entry 321" in capsys.readouterr().err
    assert not list(path.parent.glob("out*"))
