"""A language nobody speaks: every text with accents and 40 % longer, so that gaps can be seen."""

import gettext
import re

from natwizard.model.language import Language

KEPT = re.compile(r"(\{[^}]*\}|&\w)")
ACCENTS = str.maketrans("aeiouAEIOUcnsy", "áéíóúÁÉÍÓÚçñšý")
SHORTEST = 4
PLAIN_WORD = re.compile(r"(?<![\w./@:%+-])[A-Za-z]*[aeiou][A-Za-z]*(?![\w./@:%+-])")


def pseudo(text: str) -> str:
    """Longer and accented; fields and Alt letters stay."""
    parts = KEPT.split(text)
    told = "".join(part if KEPT.fullmatch(part) else part.translate(ACCENTS) for part in parts)
    letters = sum(len(part) for part in parts if not KEPT.fullmatch(part))
    words = max(1, round(letters * 0.4 / 5)) if letters >= SHORTEST else 0
    return told + " éñdé" * words


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)


PSEUDO = Language(code="de", translations=_Pseudo())
"""Writes numbers as German does: "1.000" and "18,6" tell that the locale is followed too."""


def untranslated(text: str, names: frozenset[str]) -> bool:
    """Whether some plain English is in it; names, addresses and codes do not count."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return len([word for word in PLAIN_WORD.findall(text) if len(word) >= SHORTEST]) > 0
