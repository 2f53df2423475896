"""An invented agenda of a city council: short questions, none of them with a negation."""

from __future__ import annotations

from controller.core.facts import AgendaItem, Text
from controller.core.rule_presets import KR_PROCEDURAL, KR_QUALIFIED, KR_SESSION

DURATION_MS = 20_000

AGENDA = (
    AgendaItem(
        "budget",
        "1",
        Text(
            "О бюджете города на 2027 год",
            "Шаардын 2027-жылга бюджети жөнүндө",
            "City budget for 2027",
        ),
        Text(
            "Принять бюджет города на 2027 год?",
            "Шаардын 2027-жылга бюджети кабыл алынсынбы?",
            "Adopt the city budget for 2027?",
        ),
        KR_SESSION.id,
        DURATION_MS,
    ),
    AgendaItem(
        "school",
        "2",
        Text(
            "О строительстве школы в жилом массиве «Жаны-Бак»",
            "«Жаңы-Бак» конушунда мектеп куруу жөнүндө",
            "A school in the Jangy-Bak neighbourhood",
        ),
        Text(
            "Одобрить строительство школы на 1200 мест?",
            "1200 орундуу мектептин курулушу жактырылсынбы?",
            "Approve building a school for 1,200 pupils?",
        ),
        KR_SESSION.id,
        DURATION_MS,
    ),
    AgendaItem(
        "buses",
        "3",
        Text(
            "О городских автобусных маршрутах",
            "Шаардык автобус каттамдары жөнүндө",
            "City bus routes",
        ),
        Text(
            "Утвердить новую схему маршрутов?",
            "Каттамдардын жаңы схемасы бекитилсинби?",
            "Approve the new plan of routes?",
        ),
        KR_SESSION.id,
        DURATION_MS,
    ),
    AgendaItem(
        "trees",
        "4",
        Text(
            "Об озеленении города в 2027–2029 годах",
            "2027–2029-жылдары шаарды жашылдандыруу жөнүндө",
            "Greening the city in 2027–2029",
        ),
        Text(
            "Утвердить программу озеленения?",
            "Жашылдандыруу программасы бекитилсинби?",
            "Approve the greening programme?",
        ),
        KR_SESSION.id,
        DURATION_MS,
    ),
    AgendaItem(
        "rules",
        "5",
        Text(
            "Об изменениях в регламенте кенеша",
            "Кеңештин регламентине өзгөртүүлөр жөнүндө",
            "Changes to the rules of procedure",
        ),
        Text(
            "Внести изменения в регламент?",
            "Регламентке өзгөртүүлөр киргизилсинби?",
            "Change the rules of procedure?",
        ),
        KR_QUALIFIED.id,
        DURATION_MS,
    ),
    AgendaItem(
        "break",
        "6",
        Text("О перерыве", "Тыныгуу жөнүндө", "Break"),
        Text(
            "Объявить перерыв на 15 минут?",
            "15 мүнөткө тыныгуу жарыялансынбы?",
            "Take a break of 15 minutes?",
        ),
        KR_PROCEDURAL.id,
        DURATION_MS,
    ),
)
