"""Runs the tests of one shared file under MicroPython, as pytest runs them under CPython.

    micropython -X heapsize=180k tests/micropython/run_on_micropython.py tests/shared/x/test_y.py

Run from the repository's root. A test is a function named `test_...` without arguments that
asserts. Prints each name, then 'N passed, N failed'; exits with 1 on failure or without tests.
"""

import gc
import sys


def tests_of(path):
    """The (name, function) pairs of a test file, in the order of their names."""
    folder, _, name = path.rpartition("/")
    sys.path.insert(0, folder or ".")
    module = __import__(name[: -len(".py")])
    names = sorted([name for name in dir(module) if name.startswith("test_")])
    return [(name, getattr(module, name)) for name in names]


def run(path):
    """Run one file's tests; True when all of them passed and there was one at least."""
    passed = 0
    failed = 0
    for name, test in tests_of(path):
        gc.collect()
        try:
            test()
        except Exception as failure:  # noqa: BLE001 - whatever a test raises is its failure
            failed += 1
            print("FAILED", name)
            sys.print_exception(failure)
        else:
            passed += 1
            print("passed", name)
    print(f"{passed} passed, {failed} failed")
    return passed > 0 and failed == 0


if __name__ == "__main__":
    if sys.implementation.name != "micropython" or len(sys.argv) != 2:
        print("usage: micropython run_on_micropython.py TEST_FILE")
        sys.exit(2)
    sys.path.insert(0, ".")
    sys.exit(0 if run(sys.argv[1]) else 1)
