"""Writes dates and times for people: the browser has no Kyrgyz, so the server writes them all."""

from __future__ import annotations

from datetime import datetime
from typing import Final

_MONTHS: Final = {
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
    # with the ending that the day of a month takes: 27-ноябры
    "ky": (
        "январы", "февралы", "марты", "апрели", "майы", "июну",
        "июлу", "августу", "сентябры", "октябры", "ноябры", "декабры",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def date_text(moment: datetime, language: str) -> str:
    """The day in words: "27 ноября 2024 г.", "2024-жылдын 27-ноябры", "27 November 2024"."""
    month = _MONTHS.get(language, _MONTHS["ru"])[moment.month - 1]
    if language == "ky":
        return f"{moment.year}-жылдын {moment.day}-{month}"
    if language == "en":
        return f"{moment.day} {month} {moment.year}"
    return f"{moment.day} {month} {moment.year} г."


def clock_text(moment: datetime) -> str:
    """Hours and minutes of the hall's own time zone."""
    return f"{moment.hour:02d}:{moment.minute:02d}"
