"""A boot number is used once, wherever the power goes; a damaged seat stops and says so."""

import json
import os

import pytest

from terminal_fw.drivers import secret_store
from terminal_fw.drivers.secret_store import SecretStore, StoreError, newest_boot, record

SETTINGS = {
    "terminal": "s07",
    "hall": "hall-1",
    "broker_host": "127.0.0.1",
    "broker_port": 8883,
    "broker_name": "hall",
    "client_id": "s07-a1b2c3",
    "language": "ky",
}


@pytest.fixture
def store(tmp_path):
    made = SecretStore(str(tmp_path))
    made.make_seed()
    return made


def test_boots_count_from_one_without_a_gap(store):
    assert [store.next_boot() for _ in range(9)] == list(range(1, 10))


def test_a_number_is_in_flash_before_it_is_given(store, tmp_path):
    boot = store.next_boot()
    assert newest_boot((tmp_path / "boot.cnt").read_bytes()) == boot


def test_a_write_torn_at_any_byte_never_gives_a_number_twice(store, tmp_path):
    """The power goes while the record is written: some of its bytes are new, the rest are old or
    erased. Whatever was given before must not be given again."""
    path = tmp_path / "boot.cnt"
    for boot in range(1, 6):
        before = path.read_bytes()
        start = boot % 2 * 12
        new = record(boot)
        for torn in range(13):
            for filler in (before[start + torn : start + 12], b"\xff" * (12 - torn), b""):
                data = bytearray(before)
                data[start : start + 12] = new[:torn] + filler
                if not filler and start == 12:
                    data = bytearray(before[:start] + new[:torn])  # the file ends there
                elif not filler:
                    continue
                path.write_bytes(bytes(data))
                given = SecretStore(str(tmp_path)).next_boot()
                assert given >= boot, (boot, torn, filler)
                assert given <= boot + 1
        path.write_bytes(before)
        assert store.next_boot() == boot


def test_any_changed_byte_is_noticed(store, tmp_path):
    path = tmp_path / "boot.cnt"
    for _ in range(4):
        store.next_boot()
    good = path.read_bytes()
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 0x40
        newest = newest_boot(bytes(bad))
        assert newest == (4 if position >= 12 else 3)


def test_a_counter_damaged_twice_stops_the_seat(store, tmp_path):
    (tmp_path / "boot.cnt").write_bytes(b"\xff" * 24)
    with pytest.raises(StoreError):
        store.next_boot()


@pytest.mark.parametrize("content", [b"", b"\0" * 11, b"\0" * 24])
def test_a_counter_without_a_whole_record_stops_the_seat(store, tmp_path, content):
    (tmp_path / "boot.cnt").write_bytes(content)
    with pytest.raises(StoreError):
        store.next_boot()


def test_the_last_number_is_the_last(store, tmp_path):
    (tmp_path / "boot.cnt").write_bytes(record(0xFFFFFFFF) * 2)
    with pytest.raises(StoreError):
        store.next_boot()


def test_a_counter_that_cannot_be_written_gives_no_number(store, tmp_path, monkeypatch):
    path = tmp_path / "boot.cnt"
    before = path.read_bytes()
    monkeypatch.setattr(secret_store, "_sync", lambda: path.write_bytes(before))
    with pytest.raises(StoreError):
        store.next_boot()


def test_a_key_is_made_once_and_never_replaced(store, tmp_path):
    seed = store.seed()
    assert len(seed) == 32
    with pytest.raises(StoreError):
        store.make_seed()
    assert SecretStore(str(tmp_path)).seed() == seed


def test_a_power_cut_while_enrolling_leaves_a_seat_that_can_be_enrolled(tmp_path, monkeypatch):
    """Whatever step the power goes at: afterwards there is a key with a counter, or no key."""
    rename = os.rename
    for steps in range(3):
        folder = tmp_path / str(steps)
        folder.mkdir()
        left = [steps]

        def cut(old, new, left=left):
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            rename(old, new)

        store = SecretStore(str(folder))
        monkeypatch.setattr(secret_store.os, "rename", cut)
        if steps < 2:
            with pytest.raises(KeyboardInterrupt):
                store.make_seed()
        else:
            store.make_seed()
        monkeypatch.setattr(secret_store.os, "rename", rename)
        if not store.is_enrolled():
            store.make_seed()
        assert store.next_boot() == 1


def test_settings_are_read(store, tmp_path):
    (tmp_path / "seat.json").write_text(json.dumps(SETTINGS | {"unknown": "more"}))
    settings = store.settings()
    assert (settings.terminal, settings.hall, settings.language) == ("s07", "hall-1", "ky")
    assert settings.ca_file == f"{tmp_path}/ca.der"
    # not the terminal's name: whoever guesses it can take the connection over
    assert settings.client_id == "s07-a1b2c3"


@pytest.mark.parametrize(
    "change",
    [
        {"terminal": "S 7"},
        {"terminal": 7},
        {"hall": ""},
        {"client_id": ""},
        {"broker_port": 0},
        {"broker_port": "8883"},
        {"broker_host": None},
        {"language": 1},
    ],
)
def test_foreign_settings_are_refused(store, tmp_path, change):
    (tmp_path / "seat.json").write_text(json.dumps(SETTINGS | change))
    with pytest.raises(StoreError):
        store.settings()


@pytest.mark.parametrize("text", ["", "[]", "{", "7"])
def test_a_settings_file_that_is_none_is_refused(store, tmp_path, text):
    (tmp_path / "seat.json").write_text(text)
    with pytest.raises(StoreError):
        store.settings()


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(StoreError, match="seat.json missing"):
        SecretStore(str(tmp_path)).settings()
    with pytest.raises(StoreError, match="mac.key missing"):
        SecretStore(str(tmp_path)).mac_key()


def test_a_key_of_another_length_is_refused(store, tmp_path):
    (tmp_path / "mac.key").write_bytes(b"short")
    with pytest.raises(StoreError):
        store.mac_key()
