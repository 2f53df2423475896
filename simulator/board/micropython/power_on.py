"""Starts the simulated board: `micropython power_on.py IMAGE_DIR [SCRIPT]` in its flash folder.

Maps the image's read-only file system outside the heap, as a board maps its flash; gives the
firmware the board's `machine` and `select`; lets `print` write to the board's console (standard
error); and runs what a board runs after a reset: boot.py, then main.py, or one other script.
"""

import builtins
import gc
import sys

import uctypes
import vfs

_ROM = "/rom"
_ALIGNMENT = 16
# places of env_start and env_end in /proc/self/stat, counted behind the program's name (proc(5))
_ENV_START = 47
_ENV_END = 48


def _print_to_console(*values, sep=" ", end="\n", file=None):
    sys.stderr.write(sep.join([str(value) for value in values]) + end)


def _flash_window():
    """Memory outside the heap: the host started this process with room in its environment."""
    with open("/proc/self/stat") as file:
        text = file.read()
    fields = text[text.rindex(")") + 2 :].split()
    start = int(fields[_ENV_START])
    start += -start % _ALIGNMENT
    return uctypes.bytearray_at(start, int(fields[_ENV_END]) - start)


def _map_image(folder):
    window = _flash_window()
    with open(folder + "/seat.romfs", "rb") as file:
        count = file.readinto(window)
        if file.read(1):
            raise MemoryError("the image is larger than the board's flash window")
    vfs.mount(vfs.VfsRom(memoryview(window)[:count]), _ROM)


def _run(path):
    with open(path) as source:
        exec(source.read(), {"__name__": "__main__"})  # noqa: S102 - a board runs its own main.py


builtins.print = _print_to_console
_map_image(sys.argv[1])
sys.path[:] = [sys.path[0], _ROM, ".frozen"]  # sys.path[0] is this folder

import board_select  # noqa: E402 - after the path is the board's
import machine  # noqa: E402

sys.modules["select"] = board_select
gc.collect()
try:
    for _script in sys.argv[2:] or ("boot.py", "main.py"):
        _run(sys.argv[1] + "/" + _script)
except SystemExit:
    raise
except BaseException as _error:  # noqa: BLE001 - whatever it is, the console shows it
    sys.print_exception(_error, sys.stderr)
    sys.exit(1)
finally:
    machine._flush()
