"""Numbers and dates, against a second opinion: Babel's copy of CLDR."""

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from natwizard.languages import language_of
from natwizard.model.writing import MINUS, date_words, number, short_number, with_unit

LOCALES = {"en": "en_GB", "de": "de", "fr": "fr", "es": "es"}


@pytest.mark.parametrize("code", LOCALES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(value=st.integers(-(10**12), 10**12), digits=st.integers(0, 3))
def test_numbers_are_written_as_cldr_says(code: str, value: int, digits: int) -> None:
    exact = Decimal(value).scaleb(-digits)  # no rounding: only the marks are compared
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    expected = format_decimal(exact, format=pattern, locale=LOCALES[code])
    with language_of(code):
        assert number(float(exact), digits) == expected.replace("-", MINUS)


@pytest.mark.parametrize("code", LOCALES)
def test_dates_are_written_as_cldr_says(code: str) -> None:
    for month in range(1, 13):
        when = date(2026, month, 9)
        expected = format_date(when, "medium", locale=LOCALES[code])
        if code == "en":  # our September is as long as its neighbours
            expected = expected.replace("Sept", "Sep")
        with language_of(code):
            assert date_words(when) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "18.6\u00a0ms"),
        ("de", "18,6\u00a0ms"),
        ("fr", "18,6\u00a0ms"),
        ("es", "18,6\u00a0ms"),
    ],
)
def test_a_unit_stays_with_its_number(code: str, expected: str) -> None:
    with language_of(code):
        assert with_unit(18.64, "ms", 1) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.5, "1,5"), (2.0, "2"), (1200.0, "1.200"), (0.25, "0,25"), (-3.1, f"{MINUS}3,1")],
)
def test_decimals_that_say_nothing_are_left_out(value: float, expected: str) -> None:
    with language_of("de"):
        assert short_number(value) == expected
