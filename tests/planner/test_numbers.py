"""Single numbers: valid, correctable with a reason, or invalid with a reason."""

import re

import phonenumbers
import pytest
from babel import Locale
from cases.phone_pool import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.languages import language
from natwizard.model.language import speaking
from natwizard.planner.numbers import (
    NumberChecker,
    NumberKind,
    NumberProblem,
    NumberState,
    UnknownCountry,
    country_name,
    kind_words,
    reason_words,
    state_words,
)

LONDON = "+442079460958"
CHECKERS = {country: NumberChecker(country) for country in ("", "GB", "US", "DE")}


@pytest.mark.parametrize(
    ("country", "text", "kind"),
    [
        ("", LONDON, NumberKind.FIXED_LINE),
        ("US", LONDON, NumberKind.FIXED_LINE),
        ("", "+447911123456", NumberKind.MOBILE),
        ("", "+14155552671", NumberKind.FIXED_LINE_OR_MOBILE),
        ("", "+390612345678", NumberKind.FIXED_LINE),  # the zero belongs to it
        ("", "+80012345678", NumberKind.TOLL_FREE),
    ],
)
def test_a_number_in_e164_that_exists_is_valid(country: str, text: str, kind: NumberKind) -> None:
    found = CHECKERS[country].check(text)
    assert (found.state, found.reason) == (NumberState.VALID, None)
    assert (found.e164, found.kind) == (text, kind)


@pytest.mark.parametrize(
    ("country", "text", "reason", "e164"),
    [
        ("GB", "020 7946 0958", NumberProblem.COUNTRY_CODE_MISSING, LONDON),
        ("GB", "2079460958", NumberProblem.COUNTRY_CODE_MISSING, LONDON),
        ("US", "(415) 555-2671", NumberProblem.COUNTRY_CODE_MISSING, "+14155552671"),
        ("GB", "442079460958", NumberProblem.PLUS_MISSING, LONDON),
        ("GB", "0044 20 7946 0958", NumberProblem.DIALLING_PREFIX, LONDON),
        ("", "0044 20 7946 0958", NumberProblem.DIALLING_PREFIX, LONDON),
        ("US", "0044 20 7946 0958", NumberProblem.DIALLING_PREFIX, LONDON),
        ("US", "011 44 20 7946 0958", NumberProblem.DIALLING_PREFIX, LONDON),
        ("", "+44 (0)20 7946 0958", NumberProblem.TRUNK_PREFIX, LONDON),
        ("", "+4402079460958", NumberProblem.TRUNK_PREFIX, LONDON),
        ("", "+44 20 7946 0958", NumberProblem.SYMBOLS, LONDON),
        ("", f"{LONDON} ", NumberProblem.SYMBOLS, LONDON),
        ("", f"'{LONDON}", NumberProblem.SYMBOLS, LONDON),
        ("", f"\u200e{LONDON}", NumberProblem.SYMBOLS, LONDON),
        ("", "+44\uff12\uff10\uff17\uff19\uff14\uff16\uff10\uff19\uff15\uff18",
         NumberProblem.SYMBOLS, LONDON),
        ("", "tel:+44-20-7946-0958", NumberProblem.OTHER_TEXT, LONDON),
        ("", "London: +442079460958", NumberProblem.OTHER_TEXT, LONDON),
        ("US", "(415) 555-2671 ext. 12", NumberProblem.EXTENSION, "+14155552671"),
        ("US", "1-800-FLOWERS", NumberProblem.LETTERS, "+18003569377"),
        ("GB", "442079460958.0", NumberProblem.SPREADSHEET_DECIMAL, LONDON),
    ],
)  # fmt: skip
def test_a_number_that_can_be_corrected_says_why(
    country: str, text: str, reason: NumberProblem, e164: str
) -> None:
    found = CHECKERS[country].check(text)
    assert (found.state, found.reason, found.e164) == (NumberState.CORRECTABLE, reason, e164)
    assert CHECKERS[""].check(e164).state is NumberState.VALID


