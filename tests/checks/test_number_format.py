"""Figures beside limits: rounding never puts a value on the other side, nor on the limit itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.checks.shared.number_format import (
    MOST_DIGITS,
    beside,
    digits_beside,
    failure_with_name,
    limit_with_unit,
    milliseconds,
)
from natwizard.model.outcome import Failure, FailureCode

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "unit", "digits", "limits", "text"),
    [
        (1.98, "GB", 1, (2.0,), f"1.98{NBSP}GB"),
        (1.94, "GB", 1, (2.0,), f"1.9{NBSP}GB"),
        (99.6, "ms", 0, (100.0,), f"99.6{NBSP}ms"),
        (100.4, "ms", 0, (100.0,), f"100.4{NBSP}ms"),
        (100.0, "ms", 0, (100.0,), f"100{NBSP}ms"),
        (99.54, "ms", 0, (99.55,), f"99.5{NBSP}ms"),  # not 100, which is beyond it
        (3.996, "GB", 1, (2.0, 4.0), f"3.996{NBSP}GB"),
        (4.3, "GB", 0, (4.0, 8.0), f"4.3{NBSP}GB"),
        (0.9999, "%", 2, (1.0,), f"0.9999{NBSP}%"),
        (3.96, "", 1, (4.0, 3.6), "3.96"),
        # as near as no measurement comes: the digits stay few
        (100 - 1e-9, "ms", 0, (100.0,), f"100{NBSP}ms"),
    ],
)
def test_a_value_is_written_with_the_digits_its_verdict_needs(
    value: float, unit: str, digits: int, limits: tuple[float, ...], text: str
) -> None:
    assert beside(value, unit, digits, *limits) == text


@given(st.floats(0, 1e5, allow_nan=False), st.floats(0, 1e5, allow_nan=False), st.integers(0, 2))
def test_what_is_shown_stands_on_the_side_of_the_verdict(
    value: float, limit: float, digits: int
) -> None:
    enough = digits_beside(value, digits, limit)
    shown = float(f"{value:.{enough}f}")
    assert digits <= enough < MOST_DIGITS
    if abs(value - limit) > 1e-4:
        assert (shown < limit, shown > limit) == (value < limit, value > limit)


@pytest.mark.parametrize(
    ("limit", "text"), [(100.0, "100"), (2.5, "2.5"), (0.125, "0.125"), (1000.0, "1,000")]
)
def test_a_limit_keeps_the_decimals_of_its_profile(limit: float, text: str) -> None:
    assert limit_with_unit(limit, "ms") == f"{text}{NBSP}ms"


@pytest.mark.parametrize(
    ("code", "detail", "words"),
    [
        (FailureCode.OTHER, "EINVAL: Bad", "an error that this computer reported (EINVAL)"),
        (FailureCode.OTHER, "E42", "an error that this computer reported (E42)"),
        (FailureCode.TIMED_OUT, "ETIMEDOUT: late", "no answer"),
    ],
)  # fmt: skip
def test_an_error_outside_the_list_is_told_by_its_name(
    code: FailureCode, detail: str, words: str
) -> None:
    assert failure_with_name(Failure(code=code, operation="do", detail=detail)) == words


@pytest.mark.parametrize(
    ("value_ms", "words"), [(9.94, "9.9"), (9.99, "10.0"), (10.0, "10"), (99.5, "100")]
)
def test_times_below_ten_have_two_figures(value_ms: float, words: str) -> None:
    assert milliseconds(value_ms) == f"{words}{NBSP}ms"
