"""Runs after boot.py: one seat until the supply is cut. A seat that cannot go on says so on its
screen and starts again; a seat that was never enrolled waits for the technician.
"""

import gc
import io
import sys

import machine

from terminal_fw import assembly
from terminal_fw.core import words
from terminal_fw.core.layout import Layout
from terminal_fw.core.screens import BIG, NOTE
from terminal_fw.drivers.clock import now_ms
from terminal_fw.drivers.fonts import NAMES
from terminal_fw.drivers.poller import Poller
from terminal_fw.drivers.secret_store import SecretStore, StoreError

SHOWN_MS = 3000
NOT_ENROLLED_MS = 60000


def show_fault(fonts, display, detail: str) -> None:
    """Tells the hall that this seat needs the technician."""
    say = words.load(words.RUSSIAN)
    rows = ((BIG, say["fault"]), (NOTE, say["call_technician"]), (NOTE, detail))
    display.draw(Layout(fonts, len(NAMES)).place(rows, now_ms()), now_ms())


def main() -> None:
    """Runs the seat; every way out of here is a restart."""
    fonts, display = assembly.screen()
    try:
        app = assembly.assemble(SecretStore(), fonts, display)
        gc.collect()
        app.run()
        print("restart:", app.restart)
    except StoreError as error:
        print("not enrolled:", error)
        show_fault(fonts, display, str(error))
        Poller().wait(NOT_ENROLLED_MS)
    except Exception as error:  # noqa: BLE001 - the last stop: it is shown, told and restarted
        text = io.StringIO()
        sys.print_exception(error, text)
        print(text.getvalue())
        show_fault(fonts, display, type(error).__name__)
        Poller().wait(SHOWN_MS)
    machine.reset()


main()
