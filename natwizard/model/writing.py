"""How a language writes numbers and dates. Source: Unicode CLDR, by a test against Babel."""

from datetime import date, datetime, timedelta

from msgspec import Struct

from natwizard.model.language import _, current_language

NBSP = "\u00a0"
MINUS = "\u2212"
NARROW_NBSP = "\u202f"


class LocaleFormat(Struct, frozen=True, kw_only=True):
    """One language's habits.

    Attributes:
        group: what stands between thousands.
        date: medium length, with the fields day, month (from `months`) and year.
        months: abbreviated as they stand within a date.
        units: those that have another sign than in English, each with its own.
    """

    decimal: str
    group: str
    date: str
    months: tuple[str, ...]
    units: tuple[tuple[str, str], ...] = ()


# Held against Unicode's CLDR by a test (decision 31)
WRITINGS = {
    "en": LocaleFormat(
        decimal=".",
        group=",",
        date="{day} {month} {year}",
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
    "de": LocaleFormat(
        decimal=",",
        group=".",
        date="{day:02}.{month}.{year}",
        months=tuple(f"{number:02}" for number in range(1, 13)),
    ),
    "fr": LocaleFormat(
        decimal=",",
        group=NARROW_NBSP,
        date="{day} {month} {year}",
        months=(
            "janv.",
            "févr.",
            "mars",
            "avr.",
            "mai",
            "juin",
            "juil.",
            "août",
            "sept.",
            "oct.",
            "nov.",
            "déc.",
        ),
        units=(
            ("B", "o"),
            ("KB", "ko"),
            ("MB", "Mo"),
            ("GB", "Go"),
            ("TB", "To"),
            ("GiB", "Gio"),
        ),
    ),
    "es": LocaleFormat(
        decimal=",",
        group=".",
        date="{day} {month} {year}",
        months=(
            "ene",
            "feb",
            "mar",
            "abr",
            "may",
            "jun",
            "jul",
            "ago",
            "sept",
            "oct",
            "nov",
            "dic",
        ),
    ),
}


def labelled(label: str, text: str) -> str:
    """ "Label: text"; French has a space before the colon."""
    return _("{label}: {text}").format(label=label, text=text)


def locale_format() -> LocaleFormat:
    """The habits of the current language."""
    return WRITINGS.get(current_language().code, WRITINGS["en"])


def number(value: float, digits: int = 0) -> str:
    """Round for reading: 18.64 with one digit is "18.6" or "18,6", 1000 is "1,000" or "1.000"."""
    habits = locale_format()
    marks: dict[str, str | int | None] = {",": habits.group, ".": habits.decimal, "-": MINUS}
    return f"{value:,.{digits}f}".translate(str.maketrans(marks))


def short_number(value: float, digits: int = 2) -> str:
    """At most so many decimals, none that say nothing: 1.50 is "1.5", 2.00 is "2"."""
    text, decimal = number(value, digits), locale_format().decimal
    return text.rstrip("0").rstrip(decimal) if digits and decimal in text else text


def unit_sign(unit: str) -> str:
    """A unit as the current language writes it: French counts octets, "Go" for "GB"."""
    return next((own for english, own in locale_format().units if english == unit), unit)


def with_unit(value: float, unit: str, digits: int = 0) -> str:
    """A number and its unit, kept on one line."""
    return f"{number(value, digits)}{NBSP}{unit_sign(unit)}"


def date_words(when: date) -> str:
    """ "22 Nov 2026", "22.11.2026"."""
    habits = locale_format()
    month = habits.months[when.month - 1]
    return habits.date.format(day=when.day, month=month, year=when.year)


def day_words(day: str) -> str:
    """An ISO 8601 date in words; one that nobody can read stays as it is."""
    try:
        return date_words(date.fromisoformat(day[:10]))
    except ValueError:
        return day


def moment_words(moment: str, *, zone: bool = True) -> str:
    """ "22 Nov 2026, 14:06 (UTC+1)"; a moment nobody can read stays as it is."""
    when = read_moment(moment)
    if when is None:
        return moment
    clock = f"{when:%H:%M}"
    offset = when.utcoffset()
    told = f" ({zone_words(offset)})" if zone and offset is not None else ""
    return f"{date_words(when)}, {clock}{told}"


def read_moment(moment: str) -> datetime | None:
    """An ISO 8601 moment, or None."""
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        return None


def zone_words(offset: timedelta) -> str:
    """ "UTC+1", "UTC-3:30", "UTC"."""
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else MINUS
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
