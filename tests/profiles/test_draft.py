"""A profile while somebody changes it."""

import pytest

from natwizard.profiles.draft import begin_draft
from natwizard.profiles.find import SHIPPED_PLACE
from natwizard.profiles.read import shipped_profile


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("webphone", "https://webphone.example.com/", "webphone.example.com"),
        ("media", "https://reflector.example.com:862/", "reflector.example.com:862"),
        ("http", "http://www.example.com/page.txt", "http://www.example.com/page.txt"),
        ("stun", "https://a.example.com:5060, b.example.com:3479", ""),
    ],
)
def test_a_web_address_counts_as_its_host_where_only_a_host_can_stand(
    key: str, typed: str, kept: str
) -> None:
    draft = begin_draft(shipped_profile(), SHIPPED_PLACE).with_text(key, typed)
    wanted = kept or "a.example.com:5060, b.example.com:3479"
    assert draft.text_of(key) == wanted
    assert key not in draft.problems()


def test_what_is_no_address_at_all_stays_as_it_was_typed() -> None:
    draft = begin_draft(shipped_profile(), SHIPPED_PLACE).with_text("media", "ftp://a b")
    assert draft.text_of("media") == "ftp://a b"
    assert "media" in draft.problems()
