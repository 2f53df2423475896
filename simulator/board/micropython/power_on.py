"""Starts the simulated board: `micropython power_on.py IMAGE_DIR [SCRIPT]` in its flash folder.

Gives the firmware the board's `machine` and `select`, lets `print` write to the board's console
(standard error) and runs what a board runs after a reset: boot.py, then main.py of the image; or
one other script of the image, as mpremote would.
"""

import builtins
import sys

_image = sys.argv[1]
_scripts = sys.argv[2:] or ("boot.py", "main.py")


def _print_to_console(*values, sep=" ", end="\n", file=None):
    sys.stderr.write(sep.join([str(value) for value in values]) + end)


builtins.print = _print_to_console
sys.path[:] = [sys.path[0], _image, ".frozen"]  # sys.path[0] is this folder

import board_select  # noqa: E402 - after the path is the board's
import machine  # noqa: E402

sys.modules["select"] = board_select
try:
    for _script in _scripts:
        with open(_image + "/" + _script) as _source:
            _code = _source.read()
        exec(_code, {"__name__": "__main__"})  # noqa: S102 - a board runs its own main.py
except SystemExit:
    raise
except BaseException as _error:  # noqa: BLE001 - whatever it is, the console shows it
    sys.print_exception(_error, sys.stderr)
    sys.exit(1)
finally:
    machine._flush()
