"""The fast way and the library give the same answers: country, kind, existing or not."""

import re

import phonenumbers
from cases.phone_pool import EXAMPLES, clean_texts, near_numbers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from natwizard.planner.numbers import (
    MOST_DIGITS,
    NumberChecker,
    NumberingPlans,
    NumberKind,
    NumberState,
)

LIBRARY_KINDS = {
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM_RATE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.COMPANY,
    PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED_LINE,
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
}
SYMBOLS = st.sampled_from([" ", "(", ")", "-", ".", "(0)", " - "])
PLANS = NumberingPlans()
CHECKER = NumberChecker("GB")


def by_the_library(text: str) -> tuple[str, str, NumberKind] | None:
    """Corrected form, country and kind of a number that exists, by the library alone."""
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(number),
        LIBRARY_KINDS[phonenumbers.number_type(number)],
    )


def require_same(text: str) -> None:
    theirs = by_the_library(text)
    fast = PLANS.place_of(text[1:])
    if fast is not None:
        assert theirs == (text, *fast)
    ours = CHECKER.check(text)
    assert ours == CHECKER.look_closer(text)
    if theirs is None or len(theirs[0]) - 1 > MOST_DIGITS:
        # the library alone does not know the 15-digit limit
        assert ours.state is NumberState.INVALID
    else:
        assert (ours.e164, ours.country, ours.kind) == theirs
        assert ours.state is (NumberState.VALID if theirs[0] == text else NumberState.CORRECTABLE)


def test_an_example_of_every_country_and_kind_is_the_same() -> None:
    for text in EXAMPLES:
        require_same(text)


@settings(max_examples=3000, deadline=None)
@given(near_numbers.filter(lambda text: len(text) > 3 and text[1] != "0" and len(text) <= 16))
@example("+4402079460958")
@example("+390612345678")
@example("+5491123456789")
@example("+5281234567890")
def test_numbers_nearly_right_are_the_same(text: str) -> None:
    require_same(text)


@settings(max_examples=500, deadline=None)
@given(clean_texts)
def test_any_clean_text_is_the_same(text: str) -> None:
    require_same(text)


@settings(max_examples=2000, deadline=None)
@given(near_numbers | clean_texts, st.lists(st.tuples(st.integers(1, 16), SYMBOLS), max_size=6))
def test_symbols_in_between_make_no_difference(text: str, added: list[tuple[int, str]]) -> None:
    for place, symbol in added:
        text = text[:place] + symbol + text[place:]
    assert CHECKER.check(text) == CHECKER.look_closer(text)


def test_most_examples_take_the_fast_way() -> None:
    fast = sum(PLANS.place_of(text[1:]) is not None for text in EXAMPLES)
    assert fast > 0.9 * len(EXAMPLES)


def test_no_pattern_of_the_metadata_captures_anything() -> None:
    # the fast way tells the kind by the number of the group
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            for value in vars(metadata).values():
                if isinstance(value, phonenumbers.PhoneNumberDesc):
                    assert re.compile(value.national_number_pattern or "").groups == 0
