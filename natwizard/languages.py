"""Which languages there are, and which one this person reads; loads their catalogues."""

import gettext
import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from natwizard.assets import asset
from natwizard.model.language import ENGLISH, Language, speak, speaking

DOMAIN = "natwizard"
VARIABLE = "NATWIZARD_LANGUAGE"

NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
"""By code; each name in its own language, so that whoever is lost finds theirs."""

POSIX_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class UnknownLanguage(ValueError):
    """There is no such language here."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no such language: {code} (known: {', '.join(NAMES)})")


def available_languages() -> dict[str, str]:
    """Codes and names, in the order they are offered."""
    return dict(NAMES)


def known_code(text: str) -> str:
    """ "de" for "de", "de_AT.UTF-8" or "de-CH"; empty where we do not have the language."""
    code = text.replace("-", "_").split(".")[0].split("_")[0].strip().lower()
    return code if code in NAMES else ""


@cache
def language(code: str) -> Language:
    """A language by its code, loaded once. Raises UnknownLanguage."""
    known = known_code(code)
    if not known:
        raise UnknownLanguage(code)
    if known == ENGLISH.code:
        return ENGLISH
    path = asset(f"translations/{known}/LC_MESSAGES/{DOMAIN}.mo")
    with path.open("rb") as file:
        return Language(code=known, translations=gettext.GNUTranslations(file))


def use_language(code: str) -> None:
    """Have everything from now on said in this language. Raises UnknownLanguage."""
    speak(language(code))


@contextmanager
def language_of(code: str) -> Iterator[None]:
    """Within this block, the language of a report; English where we do not have it."""
    with speaking(language(known_code(code) or ENGLISH.code)):
        yield


def chosen_language(asked: str = "", kept: str = "") -> str:
    """What was asked for, else NATWIZARD_LANGUAGE, else what was kept, else the system's.

    Raises UnknownLanguage for a language that was asked for by name and is not here.
    """
    for wanted in (asked, os.environ.get(VARIABLE, "")):
        if wanted:
            return language(wanted).code
    return known_code(kept) or system_language()


def system_language() -> str:
    """The language this account uses, if it is one of ours; else English."""
    told = _windows_language() if sys.platform == "win32" else _posix_language()
    return known_code(told) or ENGLISH.code


def _posix_language() -> str:
    """The first variable that is set decides, as in the C library; LANGUAGE only refines it."""
    told = next((value for name in POSIX_VARIABLES if (value := os.environ.get(name))), "")
    if told in {"C", "POSIX"} or told.startswith("C."):
        return ""
    wanted = os.environ.get("LANGUAGE", "").split(":") if told else []
    return next(filter(known_code, wanted), told) or (locale.getlocale()[0] or "")


def _windows_language() -> str:
    """What Windows shows its own menus in, which may differ from how it writes numbers."""
    if sys.platform == "win32":
        from ctypes import c_uint16

        from natwizard.windows_functions import windows_function

        number = windows_function("kernel32", "GetUserDefaultUILanguage", c_uint16)()
        return locale.windows_locale.get(number, "")
    return ""
