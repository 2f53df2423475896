"""Decision rules that ship with the system, as data that a council's lawyer can read.

Every preset says where it comes from and that the council has to confirm it: the exact clause of
Law No. 123 and of the council's own Regulations stands above what is written here.
"""

from __future__ import annotations

from typing import Final

from controller.core.facts import Fraction, Rule, Text

_CONFIRM: Final = Text(
    ru="Подтвердите по Закону КР № 123 от 20.10.2021 и по регламенту своего кенеша.",
    ky="2021-жылдын 20-октябрындагы № 123 Мыйзам жана өз кеңешиңиздин регламенти менен ырастаңыз.",
    en="Confirm with Law No. 123 of 20 Oct 2021 and with the council's own Regulations.",
)


def _source(ru: str, ky: str, en: str) -> Text:
    return Text(f"{ru} {_CONFIRM.ru}", f"{ky} {_CONFIRM.ky}", f"{en} {_CONFIRM.en}")


_QUORUM: Final = Fraction("established", "gt", 1, 2)

KR_SESSION: Final = Rule(
    id="kr-session",
    name=Text(
        ru="Большинство от общего числа депутатов",
        ky="Депутаттардын жалпы санынын көпчүлүгү",
        en="Majority of the total number of deputies",
    ),
    source=_source(
        "Закон № 21 от 15.02.2018: «большинство» вместо «двух третей»; кворум от общего числа.",
        "2018-жылдын 15-февралындагы № 21 Мыйзам: «үчтөн эки» ордуна «көпчүлүк».",
        "Law No. 21 of 15 Feb 2018: a majority in place of two thirds; quorum of the total number.",
    ),
    passes=Fraction("established", "gt", 1, 2),
    quorum=_QUORUM,
)

KR_QUALIFIED: Final = Rule(
    id="kr-qualified",
    name=Text(
        ru="Две трети от общего числа депутатов",
        ky="Депутаттардын жалпы санынын үчтөн экиси",
        en="Two thirds of the total number of deputies",
    ),
    source=_source(
        "Не менее двух третей от общего числа.",
        "Жалпы сандын үчтөн экисинен кем эмес.",
        "Not less than two thirds of the total number.",
    ),
    passes=Fraction("established", "ge", 2, 3),
    quorum=_QUORUM,
)

KR_PROCEDURAL: Final = Rule(
    id="kr-procedural",
    name=Text(
        ru="Большинство от присутствующих депутатов",
        ky="Катышкан депутаттардын көпчүлүгү",
        en="Majority of the deputies present",
    ),
    source=_source(
        "Процедурный вопрос: большинство от присутствующих.",
        "Жол-жобо маселеси: катышкандардын көпчүлүгү.",
        "A procedural question: a majority of those present.",
    ),
    passes=Fraction("present", "gt", 1, 2),
    quorum=_QUORUM,
)

PRESETS: Final = (KR_SESSION, KR_QUALIFIED, KR_PROCEDURAL)
