"""What the line does, read out of all evidence: who is a witness, and who is none."""

import pytest
from cases.reach_cases import failed, ok, page_try
from cases.udp_cases import UDP_SILENT, UDP_WORKS, figures, media, path
from msgspec.structs import replace

from natwizard.checks.shared.line import LineFacts, line_facts
from natwizard.model.outcome import FailureCode, Gathered, Outcome
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CallsEvidence
from natwizard.probes.sip import SipEvidence
from natwizard.probes.web import WebEvidence

SILENT, REFUSED = FailureCode.TIMED_OUT, FailureCode.CONNECTION_REFUSED
NO_WAY = FailureCode.NETWORK_UNREACHABLE


def facts_of(**evidence: object) -> LineFacts:
    brought: dict[str, Outcome[object]] = {
        name: Gathered(evidence=each) for name, each in evidence.items()
    }
    return line_facts(brought)


def plain_page(status: int, *, holds_expected: bool) -> WebEvidence:
    """What came in place of the page over plain HTTP."""
    return WebEvidence(http=(page_try(status=status, expected=holds_expected),))


def test_nothing_gathered_tells_nothing() -> None:
    assert facts_of() == LineFacts()
    assert not facts_of().leads_out


@pytest.mark.parametrize(
    ("status", "holds_expected", "leads_out"),
    [(200, True, True), (204, False, True), (200, False, False), (302, False, False)],
)
def test_a_page_is_a_witness_and_a_login_page_is_none(
    status: int, *, holds_expected: bool, leads_out: bool
) -> None:
    facts = facts_of(web=plain_page(status, holds_expected=holds_expected))
    assert facts.leads_out is facts.tcp_leads_out is leads_out
    assert facts.pages_answered == {80}


def test_udp_that_answers_shows_that_the_line_leads_out() -> None:
    assert facts_of(stun=UDP_WORKS).leads_out
    assert not facts_of(stun=UDP_WORKS).tcp_leads_out
    assert not facts_of(stun=UDP_SILENT).leads_out
    assert facts_of(media=media(figures())).udp_leads_out
    assert facts_of(media=media(code=FailureCode.CONNECTION_REFUSED)).udp_refused


def connects(*tried: tuple[str, FailureCode | None]) -> SipEvidence:
    """Connections to places, as "192.0.2.1:443"; of which probe does not matter."""
    return SipEvidence(
        tries=(),
        line=tuple(
            replace(failed(code, "connect_tcp") if code else ok(None, "connect_tcp"), target=place)
            for place, code in tried
        ),
    )


def test_what_was_silent_and_answered_besides_got_lost() -> None:
    """As behind a router that lets so many new connections through each second."""
    open_again = connects(*(("192.0.2.1:443", code) for code in (SILENT, SILENT, None, None, None)))
    assert facts_of(sip=open_again).loses_much
    shut = connects(*(("192.0.2.1:443", code) for code in (None, None, None)), *(
        ("192.0.2.1:10062", SILENT),) * 3)  # fmt: skip
    assert not facts_of(sip=shut).loses_much
    refused = connects(("192.0.2.1:443", FailureCode.CONNECTION_REFUSED), ("192.0.2.1:443", None))
    assert not facts_of(sip=refused).loses_much


@pytest.mark.parametrize(
    ("tried", "dead"),
    [
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", NO_WAY), ("[2001:db8::1]:80", None)), "IPv4"),
        ((("[2001:db8::1]:80", SILENT), ("[2001:db8::2]:80", SILENT), ("192.0.2.1:80", None)),
         "IPv6"),
        # one server may be down
        ((("192.0.2.1:80", SILENT), ("192.0.2.1:81", SILENT), ("[2001:db8::1]:80", None)), ""),
        # somebody is there who says no
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", REFUSED), ("[2001:db8::1]:80", None)), ""),
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", SILENT), ("192.0.2.3:80", None)), ""),
        ((("192.0.2.1:80", SILENT), ("192.0.2.2:80", SILENT)), ""),
    ],
)  # fmt: skip
def test_a_family_is_dead_where_nobody_answers_over_it_alone(
    tried: tuple[tuple[str, FailureCode | None], ...], dead: str
) -> None:
    assert facts_of(sip=connects(*tried)).dead_family == dead


def step(calls: int, sent: int, lost: int) -> StepFigures:
    return StepFigures(
        calls=calls,
        duration_s=2.0,
        sent=sent,
        received=sent - lost,
        late=0,
        round_trip_ms=20.0,
        p95_ms=21.0,
        send_late_p95_ms=0.1,
    )


def test_losses_of_a_full_line_do_not_count_as_the_lines() -> None:
    calls = CallsEvidence(
        path=path(),
        asked=5,
        idle=step(1, 50, 0),
        steps=(step(3, 300, 2), step(5, 500, 200)),
        carried=3,
        arrived_kbit_s=310.0,
        line_full=True,
    )
    facts = facts_of(media=media(figures(sent=500, lost=1)), calls=calls)
    assert (facts.packets_sent, facts.packets_lost) == (850, 3)
    assert (facts.carried_kbit_s, facts.line_full) == (310.0, True)
    assert facts.round_trip_ms == 21.0
