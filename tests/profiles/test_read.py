"""Profiles: what is right is read whole; a mistake names file, line, key and expectation."""

from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.assets import asset
from natwizard.checks.catalogue import CHECKS
from natwizard.profiles.mistake import ProfileMistake, line_of
from natwizard.profiles.read import parse_profile, read_profile_file, shipped_profile

GOOD = """\
extends = "natterbox"
name = "Our site"

[targets]
webphone = "phone.example.com"

[[requirements]]
id = "computer.ram"
limits = { minimum_gib = 6 }
"""


def mistake(text: str) -> ProfileMistake:
    with pytest.raises(ProfileMistake) as raised:
        parse_profile(text.encode(), "site.toml")
    assert "\n" not in str(raised.value)
    return raised.value


def test_the_shipped_profile_is_good() -> None:
    assert len(shipped_profile().requirements) > 30


def test_every_check_has_its_row_and_every_row_its_source() -> None:
    profile = shipped_profile()
    checks = {check.name: check for check in CHECKS}
    rows = {row.id: row for row in profile.requirements}
    assert set(checks) <= set(rows)
    assert all(row.question is not None for row in rows.values() if row.id not in checks)
    asking = {row.id for row in rows.values() if row.question is not None and row.id in checks}
    assert asking == {check.name for check in CHECKS if check.asks_until_signed_in}
    assert all(row.source in profile.sources for row in profile.requirements)


def test_the_shipped_limits_are_those_of_the_checks() -> None:
    checks = {check.name: check.limits for check in CHECKS}
    for row in shipped_profile().requirements:
        if row.limits:
            assert msgspec.convert(row.limits, checks[row.id]) == checks[row.id](), row.id


def test_a_site_profile_is_laid_over_the_shipped_one() -> None:
    site, shipped = parse_profile(GOOD.encode(), "site.toml"), shipped_profile()
    assert site.name == "Our site"
    assert site.targets.webphone == "phone.example.com"
    assert site.targets.https == shipped.targets.https
    assert len(site.requirements) == len(shipped.requirements)
    ram = next(row for row in site.requirements if row.id == "computer.ram")
    assert ram.limits == {"minimum_gib": 6, "recommended_gib": 8}
    assert ram.roles


def test_a_mark_that_editors_of_windows_put_first_is_no_mistake() -> None:
    marked = b"\xef\xbb\xbf" + GOOD.encode()
    assert parse_profile(marked, "site.toml") == parse_profile(GOOD.encode(), "site.toml")


@pytest.mark.parametrize(
    ("wrong", "right", "line", "key", "expected"),
    [
        ("minimum_gib = six", "minimum_gib = 6", 0, "", "not valid TOML"),
        (
            'minimum_gib = "six"',
            "minimum_gib = 6",
            9,
            "requirements[0].limits.minimum_gib",
            "float",
        ),
        ("minimal = 6", "minimum_gib = 6", 9, "requirements[0].limits", "minimal"),
        ('id = "computer.rum"', 'id = "computer.ram"', 8, "requirements[0].id", "computer.rum"),
        ("webphone = 7", 'webphone = "phone.example.com"', 5, "targets.webphone", "str"),
        ('webphone = "a b"', 'webphone = "phone.example.com"', 5, "targets.webphone", "host:port"),
        ('webfone = "x"', 'webphone = "phone.example.com"', 5, "targets.webfone", "unknown key"),
        ("name = 1", 'name = "Our site"', 2, "name", "str"),
        ('extends = "other"', 'extends = "natterbox"', 1, "extends", "natterbox"),
        ("[tragets]", "[targets]", 4, "tragets", "unknown key"),
        ('media = "reflector"', 'webphone = "phone.example.com"', 5, "targets.media", "port"),
        ('http = "ftp://x"', 'webphone = "phone.example.com"', 5, "targets.http", "http://"),
        (
            'turn = "turn.example.com:0"\nturn_user = "u"\nturn_password = "p"',
            'webphone = "phone.example.com"',
            5,
            "targets.turn",
            "port",
        ),
        (
            'turn = "turn.example.com"\nturn_user = "u"',
            'webphone = "phone.example.com"',
            5,
            "targets.turn",
            "turn_password",
        ),
        ("stun = [3478]", 'webphone = "phone.example.com"', 5, "targets.stun[0]", "str"),
    ],
)
def test_a_mistake_names_file_line_key_and_expectation(
    wrong: str, right: str, line: int, key: str, expected: str
) -> None:
    assert right in GOOD
    found = mistake(GOOD.replace(right, wrong))
    assert (found.location, found.line, found.key) == ("site.toml", line, key)
    assert expected in found.problem


def test_a_source_that_is_not_there_is_a_mistake() -> None:
    assert "prerequisites" in mistake(GOOD.replace("limits", 'source = "x"\nlimits')).problem


def test_a_question_until_somebody_signs_in_needs_no_title_and_no_page() -> None:
    row = '[[requirements]]\nid = "salesforce.session"\ntext = "x"\nroles = ["administrator"]\n'
    row += 'question = { text = "x", owner = "agent" }\nlimits = { timeout_hours = 4.0 }\n'
    parse_profile((GOOD + row).encode(), "here")
    assert "time_hours" in mistake(GOOD + row.replace("timeout", "time")).problem


@pytest.mark.parametrize(
    ("key", "value"),
    [("salesforce_login", "http://login.salesforce.com"), ("salesforce_login", "acme"),
     ("salesforce_callback", "http://example.com/callback"),
     ("salesforce_callback", "https://localhost/callback")],
)  # fmt: skip
def test_addresses_of_a_sign_in_are_checked(key: str, value: str) -> None:
    text = GOOD.replace("webphone =", f'{key} = "{value}"\nwebphone =')
    assert mistake(text).key == f"targets.{key}"


def test_more_names_than_an_address_has_room_for_are_refused() -> None:
    names = ", ".join(f'"agent{number}@example.com"' for number in range(201))
    text = GOOD.replace("webphone =", f"salesforce_cti_users = [{names}]\nwebphone =")
    assert mistake(text).key == "targets.salesforce_cti_users"


def test_a_question_needs_a_title_and_a_page() -> None:
    row = '\n[[requirements]]\nid = "own.row"\ntext = "x"\nroles = ["webphone"]\n'
    row += 'question = { text = "x", owner = "agent" }\n'
    assert mistake(GOOD + row).key == "requirements[1].question"


def test_a_profile_of_fifty_megabytes_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(ProfileMistake, match="larger than 1 MB"):
        read_profile_file(path)


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ProfileMistake, match="this is a folder"):
        read_profile_file(tmp_path)
    with pytest.raises(ProfileMistake, match="No such file"):
        read_profile_file(tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ProfileMistake, match="UTF-8"):
        parse_profile(b"\xff\xfe", "site.toml")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 4000))
def test_a_truncated_profile_is_good_or_a_mistake(length: int) -> None:
    content = asset("profiles/natterbox.toml").read_bytes()[:length]
    with suppress(ProfileMistake):
        parse_profile(content, "cut.toml")


def test_the_line_of_a_key_inside_a_multiline_value_is_found() -> None:
    toml = 'a = [\n  1,\n]\n[t]\nb = """\nx = 1\n"""\nc = 2\n'
    assert line_of(toml, ("t", "c")) == 8
    assert line_of(toml, ("t", "x")) == 0
