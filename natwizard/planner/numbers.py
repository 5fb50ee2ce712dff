"""Is a telephone number written as E.164, does it exist, and how would it be right?

Source: ITU-T E.164, section 6: a plus sign, the country code, and at most 15 digits in all.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TypeAlias

import msgspec
import phonenumbers
from msgspec import Struct
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    ValidationResult,
    enable_pattern_cache,
)

from natwizard.assets import asset
from natwizard.model.language import ENGLISH, N_, _, current_language

# ITU-T E.164: one to three digits
LONGEST_COUNTRY_CODE = 3


class NumberKind(StrEnum):
    """What a number is for, as its country's numbering plan says."""

    PREMIUM_RATE = "premium_rate"
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    COMPANY = "company"
    """A number that reaches a whole company (the library's UAN)."""
    VOICEMAIL = "voicemail"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    FIXED_LINE = "fixed_line"
    MOBILE = "mobile"


Place: TypeAlias = tuple[str, NumberKind]
"""Region (ISO 3166-1 letters, or 001 for no country) and kind of a number that exists."""


class _Branch(Struct, frozen=True, kw_only=True):
    """One region that shares a country code, for numbers of one length.

    Attributes:
        leading: numbers that begin like this are the region's, existing or not.
        kinds: the kind for each group of `exists`, in order.
    """

    region: str
    leading: re.Pattern[str] | None
    exists: re.Pattern[str] | None
    kinds: tuple[NumberKind, ...]


class NumberingPlans:
    """All countries' plans; compiles what is asked for and keeps it."""

    def __init__(self) -> None:
        enable_pattern_cache()  # else the library compiles anew for every mix of countries
        self._codes = {str(code) for code in COUNTRY_CODE_TO_REGION_CODE}
        self._branches: dict[tuple[str, int], tuple[_Branch, ...]] = {}
        self._prefixes: dict[str, re.Pattern[str] | None] = {}

    def place_of(self, digits: str) -> Place | None:
        """Where a number that is written as in E.164 belongs.

        `digits` are ASCII, without the plus. None: it does not exist, or its country's rules
        for dialling prefixes have to be asked first. Then only the library can tell.
        """
        for end in range(1, LONGEST_COUNTRY_CODE + 1):
            code = digits[:end]
            if code in self._codes:
                national = digits[end:]
                if self._may_have_prefix(code, national):
                    return None
                return self.place_in(code, national)
        return None

    def place_in(self, code: str, national: str) -> Place | None:
        """Where a national significant number belongs; None if there is no such number."""
        key = (code, len(national))
        branches = self._branches.get(key)
        if branches is None:
            branches = self._branches[key] = _branches(int(code), len(national))
        for branch in branches:
            if branch.leading is not None and not branch.leading.match(national):
                continue
            hit = branch.exists.match(national) if branch.exists is not None else None
            if hit is not None and hit.lastindex is not None:
                return branch.region, branch.kinds[hit.lastindex - 1]
            if branch.leading is not None:
                return None
        return None

    def _may_have_prefix(self, code: str, national: str) -> bool:
        if code not in self._prefixes:
            main = COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
            metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), main)
            text = metadata.national_prefix_for_parsing if metadata is not None else None
            self._prefixes[code] = re.compile(text) if text else None
        prefix = self._prefixes[code]
        return prefix is not None and prefix.match(national) is not None


def _branches(code: int, length: int) -> tuple[_Branch, ...]:
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    found = []
    for region in regions:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if metadata is None:
            continue
        # the library asks for leading digits only where regions share a country code
        leading = metadata.leading_digits if len(regions) > 1 else None
        exists, kinds = _expression(metadata, length)
        if exists is not None or leading is not None:
            found.append(
                _Branch(
                    region=region,
                    leading=re.compile(leading) if leading is not None else None,
                    exists=exists,
                    kinds=kinds,
                )
            )
    return tuple(found)


