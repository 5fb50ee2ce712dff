"""Profiles: what is right is read whole; a mistake names file, line, key and expectation."""

import tomllib
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from growth import assert_time_grows_with_input
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.assets import asset
from natwizard.checks.catalogue import CHECKS
from natwizard.profiles.mistake import KeyPath, ProfileMistake, _tokens, key_lines
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
            "expected a number, got a text in quotes",
        ),
        ("minimal = 6", "minimum_gib = 6", 9, "requirements[0].limits", "minimal"),
        ('id = "computer.rum"', 'id = "computer.ram"', 8, "requirements[0].id", "computer.rum"),
        (
            "webphone = 7",
            'webphone = "phone.example.com"',
            5,
            "targets.webphone",
            "expected a text in quotes, got a whole number",
        ),
        ('webphone = "a b"', 'webphone = "phone.example.com"', 5, "targets.webphone", "host:port"),
        ('webfone = "x"', 'webphone = "phone.example.com"', 5, "targets.webfone", "unknown key"),
        ("name = 1", 'name = "Our site"', 2, "name", "a text in quotes"),
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
        (
            "stun = [3478]",
            'webphone = "phone.example.com"',
            5,
            "targets.stun[0]",
            "a text in quotes",
        ),
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
    lines = key_lines(toml)
    assert lines["t", "c"] == 8
    assert ("t", "x") not in lines


@pytest.mark.parametrize(
    ("toml", "path", "line"),
    [
        ("a = [\n  1,\n  2,\n]\n", ("a", 1), 3),
        ("[[r]]\nx = 1\n[[r]]\nx = 2\n", ("r", 1, "x"), 4),
        ("[[r]]\n[r.t]\ny = 1\n[[r]]\n[r.t]\ny = 2\n", ("r", 1, "t", "y"), 6),
        ("a.b.c = 1\n", ("a", "b"), 1),
        ("\"a b\".'c' = 1\n", ("a b", "c"), 1),
        ("a = {b = {c = 1, d = [{e = 2},\n {f = 3}]}}\n", ("a", "b", "d", 1, "f"), 2),
        ("a = 1 # b = 2\nb = 3\n", ("b",), 2),
        ('a = "[x]\\" # y"\n[t]\nc = 1\n', ("t", "c"), 3),
        ("a = 1.5\nb = 2026-11-30T03:00:00Z\nc = 1\n", ("c",), 3),
        ("\r\n[t]\r\na = 1\r\n", ("t", "a"), 3),
    ],
)
def test_the_line_of_every_kind_of_key_is_found(toml: str, path: KeyPath, line: int) -> None:
    value: object = tomllib.loads(toml)
    for step in path:
        value = value[step]  # type: ignore[index]  # that it is there is the point
    assert key_lines(toml)[path] == line


def test_every_key_of_the_shipped_profile_has_its_line() -> None:
    text = asset("profiles/natterbox.toml").read_text("utf-8")
    lines, rows = key_lines(text), text.splitlines()

    def check(value: object, path: KeyPath) -> None:
        if isinstance(value, dict):
            for key, below in value.items():
                assert key in rows[lines[*path, key] - 1]
                check(below, (*path, key))
        elif isinstance(value, list):
            for place, below in enumerate(value):
                assert (*path, place) in lines
                check(below, (*path, place))

    check(tomllib.loads(text), ())


MANY = """\
extends = "natterbox"
name = 5
vershun = "1"

[targets]
webfone = "phone.example.com"
stun = ["a b", 7]
http = "ftp://x"

[[requirements]]
id = "computer.ramm"

[[requirements]]
id = "computer.cpu"
roles = ["webphon"]

[[requirements]]
id = "quality.loss"
source = "prerequisite"
limits = { warn_percentt = 1 }
"""


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    with pytest.raises(ProfileMistake) as raised:
        parse_profile(MANY.encode(), "site.toml")
    lines = str(raised.value).splitlines()
    assert [line.split(":")[1] for line in lines] == [
        "2",
        "3",
        "6",
        "7",
        "8",
        "11",
        "15",
        "19",
        "20",
    ]
    told = "\n".join(lines)
    for words in (
        "name: expected a text in quotes, got a whole number",
        "vershun: unknown key (did you mean version?)",
        "targets.webfone: unknown key (did you mean webphone?)",
        "targets.stun[1]: expected a text in quotes, got a whole number",
        "targets.http: expected an address that starts with http://",
        "requirements[0].id: no such check: computer.ramm (did you mean computer.ram?)",
        "requirements[1].roles[0]: expected one of",
        "(did you mean webphone?)",
        "requirements[2].source: expected one of",
    ):
        assert words in told


def test_a_profile_laid_over_an_unknown_one_tells_what_else_is_wrong() -> None:
    with pytest.raises(ProfileMistake) as raised:
        parse_profile(MANY.replace('"natterbox"', '"other"').encode(), "site.toml")
    lines = str(raised.value).splitlines()
    assert lines[0] == 'site.toml:1: extends: expected "natterbox"'
    assert [line.split(":")[1] for line in lines[1:4]] == ["2", "3", "6"]


def test_every_wrong_limit_of_a_row_is_told() -> None:
    rows = """
[[requirements]]
id = "computer.ram"
text = "Memory"
roles = ["webphone"]
limits = {minimum_gb = 4, minimum_gib = "four", recommended_gib = "all"}
"""
    with pytest.raises(ProfileMistake) as raised:
        parse_profile((GOOD + rows).encode(), "site.toml")
    told = str(raised.value)
    for words in (
        "limits: unknown key minimum_gb (did you mean minimum_gib?)",
        "limits.minimum_gib: expected a number, got a text in quotes",
        "limits.recommended_gib: expected a number, got a text in quotes",
    ):
        assert words in told


