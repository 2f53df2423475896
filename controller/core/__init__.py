"""The rules of a sitting, pure: no clock, no randomness, no file, no socket, no wire.

Everything here is a function of its arguments; time is an argument called ``now_ms``.
"""