def _expression(
    metadata: PhoneMetadata, length: int
) -> tuple[re.Pattern[str] | None, tuple[NumberKind, ...]]:
    """One group a kind, in the order in which the library tries them."""
    general = _pattern(metadata.general_desc, length)
    fixed, mobile = _pattern(metadata.fixed_line, length), _pattern(metadata.mobile, length)
    ordered = [
        (NumberKind.PREMIUM_RATE, _pattern(metadata.premium_rate, length)),
        (NumberKind.TOLL_FREE, _pattern(metadata.toll_free, length)),
        (NumberKind.SHARED_COST, _pattern(metadata.shared_cost, length)),
        (NumberKind.VOIP, _pattern(metadata.voip, length)),
        (NumberKind.PERSONAL, _pattern(metadata.personal_number, length)),
        (NumberKind.PAGER, _pattern(metadata.pager, length)),
        (NumberKind.COMPANY, _pattern(metadata.uan, length)),
        (NumberKind.VOICEMAIL, _pattern(metadata.voicemail, length)),
    ]
    if metadata.same_mobile_and_fixed_line_pattern:
        ordered.append((NumberKind.FIXED_LINE_OR_MOBILE, fixed))
    else:
        both = f"(?={mobile}\\Z){fixed}" if fixed and mobile else ""
        ordered.append((NumberKind.FIXED_LINE_OR_MOBILE, both))
        ordered.append((NumberKind.FIXED_LINE, fixed))
        ordered.append((NumberKind.MOBILE, mobile))
    tried = [(kind, text) for kind, text in ordered if text]
    if not general or not tried:
        return None, ()
    groups = "|".join(f"({text})\\Z" for _kind, text in tried)
    return re.compile(f"(?={general}\\Z)(?:{groups})"), tuple(kind for kind, _text in tried)


def _pattern(description: PhoneNumberDesc | None, length: int) -> str:
    """A group that captures nothing, or nothing where no number of this length fits."""
    if description is None or not description.national_number_pattern:
        return ""
    lengths = description.possible_length
    if lengths and length not in lengths:
        return ""
    return f"(?:{description.national_number_pattern})"


# ITU-T E.164: at most, country code and national number together
MOST_DIGITS = 15
MOST_CHARACTERS = 250
"""Longer texts are no number; the library refuses them too."""

# A plus, ASCII digits, and the symbols that the library passes over wherever they stand
SPACED = re.compile(r"\+[1-9][0-9 ().-]{1,40}")
WITHOUT_SYMBOLS = str.maketrans("", "", "+ ().-")
SPREADSHEET_POWER = re.compile(r"\+?\d(?:[.,]\d+)?[Ee]\+?\d{1,2}")
SPREADSHEET_DECIMAL = re.compile(r"(\+?\d{5,})[.,]0")
SEVERAL = re.compile(r"[/;,|\n]|(?<!\s)\s++(?:or|and|&)\s++")
# Kinds that are made known as words ("0800 FLOWERS")
WORD_KINDS = {
    NumberKind.TOLL_FREE,
    NumberKind.SHARED_COST,
    NumberKind.PREMIUM_RATE,
    NumberKind.COMPANY,
}
FEWEST_WORD_LETTERS = 3


class NumberState(StrEnum):
    """How a number stands. CORRECTABLE has a corrected form, INVALID has none."""

    VALID = "valid"
    CORRECTABLE = "correctable"
    INVALID = "invalid"
    EMPTY = "empty"


class NumberProblem(StrEnum):
    """Why a number is not valid as it stands (closed list)."""

    COUNTRY_CODE_MISSING = "country_code_missing"
    PLUS_MISSING = "plus_missing"
    DIALLING_PREFIX = "dialling_prefix"
    TRUNK_PREFIX = "trunk_prefix"
    SYMBOLS = "symbols"
    OTHER_TEXT = "other_text"
    LETTERS = "letters"
    EXTENSION = "extension"
    SPREADSHEET_DECIMAL = "spreadsheet_decimal"
    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NO_COUNTRY_CHOSEN = "no_country_chosen"
    UNKNOWN_COUNTRY_CODE = "unknown_country_code"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_MANY_DIGITS = "too_many_digits"
    WRONG_LENGTH = "wrong_length"
    AREA_CODE_MISSING = "area_code_missing"
    NOT_IN_PLAN = "not_in_plan"
    SEVERAL = "several"
    SPREADSHEET_POWER = "spreadsheet_power"


