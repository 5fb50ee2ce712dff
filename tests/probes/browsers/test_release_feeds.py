"""The vendors' lists of releases, as they publish them."""

import json
from contextlib import suppress

import pytest
from computers.recorded_host import HOSTS, RecordedHost
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.release_feeds import (
    FeedPlatform,
    Release,
    read_feed,
    system_of,
    with_history,
)
from natwizard.probes.failures import BadAnswer
from natwizard.probes.host import Processor

SYSTEM = FeedPlatform(chrome_platform="win64", edge_platform="Windows", edge_architecture="x64")


def chrome_row(
    version: str, fraction: float, start: str = "2026-11-17T18:00:00Z", end: str | None = None
) -> dict:
    serving = {"startTime": start} | ({"endTime": end} if end else {})
    return {
        "name": f"chrome/platforms/win64/channels/stable/versions/{version}/releases/1",
        "serving": serving,
        "fraction": fraction,
        "version": version,
        "fractionGroup": "12",
        "pinnable": False,
    }


def edge_row(version: str, platform: str, architecture: str, published: str) -> dict:
    return {
        "ReleaseId": 1,
        "Platform": platform,
        "Architecture": architecture,
        "CVEs": [],
        "ProductVersion": version,
        "Artifacts": [],
        "PublishedTime": published,
        "ExpectedExpiryDate": "2027-11-19T20:00:00",
    }


def read(family: BrowserFamily, value: object) -> Release:
    return read_feed(family, json.dumps(value).encode(), SYSTEM)


@pytest.mark.parametrize(
    ("rows", "version", "day"),
    [
        ([chrome_row("158.0.1.2", 1)], "158.0.1.2", "2026-11-17"),
        ([chrome_row("159.0.1.2", 0.25), chrome_row("158.0.1.2", 0.75)], "158.0.1.2", "2026-11-17"),
        ([chrome_row("158.0.1.9", 0.3), chrome_row("158.0.1.9", 0.3),
          chrome_row("158.0.1.2", 0.4)], "158.0.1.9", "2026-11-17"),
        ([chrome_row("158.0.10.2", 1), chrome_row("158.0.9.2", 1)], "158.0.10.2", "2026-11-17"),
        ([chrome_row("159.0.1.2", 1, end="2026-11-18T00:00:00Z"), chrome_row("158.0.1.2", 1)],
         "158.0.1.2", "2026-11-17"),
        ([chrome_row("158.0.1.9", 1, start="2026-11-20T18:00:00Z"),
          chrome_row("158.0.1.2", 1, start="2026-11-16T18:00:00Z", end="2026-11-20T18:00:00Z")],
         "158.0.1.9", "2026-11-16"),
        # two groups that sum to one; two patches that share a new major's part
        ([chrome_row("158.0.1.9", 0.45), chrome_row("158.0.1.9", 0.55)], "158.0.1.9", "2026-11-17"),
        ([chrome_row("159.0.1.9", 0.3), chrome_row("159.0.1.2", 0.3), chrome_row("158.0.1.2", 0.4)],
         "159.0.1.2", "2026-11-17"),
        ([chrome_row("159.0.1.9", 0.1)] * 5 + [chrome_row("158.0.1.2", 0.5)],
         "159.0.1.9", "2026-11-17"),
        # the first day is the first group's, months before the newest patch
        ([chrome_row("158.0.9.9", 1, start="2026-11-29T18:00:00Z"),
          chrome_row("158.0.1.9", 0.01, start="2026-10-01T18:00:00Z", end="2026-10-03T18:00:00Z"),
          chrome_row("157.0.1.9", 1, start="2026-09-01T18:00:00Z", end="2026-10-03T18:00:00Z")],
         "158.0.9.9", "2026-10-01"),
    ],
)  # fmt: skip
def test_chrome_is_the_highest_version_that_half_of_all_get(
    rows: list[dict], version: str, day: str
) -> None:
    found = read(BrowserFamily.CHROME, {"releases": rows, "nextPageToken": ""})
    assert (found.version, found.released_on) == (version, day)


def test_edge_is_the_highest_row_of_this_system() -> None:
    rows = [
        edge_row("159.0.1.1", "Android", "arm64", "2026-11-20T20:00:00"),
        edge_row("159.0.1.1", "Windows", "arm64", "2026-11-20T20:00:00"),
        edge_row("157.0.4377.31", "Windows", "x64", "2026-11-19T20:00:00"),
        edge_row("157.0.4377.9", "Windows", "x64", "2026-11-16T20:00:00"),
        edge_row("156.0.4340.52", "Windows", "x64", "2026-11-02T20:00:00"),
    ]
    beta = [edge_row("160.0.1.1", "Windows", "x64", "2026-11-20T20:00:00")]
    found = read(
        BrowserFamily.EDGE,
        [{"Product": "Beta", "Releases": beta}, {"Product": "Stable", "Releases": rows}],
    )
    assert (found.version, found.released_on) == ("157.0.4377.31", "2026-11-16")


