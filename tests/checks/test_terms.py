"""Titles name a row by the vendor's word; the profile holds the vocabulary."""

import msgspec
import pytest

from natwizard.checks.base import AnyCheck
from natwizard.checks.catalogue import CHECKS
from natwizard.profiles.read import shipped_profile

VOCABULARY = {row.id: row.term for row in shipped_profile().requirements}
OURS = {"audio.microphone", "audio.speaker"}
"""The vendor says nothing of them."""


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_title_carries_the_vendors_term(check: AnyCheck) -> None:
    assert check.term == VOCABULARY[check.name]
    assert bool(check.term) is (check.name not in OURS)
    assert check.term.lower() in check.title.lower()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_check_takes_a_limit_that_it_does_not_know(check: AnyCheck) -> None:
    """A misspelt limit would leave the shipped one in force without a word."""
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        check.bind({"no_such_limit": 1})