class NumberResult(Struct, frozen=True, kw_only=True):
    """What there is to say of one number.

    Attributes:
        text: the number as it was given.
        reason: None exactly where the state is VALID.
        e164: the number itself, or its corrected form; empty where there is none.
        country: ISO 3166-1 letters, 001 for a number of no country, or empty.
        kind: None where the number does not exist.
    """

    text: str
    state: NumberState
    reason: NumberProblem | None = None
    e164: str = ""
    country: str = ""
    kind: NumberKind | None = None


class UnknownCountry(ValueError):
    """The default country is not one that the numbering plans know."""


class CountryNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What countries are called, made by packaging/translations.py.

    `names`: by ISO 3166-1 letters, then by ISO 639-1 letters of a language.
    """

    source: str
    names: Mapping[str, Mapping[str, str]]


def country_name(country: str) -> str:
    """What a country of ISO 3166-1 letters is called in the language of just now, else in English;
    empty where it has no numbering plan of its own."""
    names = _country_names().names.get(country, {})
    return names.get(current_language().code) or names.get(ENGLISH.code, "")


@cache
def _country_names() -> CountryNames:
    content = asset("country-names.json").read_bytes()
    return msgspec.json.decode(content, type=CountryNames)


class NumberChecker:
    """Checks one number after the other, with one default country.

    `country`: ISO 3166-1 letters of the country that numbers without a country code belong
    to, or empty. Raises UnknownCountry.
    """

    def __init__(self, country: str = "") -> None:
        self._country = country.upper() or None
        if self._country is not None and self._country not in phonenumbers.SUPPORTED_REGIONS:
            raise UnknownCountry(country)
        self._plans = NumberingPlans()

    def check(self, text: str) -> NumberResult:
        """Judge one number. Any text has an answer."""
        if SPACED.fullmatch(text):
            digits = text.translate(WITHOUT_SYMBOLS)
            place = self._plans.place_of(digits) if len(digits) <= MOST_DIGITS else None
            if place is not None:
                country, kind = place
                is_clean = len(digits) + 1 == len(text)
                return NumberResult(
                    text=text,
                    state=NumberState.VALID if is_clean else NumberState.CORRECTABLE,
                    reason=None if is_clean else NumberProblem.SYMBOLS,
                    e164=text if is_clean else f"+{digits}",
                    country=country,
                    kind=kind,
                )
        return self.look_closer(text)

    def look_closer(self, text: str) -> NumberResult:
        """As `check`, always through the library's parser."""
        written = text.strip()
        if not written:
            return _invalid(text, NumberProblem.EMPTY)
        if len(written) > MOST_CHARACTERS:
            return _invalid(text, NumberProblem.NOT_A_NUMBER)
        if SPREADSHEET_POWER.fullmatch(written):
            return _invalid(text, NumberProblem.SPREADSHEET_POWER)
        decimal = SPREADSHEET_DECIMAL.fullmatch(written)
        if decimal is None:
            return self._parsed(text, written)
        found = self._parsed(text, decimal[1])
        if found.state is NumberState.INVALID:
            return found
        return _with_reason(found, NumberProblem.SPREADSHEET_DECIMAL)

    def _parsed(self, text: str, written: str) -> NumberResult:
        found = self._read(text, written)
        if found.state is not NumberState.INVALID:
            return found
        if written.startswith("00"):
            # 00 stands for the plus in most of the world (ITU-T E.123); try it where the
            # default country does not know it, or where there is none
            again = self._read(text, f"+{written[2:]}")
            if again.state is not NumberState.INVALID:
                return _with_reason(again, NumberProblem.DIALLING_PREFIX)
        if self._holds_several(written):
            return _invalid(text, NumberProblem.SEVERAL)
        return found

    def _read(self, text: str, written: str) -> NumberResult:
        try:
            number = phonenumbers.parse(written, self._country, keep_raw_input=True)
        except NumberParseException as error:
            return _invalid(text, self._parse_reason(error, written))
        code = str(number.country_code)
        national = phonenumbers.national_significant_number(number)
        place = self._plans.place_in(code, national)
        if len(code) + len(national) > MOST_DIGITS:
            return _invalid(text, NumberProblem.TOO_MANY_DIGITS)
        if place is None:
            return _invalid(text, _plan_reason(number))
        country, kind = place
        e164 = f"+{code}{national}"
        is_word = _was_a_word(written, national)
        if is_word and kind not in WORD_KINDS:
            # "07946 ask her" spells a mobile number that nobody meant
            return _invalid(text, NumberProblem.NOT_A_NUMBER)
        if e164 == text:
            return NumberResult(
                text=text, state=NumberState.VALID, e164=e164, country=country, kind=kind
            )
        reason = NumberProblem.LETTERS if is_word else _difference(number, written, e164)
        return NumberResult(
            text=text,
            state=NumberState.CORRECTABLE,
            reason=reason,
            e164=e164,
            country=country,
            kind=kind,
        )

    def _parse_reason(self, error: NumberParseException, written: str) -> NumberProblem:
        match error.error_type:
            case NumberParseException.INVALID_COUNTRY_CODE:
                if "+" not in written and self._country is None:
                    return NumberProblem.NO_COUNTRY_CHOSEN
                return NumberProblem.UNKNOWN_COUNTRY_CODE
            case NumberParseException.TOO_SHORT_NSN | NumberParseException.TOO_SHORT_AFTER_IDD:
                return NumberProblem.TOO_SHORT
            case NumberParseException.TOO_LONG:
                return NumberProblem.TOO_LONG
            case _:
                return NumberProblem.NOT_A_NUMBER

    def _holds_several(self, written: str) -> bool:
        parts = [part for part in SEVERAL.split(written) if part.strip()]
        return len(parts) > 1 and all(
            self._read(part, part.strip()).state is not NumberState.INVALID for part in parts
        )