def test_firefox_names_its_long_term_lines_too() -> None:
    found = read(
        BrowserFamily.FIREFOX,
        {
            "FIREFOX_AURORA": "",
            "FIREFOX_DEVEDITION": "161.0b6",
            "FIREFOX_ESR": "140.15.0esr",
            "FIREFOX_ESR115": "115.40.0esr",
            "FIREFOX_ESR_NEXT": "153.2.0esr",
            "LAST_RELEASE_DATE": "2026-11-18",
            "LAST_SOFTFREEZE_DATE": "2026-11-05",
            "LATEST_FIREFOX_VERSION": "160.0.1",
            "NEXT_RELEASE_DATE": "2026-11-24",
        },
    )
    assert found == Release(
        version="160.0.1",
        released_on="",  # the 18th is the patch's
        long_term=("153.2.0", "140.15.0", "115.40.0"),
    )


@pytest.mark.parametrize(
    ("version", "last", "history", "day"),
    [
        ("160.0", "2026-11-10", {}, "2026-11-10"),
        ("160.0.1", "2026-11-18", {}, ""),
        ("160.0.1", "2026-11-18", {"160.0": "2026-11-10", "159.0": "2026-10-27"}, "2026-11-10"),
        ("160.0", "2026-11-10", {"159.0": "2026-10-27"}, "2026-11-10"),
        ("160.0.1", "2026-11-18", {"160.0": "soon"}, ""),
    ],
)
def test_the_first_day_of_a_firefox_is_its_majors(
    version: str, last: str, history: dict[str, str], day: str
) -> None:
    told = {"LATEST_FIREFOX_VERSION": version, "LAST_RELEASE_DATE": last}
    found = with_history(read(BrowserFamily.FIREFOX, told), json.dumps(history).encode())
    assert (found.version, found.released_on) == (version, day)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"160.0": 1}', b"\xff", b"[" * 5000])
def test_what_is_no_history_is_a_bad_answer(content: bytes) -> None:
    with pytest.raises(BadAnswer):
        with_history(Release(version="160.0"), content)


def test_an_end_that_is_null_is_none() -> None:
    row = chrome_row("158.0.1.2", 1)
    row["serving"]["endTime"] = None
    assert read(BrowserFamily.CHROME, {"releases": [row]}).version == "158.0.1.2"


@pytest.mark.parametrize(
    "family", [BrowserFamily.CHROME, BrowserFamily.EDGE, BrowserFamily.FIREFOX]
)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"releases": []}',
        b'{"releases": [{"version": "x", "serving": {}, "fraction": 1}]}',
        b'[{"Product": "Stable", "Releases": []}]',
        b'{"LATEST_FIREFOX_VERSION": ""}',
        b'{"LATEST_FIREFOX_VERSION": 160}',
        b"<!doctype html><title>Sign in to this network</title>",
        b"\xff\xfe\x00",
        b"[" * 5000,
    ],
)
def test_what_is_no_list_is_a_bad_answer(family: BrowserFamily, content: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_feed(family, content, SYSTEM)


@given(
    st.sampled_from([BrowserFamily.CHROME, BrowserFamily.EDGE, BrowserFamily.FIREFOX]),
    st.binary(max_size=300),
)
def test_junk_is_a_bad_answer_or_a_release(family: BrowserFamily, junk: bytes) -> None:
    with suppress(BadAnswer):
        assert read_feed(family, junk, SYSTEM).version


@pytest.mark.parametrize(
    ("host", "chrome", "edge", "architecture"),
    [
        ("windows-office", "win64", "Windows", "x64"),
        ("macos-laptop", "mac_arm64", "MacOS", "arm64"),
        ("linux-debian", "linux", "Linux", "x64"),
    ],
)
def test_each_system_asks_for_its_own_releases(
    host: str, chrome: str, edge: str, architecture: str
) -> None:
    system = system_of(RecordedHost(HOSTS / host))
    assert system == FeedPlatform(
        chrome_platform=chrome, edge_platform=edge, edge_architecture=architecture
    )


def test_an_old_windows_asks_for_32_bit_releases() -> None:
    class OldWindows:
        platform = "windows"
        os_bits = 32

        def processor(self) -> Processor:
            return Processor(
                model="", logical_cores=2, physical_cores=2, max_mhz=0, architecture="x86"
            )

    system = system_of(OldWindows())
    assert (system.chrome_platform, system.edge_architecture) == ("win", "x86")
