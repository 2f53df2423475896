"""Sorts names as each language does; Kyrgyz puts ң after н, ө after о and ү after у."""

from __future__ import annotations

_ALPHABETS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "ky": "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
_PLACES = {
    language: {letter: index for index, letter in enumerate(letters)}
    for language, letters in _ALPHABETS.items()
}
# letters of the other alphabets sort after the language's own, never among them
_FOREIGN_FROM = 1_000


def sort_key(text: str, language: str) -> tuple[tuple[int, ...], ...]:
    """A key that sorts ``text`` by the alphabet of ``language``; case never decides.

    Words are compared one by one, so that "Асан уулу" comes before "Асанов".
    """
    places = _PLACES.get(language, _PLACES["ru"])
    return tuple(
        tuple(places.get(letter, _FOREIGN_FROM + ord(letter)) for letter in word)
        for word in text.casefold().split()
    )
