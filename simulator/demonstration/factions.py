"""Invented factions. None of them is a party; some deputies belong to none."""

from __future__ import annotations

from controller.core.facts import Faction, Text

FACTIONS = (
    Faction(
        "orchard",
        Text("Городской сад", "Шаардык бак", "City Orchard"),
        Text("ГС", "ШБ", "CO"),
    ),
    Faction(
        "bridge",
        Text("Новый мост", "Жаңы көпүрө", "New Bridge"),
        Text("НМ", "ЖК", "NB"),
    ),
    Faction(
        "spring",
        Text("Чистый родник", "Таза булак", "Clear Spring"),
        Text("ЧР", "ТБ", "CS"),
    ),
    Faction(
        "yard",
        Text("Добрые соседи", "Ынтымактуу коңшулар", "Good Neighbours"),
        Text("ДС", "ЫК", "GN"),
    ),
    Faction(
        "workshop",
        Text("Мастера", "Усталар", "The Craftsmen"),
        Text("М", "У", "TC"),
    ),
)

# parts of a hundred, in the order above; the rest belongs to no faction
SHARES = (30, 24, 18, 14, 10)


def faction_of_place(place: int, places: int) -> str | None:
    """The faction that sits at this place when the hall is read from left to right."""
    percent, upper = 100 * place / places, 0
    for faction, share in zip(FACTIONS, SHARES, strict=True):
        upper += share
        if percent < upper:
            return faction.id
    return None
