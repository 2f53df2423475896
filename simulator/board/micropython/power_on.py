"""Starts the simulated board: `micropython power_on.py BOARD_ROM IMAGE_DIR [SCRIPT]`.

Started in the board's flash folder. Maps the board's own modules and the image outside the heap,
as a board has them in flash; gives the firmware the board's `machine` and `select`; lets `print`
write to the board's console (standard error); and runs what a board runs after a reset: boot.py,
then main.py, or one other script.
"""

import builtins
import gc
import sys

import uctypes
import vfs

_BOARD = "/board"
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


def _map(path, folder):
    """Lays a read-only file system into the window and mounts it."""
    global _window
    with open(path, "rb") as file:
        count = file.readinto(_window)
        if file.read(1):
            raise MemoryError("the image is larger than the board's flash window")
    vfs.mount(vfs.VfsRom(memoryview(_window)[:count]), folder)
    _window = memoryview(_window)[count + -count % _ALIGNMENT :]


def _run(path):
    with open(path) as source:
        exec(source.read(), {"__name__": "__main__"})  # noqa: S102 - a board runs its own main.py


builtins.print = _print_to_console
_window = _flash_window()
_map(sys.argv[1], _BOARD)
_map(sys.argv[2] + "/seat.romfs", _ROM)
sys.path[:] = [_BOARD, _ROM, ".frozen"]

import board_select  # noqa: E402 - after the path is the board's
import machine  # noqa: E402

sys.modules["select"] = board_select
gc.collect()
try:
    for _script in sys.argv[3:] or ("boot.py", "main.py"):
        _run(sys.argv[2] + "/" + _script)
except SystemExit:
    raise
except BaseException as _error:  # noqa: BLE001 - whatever it is, the console shows it
    sys.print_exception(_error, sys.stderr)
    sys.exit(1)
finally:
    machine._flush()
