"""The words of one language at a time, to keep the heap small.

Promises the same keys in every language (a test holds it). The terms are those of the hall's
glossary; what a deputy reads is short enough for the screen.
"""

import sys

RUSSIAN = 0
KYRGYZ = 1
ENGLISH = 2
CODES = ("ru", "ky", "en")


def load(language: int) -> dict:
    """The words of `language` (a number of the wire); Russian when the number is unknown."""
    if language == KYRGYZ:
        from terminal_fw.core.words_ky import WORDS
    elif language == ENGLISH:
        from terminal_fw.core.words_en import WORDS
    else:
        from terminal_fw.core.words_ru import WORDS
    # the module is not kept: when the language changes, the old words leave the heap
    for code in CODES:
        sys.modules.pop("terminal_fw.core.words_" + code, None)
    return WORDS


def language_of(code: str) -> int:
    """The number of a language code; Russian when it is unknown."""
    return CODES.index(code) if code in CODES else RUSSIAN
