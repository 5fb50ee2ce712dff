"""Numbering plans compiled for speed: which country and kind is a national number?

The library's public metadata, asked in the library's own order (`region_code_for_number`, then
`number_type`), but with one compiled expression for each region and length instead of up to
twelve. tests/planner/test_numbering.py holds the two to the same answers.
"""

import re
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumberDesc,
    enable_pattern_cache,
)

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