def _plan_reason(number: PhoneNumber) -> NumberProblem:
    """Why a number that can be read does not exist."""
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.TOO_SHORT:
            return NumberProblem.TOO_SHORT
        case ValidationResult.TOO_LONG:
            return NumberProblem.TOO_LONG
        case ValidationResult.INVALID_LENGTH:
            return NumberProblem.WRONG_LENGTH
        case ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return NumberProblem.AREA_CODE_MISSING
        case ValidationResult.INVALID_COUNTRY_CODE:
            return NumberProblem.UNKNOWN_COUNTRY_CODE
        case _:
            return NumberProblem.NOT_IN_PLAN


def _difference(number: PhoneNumber, written: str, e164: str) -> NumberProblem:
    """What most of all has to change."""
    if number.extension:
        return NumberProblem.EXTENSION
    match number.country_code_source:
        case CountryCodeSource.FROM_DEFAULT_COUNTRY:
            return NumberProblem.COUNTRY_CODE_MISSING
        case CountryCodeSource.FROM_NUMBER_WITH_IDD:
            return NumberProblem.DIALLING_PREFIX
        case CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN:
            return NumberProblem.PLUS_MISSING
    if sum(character.isdecimal() for character in written) != len(e164) - 1:
        return NumberProblem.TRUNK_PREFIX
    if any(character.isalpha() for character in written):
        return NumberProblem.OTHER_TEXT
    return NumberProblem.SYMBOLS


def _was_a_word(written: str, national: str) -> bool:
    """Have letters been read as the digits of a telephone's keys?"""
    first = next((place for place, sign in enumerate(written) if sign.isdecimal()), 0)
    letters = sum(character.isalpha() for character in written[first:])
    digits = sum(character.isdecimal() for character in written)
    return letters >= FEWEST_WORD_LETTERS and digits < len(national)


