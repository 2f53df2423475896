"""The exact bytes that a seat and the controller exchange; runs on MicroPython and CPython."""
