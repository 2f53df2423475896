"""One push is one press, and a spike on the wire is none."""

from terminal_fw.core.debounce import PRESSED, RELEASED, STABLE_MS, Debounce


def play(edges, key=0, keys=4, until=400):
    """The instants of presses when the line of `key` moves as `edges` say: (at_ms, level)."""
    debounce = Debounce(keys)
    presses = []
    for now in range(until):
        for at_ms, level in edges:
            if at_ms == now:
                debounce.edge(key, level, now)
        for pressed in debounce.step(now):
            assert pressed == key
            presses.append(now)
    return presses


def test_a_clean_push_is_pressed_when_it_has_held():
    assert play([(10, PRESSED), (200, RELEASED)]) == [10 + STABLE_MS]


def test_every_pattern_of_eight_bounces_is_one_press():
    for pattern in range(256):
        edges = []
        for bit in range(8):
            edges.append((10 + bit, pattern >> bit & 1))
        edges.append((18, PRESSED))
        edges.append((200, RELEASED))
        presses = play(edges)
        assert len(presses) == 1, pattern
        assert presses[0] <= 18 + STABLE_MS


def test_bounces_of_the_release_are_no_second_press():
    edges = [(10, PRESSED), (100, RELEASED), (103, PRESSED), (105, RELEASED)]
    assert len(play(edges)) == 1


def test_a_spike_shorter_than_the_hold_is_nothing():
    for length in range(1, STABLE_MS):
        assert play([(10, PRESSED), (10 + length, RELEASED)]) == []


def test_two_pushes_are_two_presses():
    edges = [(10, PRESSED), (60, RELEASED), (110, PRESSED), (160, RELEASED)]
    assert len(play(edges)) == 2


def test_a_held_key_does_not_repeat():
    assert len(play([(10, PRESSED)])) == 1


def test_keys_do_not_touch_each_other():
    debounce = Debounce(4)
    debounce.edge(1, PRESSED, 0)
    debounce.edge(3, PRESSED, 5)
    assert debounce.step(STABLE_MS) == [1]
    assert debounce.step(5 + STABLE_MS) == [3]


def test_the_deadline_is_when_the_nearest_level_has_held():
    debounce = Debounce(2)
    assert debounce.next_deadline_ms() is None
    debounce.edge(0, PRESSED, 100)
    debounce.edge(1, PRESSED, 95)
    assert debounce.next_deadline_ms() == 95 + STABLE_MS
    debounce.step(100 + STABLE_MS)
    assert debounce.next_deadline_ms() is None


def test_a_level_read_twice_does_not_start_the_wait_again():
    debounce = Debounce(1)
    debounce.edge(0, RELEASED, 50)
    assert debounce.next_deadline_ms() is None
