"""Numbers and dates, against a second opinion: Babel's copy of CLDR."""

import re
from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from natwizard.gui.look.appearance import Appearance
from natwizard.gui.planner.arithmetic import AmountField
from natwizard.languages import language, language_of
from natwizard.model.quantity import Unit
from natwizard.model.writing import (
    MINUS,
    NBSP,
    date_words,
    number,
    short_number,
    unit_sign,
    with_unit,
)
from natwizard.report.plan_words import amount_words

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


BYTES = {"B": "byte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte"}


@pytest.mark.parametrize("code", LOCALES)
@pytest.mark.parametrize("unit", BYTES)
def test_sizes_are_written_as_cldr_says(code: str, unit: str) -> None:
    expected = format_unit(3, f"digital-{BYTES[unit]}", length="short", locale=LOCALES[code])
    with language_of(code):
        sign = unit_sign(unit)
        assert with_unit(3, unit) == f"3{NBSP}{sign}"
    told = expected.split()[-1]
    # CLDR spells bytes out in English, and has kB where the vendor's page has KB
    assert sign == {"byte": "B", "bytes": "B", "Byte": "B", "kB": "KB"}.get(told, told)


def test_french_counts_octets_in_plans_fields_and_findings(qapp: QApplication) -> None:
    with language_of("fr"):
        assert amount_words(13_360_000, Unit.BYTE) == f"13,36{NBSP}Mo"
        assert amount_words(640, Unit.BYTE) == f"640{NBSP}o"
        assert amount_words(81_600, Unit.BYTE) == f"81,6{NBSP}ko"
        assert with_unit(1000, "kbit/s") == f"1\u202f000{NBSP}kbit/s", "bits stay bits"
        field = AmountField(Appearance(qapp), "Stockage", high=10, unit="MB")
        assert field.suffix() == f"{NBSP}Mo"


def test_no_french_text_counts_bytes() -> None:
    catalogue = language("fr").translations
    texts = [text for text in catalogue._catalog.values() if isinstance(text, str)]  # type: ignore[attr-defined]
    assert len(texts) > 1000
    left = [text for text in texts if re.search(r"\d\s?[KMGT]i?B\b|\} [KMGT]i?B\b", text)]
    assert left == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.5, "1,5"), (2.0, "2"), (1200.0, "1.200"), (0.25, "0,25"), (-3.1, f"{MINUS}3,1")],
)
def test_decimals_that_say_nothing_are_left_out(value: float, expected: str) -> None:
    with language_of("de"):
        assert short_number(value) == expected