@pytest.mark.parametrize(
    ("country", "text", "reason"),
    [
        ("", "020 7946 0958", NumberProblem.NO_COUNTRY_CHOSEN),
        ("GB", "hello", NumberProblem.NOT_A_NUMBER),
        ("GB", "x" * 10_000, NumberProblem.NOT_A_NUMBER),
        ("GB", "07946 ask her", NumberProblem.NOT_A_NUMBER),
        ("GB", "=cmd|' /C calc'!A0", NumberProblem.NOT_A_NUMBER),
        ("GB", "+999123456", NumberProblem.UNKNOWN_COUNTRY_CODE),
        ("GB", "+44 123", NumberProblem.TOO_SHORT),
        ("GB", "112", NumberProblem.TOO_SHORT),
        ("GB", "+4420794609580", NumberProblem.TOO_LONG),
        ("", "+49302345678901234", NumberProblem.TOO_MANY_DIGITS),
        ("US", "555-2671", NumberProblem.AREA_CODE_MISSING),
        ("", "+10000000000", NumberProblem.NOT_IN_PLAN),
        ("GB", "020 7946 0958 / 020 7946 0959", NumberProblem.SEVERAL),
        ("GB", "020 7946 0958 or 020 7946 0959", NumberProblem.SEVERAL),
        ("GB", "4.42079E+11", NumberProblem.SPREADSHEET_POWER),
        ("DE", "4,42079E+11", NumberProblem.SPREADSHEET_POWER),
    ],
)
def test_a_number_that_cannot_be_corrected_says_why(
    country: str, text: str, reason: NumberProblem
) -> None:
    found = CHECKERS[country].check(text)
    assert (found.state, found.reason) == (NumberState.INVALID, reason)
    assert (found.e164, found.country, found.kind) == ("", "", None)


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_nothing_is_empty_not_invalid(text: str) -> None:
    found = CHECKERS["GB"].check(text)
    assert (found.state, found.reason) == (NumberState.EMPTY, NumberProblem.EMPTY)


@pytest.mark.parametrize("country", ["XX", "GBR", "44", "001", "ZZ"])
def test_a_country_that_does_not_exist_is_refused(country: str) -> None:
    with pytest.raises(UnknownCountry):
        NumberChecker(country)


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(sorted(CHECKERS)),
    st.text(max_size=40) | st.text("+0123456789 ()-./xeEt#,;=", max_size=30),
)
def test_any_text_has_an_answer_that_makes_sense(country: str, text: str) -> None:
    found = CHECKERS[country].check(text)
    assert found.text == text
    assert (found.reason is None) is (found.state is NumberState.VALID)
    has_form = found.state in {NumberState.VALID, NumberState.CORRECTABLE}
    assert bool(found.e164) is has_form
    assert bool(found.country) is has_form
    if found.state is NumberState.VALID:
        assert found.e164 == text
    if has_form:
        assert re.fullmatch(r"\+[1-9][0-9]{1,14}", found.e164)
        # what we correct to, we call valid
        assert CHECKERS[country].check(found.e164).state is NumberState.VALID


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EXAMPLES), st.sampled_from(["  {}", "{} ", "tel:{}", "({})", "\u202a{}"]))
def test_decoration_around_a_number_is_taken_off(example: str, form: str) -> None:
    plain = CHECKERS[""].check(example)
    decorated = CHECKERS[""].check(form.format(example))
    assert decorated.e164 == plain.e164
    assert decorated.state is not NumberState.VALID


def test_every_reason_state_and_kind_has_words_of_its_own() -> None:
    for words in (
        [reason_words(reason) for reason in NumberProblem],
        [state_words(state) for state in NumberState],
        [kind_words(kind) for kind in NumberKind],
    ):
        assert len(set(words)) == len(words)
        assert all(0 < len(text.split()) <= 12 for text in words)


@pytest.mark.parametrize("code", ["en", "de", "fr", "es"])
def test_every_country_with_a_numbering_plan_has_its_name_in_each_language(code: str) -> None:
    """A second opinion: Babel's copy of CLDR."""
    territories = Locale(code).territories
    with speaking(language(code)):
        for country in phonenumbers.SUPPORTED_REGIONS:
            assert country_name(country) == territories[country]
        assert country_name("XX") == ""