def test_mistakes_without_end_are_told_up_to_twenty() -> None:
    text = GOOD + "".join(f"key{number} = 1\n" for number in range(40))
    with pytest.raises(ProfileMistake) as raised:
        parse_profile(text.encode(), "site.toml")
    assert len(str(raised.value).splitlines()) <= 21


def test_a_profile_from_notepad_or_powershell_is_read() -> None:
    good = parse_profile(GOOD.encode(), "site.toml")
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        assert parse_profile(GOOD.encode(encoding), "site.toml") == good, encoding


MEGABYTE = 1024 * 1024
HOSTILE = {
    "a dotted key": "a" + ".a" * (MEGABYTE // 2 - 8) + "=1",
    "a dotted header": "[a" + ".a" * (MEGABYTE // 2 - 8) + "]",
    "brackets": "a=" + "[" * (MEGABYTE - 8),
    "tables in tables": "a=" + "{a=" * (MEGABYTE // 3 - 8),
    "a number": "a=" + "9" * (MEGABYTE - 8),
    "a hexadecimal number": "a=0x" + "f" * (MEGABYTE - 8),
    "a float": "a=1." + "9" * (MEGABYTE - 8),
    "many keys": "".join(f"k{number}=1\n" for number in range(110_000)),
    "many tables": "".join(f"[t{number}]\n" for number in range(100_000)),
    "many rows": "[[requirements]]\n" * (MEGABYTE // 18),
    "many wrong rows": '[[requirements]]\nid="x.y"\n' * (MEGABYTE // 28),
    "many commas": "a=[" + "1," * (MEGABYTE // 2 - 8) + "]",
    "open strings": '"""' * (MEGABYTE // 3),
    "open string": 'a="""' + "x" * (MEGABYTE - 8),
    "quotes": '"' * MEGABYTE,
    "an open string of quotes": 'a="' + '\\"' * (MEGABYTE // 2 - 8),
    "open strings of many lines": 'a="""\n' + '\\"""x\n' * (MEGABYTE // 6 - 8),
    "apostrophes": "'" * MEGABYTE,
    "backslashes": 'a="' + "\\\\" * (MEGABYTE // 2 - 8) + '"',
    "escapes": 'a="' + "\\u0041" * (MEGABYTE // 6 - 8) + '"',
    "comments": "#\n" * (MEGABYTE // 2),
    "one comment": "#" * MEGABYTE,
    "spaces": " " * MEGABYTE,
    "line ends": "\n" * MEGABYTE,
    "zeros": "\0" * MEGABYTE,
    "equals": "=" * MEGABYTE,
    "dots": "." * MEGABYTE,
    "a long text for a name": 'name="' + "x" * (MEGABYTE - 16) + '"',
    "a long unknown key": "k" * (MEGABYTE - 16) + "=1",
    "letters of many bytes": "\u20ac" * (MEGABYTE // 3),
}


ROWS = {
    "unknown checks": '[[requirements]]\nid="x.y{}"\n',
    "questions": '[[requirements]]\nid="x.y{}"\nquestion={{}}\n',
    "unknown limits": '[[requirements]]\nid="computer.ram"\nlimits={{x{}=1}}\n',
    "one check": '[[requirements]]\nid="computer.ram"\nsource="s{}"\n',
    "sites": '[[sites]]\nname="a{}"\nsubnets=["x"]\n',
    "public servers": '[[public]]\nuse="web_page"\naddress="x{}"\n',
    "public uses": '[[public]]\nuse="x{}"\naddress="x"\n',
    "tables": "[t{}.a.b.c]\n",
    "a list of addresses": "[targets]\nstun=[{}]\n",
    "a list of subnets": '[[sites]]\nname="a"\nsubnets=[{}]\n',
    "a list of names": "[targets]\nudp_range_ports=[{}]\n",
}
"""As many as are read at all: what has more words and signs is refused without a look."""


@pytest.mark.parametrize("head", ["schema_version=1\n", 'schema_version=1\nextends="natterbox"\n'])
@pytest.mark.parametrize("kind", ROWS)
def test_as_many_rows_as_are_read_are_answered_soon(kind: str, head: str) -> None:
    row = ROWS[kind]

    def answered(signs: int) -> str:
        if "[{}]" in row:
            text = row.format(",".join(f'"x{number}:"' for number in range(signs // 2)))
        else:
            rows = signs // len(list(_tokens(row)))
            text = "".join(row.format(number) for number in range(rows))
        with pytest.raises(ProfileMistake) as raised:
            parse_profile((head + text).encode()[:MEGABYTE], "hostile.toml")
        return str(raised.value)

    said = answered(98_000)
    assert "words and signs" not in said
    assert len(said) < 100_000
    assert_time_grows_with_input(answered, 98_000)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_megabyte_of_anything_is_answered_soon(kind: str) -> None:
    content = HOSTILE[kind].encode()[:MEGABYTE]

    def answered(size: int) -> str:
        with pytest.raises(ProfileMistake) as raised:
            parse_profile(content[:size], "hostile.toml")
        return str(raised.value)

    assert len(answered(MEGABYTE)) < 100_000
    assert_time_grows_with_input(answered, MEGABYTE)


def test_limits_of_a_row_are_told_beside_what_else_is_wrong_with_it() -> None:
    text = (
        'schema_version = 1\nname = "x"\nversion = "1"\nextends = "natterbox"\n'
        '[[requirements]]\nid = "quality.loss"\ntext = "x"\nroles = ["webphones"]\n'
        "limits = { loss_percents = 3 }\n"
    )
    with pytest.raises(ProfileMistake) as mistake:
        parse_profile(text.encode(), "mine")
    told = str(mistake.value)
    assert "mine:8" in told
    assert "mine:9" in told
    assert "did you mean loss_percent?" in told
