"""The text to paste to IT: request first, then evidence, and the run code once."""

import msgspec
import pytest
from report.samples import REMEDIES, not_ready, overlong

from natwizard.model.finding import Finding, Owner, Remedy
from natwizard.report.details import request_blocks
from natwizard.report.request import copy_for_it

REPORT = not_ready()


def found(check: str) -> Finding:
    return next(finding for finding in REPORT.findings if finding.check == check)


def test_a_request_that_a_check_wrote_is_used() -> None:
    assert copy_for_it(found("port.webphone"), REPORT) == REMEDIES["port.webphone"].request


def test_a_request_without_a_run_code_gets_time_and_code() -> None:
    remedy = Remedy(text="x", owner=Owner.NETWORK_TEAM, request="Please allow it.\nThank\x00s.")
    finding = msgspec.structs.replace(found("port.webphone"), remedy=remedy)
    assert copy_for_it(finding, REPORT) == (
        "Please allow it.\nThank\\x00s. On 22 Nov 2026, 14:06 (UTC+1), Webphone port TCP 10062: "
        "no answer in 3 × 3 s; needed: open websocket. "  # noqa: RUF001
        "To check again, run \u201cnatwizard check --only port.webphone\u201d. "
        "Run code: maple river copper lamp."
    )


def test_without_one_it_is_composed_request_first() -> None:
    remedy = Remedy(text="Allow TCP 10062.", owner=Owner.NETWORK_TEAM)
    finding = msgspec.structs.replace(found("port.webphone"), remedy=remedy)
    assert copy_for_it(finding, REPORT) == (
        "Please see to this: Allow TCP 10062. "
        "Your network blocks the webphone\u2019s port, 10062. "
        "On 22 Nov 2026, 14:06 (UTC+1), Webphone port TCP 10062: "
        "no answer in 3 × 3 s; needed: open websocket. "  # noqa: RUF001
        "Name: found, 8 ms. Connection: no answer. Encryption: not reached. "
        "Websocket: not reached. "
        "203.0.113.24:443 direct: connected in 21 ms. "
        "198.51.100.7:443 direct: connected in 18 ms (control server). "
        "203.0.113.24:10062 direct: no answer in 3.00 s. "
        "198.51.100.7:10062 direct: no answer in 3.00 s (control server). "
        "each twice more: no answer. "
        "To check again, run \u201cnatwizard check --only port.webphone\u201d. "
        "Run code: maple river copper lamp."
    )


def test_a_finding_without_a_remedy_has_its_sentence() -> None:
    finding = msgspec.structs.replace(found("port.webphone"), remedy=None)
    assert copy_for_it(finding, REPORT).startswith("Your network blocks")


@pytest.mark.parametrize("number", range(0, 60, 7))
def test_hostile_texts_stay_on_their_line(number: int) -> None:
    report = overlong()
    text = copy_for_it(report.findings[number], report)
    assert "\n" not in text
    assert "\x1b" not in text


def test_requests_are_grouped_by_owner_and_only_what_is_urgent() -> None:
    blocks = request_blocks(REPORT)
    assert [block.heading for block in blocks] == ["Text for the network team"]
    *matters, how_to_check = blocks[0].texts
    assert len(matters) == 2, "nothing to paste of what could not be told"
    assert how_to_check.startswith("To check again")
