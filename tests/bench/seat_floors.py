"""Runs under MicroPython in a seat's heap: microseconds to sign one press and to seal a heartbeat.

Prints two lines, `sign N` and `heartbeat N`, each the median of many.
"""

import sys
import time

ROUNDS = 40
SEED = bytes(range(32))
UP = "hall/demo/seat/s01/up"
ALIVE = "hall/demo/seat/s01/alive"


def median_us(action) -> int:  # type: ignore[no-untyped-def]  # no typing here
    """The middle one of the times that `action` takes."""
    times = []
    for _ in range(ROUNDS):
        begin = time.time_ns()
        action()
        times.append((time.time_ns() - begin) // 1000)
    return sorted(times)[ROUNDS // 2]


def main() -> None:
    from protocol import messages, sealed

    press = messages.Press(bytes(32), messages.FOR, bytes(7))
    event = messages.Event(messages.PRESS, "s01", 1, 2, bytes(32), 1 << 32, press)
    heartbeat = messages.Heartbeat("s01", 1, 2, 3, 60000, 0, 1 << 32, 0, 2)
    sealed.seal_event(SEED, event, UP)  # derives the key, once in a seat's life
    print("sign", median_us(lambda: sealed.seal_event(SEED, event, UP)))
    print("heartbeat", median_us(lambda: sealed.seal_heartbeat(SEED, heartbeat, ALIVE)))


if __name__ == "__main__":
    sys.path.insert(0, ".")
    main()