def _invalid(text: str, reason: NumberProblem) -> NumberResult:
    state = NumberState.EMPTY if reason is NumberProblem.EMPTY else NumberState.INVALID
    return NumberResult(text=text, state=state, reason=reason)


def _with_reason(found: NumberResult, reason: NumberProblem) -> NumberResult:
    return NumberResult(
        text=found.text,
        state=NumberState.CORRECTABLE,
        reason=reason,
        e164=found.e164,
        country=found.country,
        kind=found.kind,
    )


REASON_TEXTS: Mapping[NumberProblem, str] = {
    NumberProblem.COUNTRY_CODE_MISSING: N_("The country code is missing."),
    NumberProblem.PLUS_MISSING: N_("The plus sign is missing."),
    NumberProblem.DIALLING_PREFIX: N_("It starts with a dialling prefix instead of a plus sign."),
    NumberProblem.TRUNK_PREFIX: N_("A national prefix follows the country code."),
    NumberProblem.SYMBOLS: N_("It holds spaces or other symbols."),
    NumberProblem.OTHER_TEXT: N_("There is other text around the number."),
    NumberProblem.LETTERS: N_("It is written with letters."),
    NumberProblem.EXTENSION: N_("It holds an extension, which E.164 has no room for."),
    NumberProblem.SPREADSHEET_DECIMAL: N_("A spreadsheet has added a decimal."),
    NumberProblem.EMPTY: N_("There is no number."),
    NumberProblem.NOT_A_NUMBER: N_("This is not a telephone number."),
    NumberProblem.NO_COUNTRY_CHOSEN: N_(
        "The country code is missing, and no default country is set."
    ),
    NumberProblem.UNKNOWN_COUNTRY_CODE: N_("No country has this country code."),
    NumberProblem.TOO_SHORT: N_("It is too short for its country."),
    NumberProblem.TOO_LONG: N_("It is too long for its country."),
    NumberProblem.TOO_MANY_DIGITS: N_("It has more than 15 digits."),
    NumberProblem.WRONG_LENGTH: N_("No number of its country has this length."),
    NumberProblem.AREA_CODE_MISSING: N_("The area code is missing."),
    NumberProblem.NOT_IN_PLAN: N_("Its country has no such number."),
    NumberProblem.SEVERAL: N_("There is more than one number."),
    NumberProblem.SPREADSHEET_POWER: N_("A spreadsheet has rounded it, and digits are lost."),
}


def reason_words(reason: NumberProblem) -> str:
    """One sentence: why a number is not valid as it stands."""
    return _(REASON_TEXTS[reason])


def state_words(state: NumberState) -> str:
    """How a number stands, in a word or two."""
    match state:
        case NumberState.VALID:
            return _("Valid")
        case NumberState.CORRECTABLE:
            return _("Can be corrected")
        case NumberState.INVALID:
            return _("Not valid")
        case NumberState.EMPTY:
            return _("Empty")


def kind_words(kind: NumberKind) -> str:  # noqa: C901 - one line a kind
    """What a number is for."""
    match kind:
        case NumberKind.PREMIUM_RATE:
            return _("premium rate")
        case NumberKind.TOLL_FREE:
            return _("toll-free")
        case NumberKind.SHARED_COST:
            return _("shared cost")
        case NumberKind.VOIP:
            return _("internet telephony")
        case NumberKind.PERSONAL:
            return _("personal")
        case NumberKind.PAGER:
            return _("pager")
        case NumberKind.COMPANY:
            return _("company")
        case NumberKind.VOICEMAIL:
            return _("voicemail")
        case NumberKind.FIXED_LINE_OR_MOBILE:
            return _("fixed line or mobile")
        case NumberKind.FIXED_LINE:
            return _("fixed line")
        case NumberKind.MOBILE:
            return _("mobile")
