"""computer.clock: this computer's clock against what servers say."""

from datetime import UTC, datetime, timedelta

import pytest
from cases.reach_cases import FOUND, assert_plain, case_of, failed, ok

from natwizard.checks.computer_clock import COMPUTER_CLOCK, offset_words
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Unit
from natwizard.probes.clock import CLOCK, ClockEvidence, ClockReading, ServerTime

MINUTE, HOUR, DAY = 60, 3600, 86400
NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


def read(offset_s: float, valid_days: int = 90) -> ServerTime:
    """A server whose certificate is valid so many days before and after now."""
    reading = ClockReading(
        server="www.example.com",
        served_at=NOW.isoformat(),
        offset_s=offset_s,
        not_before=(NOW - timedelta(days=valid_days)).isoformat(),
        not_after=(NOW + timedelta(days=valid_days)).isoformat(),
    )
    return ServerTime(lookup=FOUND, tries=(ok(reading, "read_time"),))


SILENT = ServerTime(lookup=FOUND, tries=(failed(FailureCode.TIMED_OUT, "read_time"),))


def judged(*servers: ServerTime) -> Judgement:
    judgement = COMPUTER_CLOCK.bind({})(case_of((CLOCK, ClockEvidence(servers=servers))))
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("servers", "status", "words"),
    [
        ((read(0), read(0.4)), Status.PASS, "right"),
        ((read(60), read(60)), Status.PASS, "right"),
        ((read(-60), SILENT), Status.PASS, "right"),
        ((read(61), read(61)), Status.WARN, "61 seconds fast"),
        ((read(-3 * HOUR), read(-3 * HOUR), SILENT), Status.WARN, "3 hours slow"),
        ((read(DAY), SILENT), Status.UNKNOWN, "Only one server"),
        ((read(DAY), read(-DAY)), Status.UNKNOWN, "different times"),
        # one server that agrees with us outweighs one that does not
        ((read(DAY), read(1)), Status.PASS, "right"),
        ((read(89 * DAY), read(89 * DAY)), Status.WARN, "89 days fast"),
        ((read(91 * DAY), read(91 * DAY)), Status.FAIL, "secure connections fail"),
        ((read(-91 * DAY), read(-91 * DAY)), Status.FAIL, "secure connections fail"),
        ((SILENT, SILENT), Status.UNKNOWN, "No server"),
    ],
)
def test_two_servers_that_agree_are_believed(
    servers: tuple[ServerTime, ...], status: Status, words: str
) -> None:
    judgement = judged(*servers)
    assert judgement.status is status
    assert words in judgement.summary


def test_a_certificate_that_the_server_itself_let_expire_accuses_no_clock() -> None:
    assert judged(read(DAY, -10), read(DAY, -10)).status is Status.WARN


@pytest.mark.parametrize(
    ("offset_s", "most_s", "words"),
    [
        (60.4, 60, "60.4 seconds fast"),
        (120.4, 120, "120.4 seconds fast"),
        (61, 60, "61 seconds fast"),
    ],
)
def test_the_offset_never_rounds_onto_its_limit(offset_s: float, most_s: float, words: str) -> None:
    assert offset_words(offset_s, most_s) == words


@pytest.mark.parametrize(
    ("offset_s", "words"),
    [
        (0.9, "right to the second"),
        (2, "2 seconds fast"),
        (-119, "119 seconds slow"),
        (120, "2 minutes fast"),
        (-90 * MINUTE, "90 minutes slow"),
        (2 * HOUR, "2 hours fast"),
        (400 * DAY, "400 days fast"),
    ],
)
def test_the_offset_is_said_in_the_largest_unit_that_fits(offset_s: float, words: str) -> None:
    assert offset_words(offset_s) == words
    (measured,) = judged(read(offset_s), read(offset_s)).measured
    assert (measured.value, measured.unit) == (offset_s, Unit.SECOND)
