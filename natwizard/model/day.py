"""A day that is written down, as a person reads it."""

from datetime import date

from natwizard.model.writing import date_words


def day_words(day: str) -> str:
    """An ISO 8601 date in words; one that nobody can read stays as it is."""
    try:
        return date_words(date.fromisoformat(day[:10]))
    except ValueError:
        return day
