"""Looks up the words a person reads in the language of the current context."""

import gettext
from contextvars import ContextVar

TRANSLATIONS: ContextVar[gettext.NullTranslations] = ContextVar(
    "TRANSLATIONS",
    default=gettext.NullTranslations(),  # noqa: B039 - never changed in place
)


def _(message: str) -> str:
    """Translate one sentence; fill its fields afterwards with str.format."""
    return TRANSLATIONS.get().gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a sentence that depends on a count."""
    return TRANSLATIONS.get().ngettext(singular, plural, count)
