"""Numbers of every country and kind, and texts that are nearly such numbers."""

import random
import string

import phonenumbers
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

KINDS = [value for name, value in vars(PhoneNumberType).items() if name.isupper()]


def _examples() -> tuple[str, ...]:
    found = set()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                found.add(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        number = phonenumbers.example_number_for_non_geo_entity(code)
        if number is not None:
            found.add(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    return tuple(sorted(found))


EXAMPLES = _examples()


def nearly(example: str, seed: int) -> str:
    """The number with up to three other digits, at times one more or one less."""
    chance = random.Random(seed)
    signs = list(example)
    for _change in range(chance.randrange(4)):
        signs[chance.randrange(1, len(signs))] = chance.choice(string.digits)
    if chance.random() < 0.1:
        signs.append(chance.choice(string.digits))
    if chance.random() < 0.1:
        signs.pop()
    return "".join(signs)


near_numbers = st.builds(nearly, st.sampled_from(EXAMPLES), st.integers(0, 2**32))
clean_texts = st.from_regex(r"\A\+[1-9][0-9]{1,14}\Z")
