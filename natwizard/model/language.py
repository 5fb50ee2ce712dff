"""Looks up the words a person reads, in the language of this process or of this context."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that is ready to use; `code` is ISO 639-1."""

    code: str
    translations: gettext.NullTranslations


ENGLISH = Language(code="en", translations=gettext.NullTranslations())


@dataclass(slots=True)
class _Process:
    """The one place that knows what the person chose: the threads of a run follow at once."""

    language: Language = ENGLISH


_PROCESS = _Process()
_HERE: ContextVar[Language | None] = ContextVar("_HERE", default=None)


def speak(language: Language) -> None:
    """From now on, every thread of this process uses this language."""
    _PROCESS.language = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Within this block, and only here, another language: that of a saved report."""
    token = _HERE.set(language)
    try:
        yield
    finally:
        _HERE.reset(token)


def current_language() -> Language:
    """The language that texts are looked up in just now."""
    return _HERE.get() or _PROCESS.language


def _(message: str) -> str:
    """Translate one sentence; fill its fields afterwards with str.format."""
    return current_language().translations.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a sentence that depends on a count."""
    return current_language().translations.ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Mark a text for extraction where it stands; `_` translates it where it is shown."""
    return message


class Plural(NamedTuple):
    """A marked text that depends on a count."""

    singular: str
    plural: str

    def of(self, count: int) -> str:
        """The translated form for this count; fill its fields afterwards with str.format."""
        return ngettext(self.singular, self.plural, count)


def ngettext_noop(singular: str, plural: str) -> Plural:
    """As `N_`, for a text that depends on a count."""
    return Plural(singular, plural)
