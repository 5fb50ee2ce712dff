"""The headline of a report: verdict, sentence, what to fix first, counts."""

import msgspec
import pytest
from msgspec import structs
from report.samples import NOT_READY_ROWS, finding_of, not_ready, overlong, ready, report_of

from natwizard.languages import NAMES, language_of, use_language
from natwizard.model.finding import FarEnd, Finding, Owner, Page, Remedy, Status
from natwizard.model.report import Readiness, Report, RootCause
from natwizard.report.details import fixes_of, severity, worst_status
from natwizard.report.headline import SENTENCE_LENGTH, report_headline

OWNERS = list(Owner)
NETWORK, HELPDESK, AGENT = Owner.NETWORK_TEAM, Owner.HELPDESK, Owner.AGENT


def finding(
    status: Status,
    owner: Owner | None = NETWORK,
    check: str = "port.webphone",
    page: Page = Page.WEBPHONE_PORT,
    *,
    required: bool = True,
    remedy: str = "",
) -> Finding:
    return Finding(
        check=check,
        requirement=check,
        title=check,
        page=page,
        required=required,
        status=status,
        summary=f"Sentence of {check}.",
        observed="this",
        expected="that",
        remedy=Remedy(text=remedy or f"Mend {check}.", owner=owner) if owner else None,
    )


def report(verdict: Readiness, *findings: Finding, cause: RootCause | None = None) -> Report:
    return report_of(findings, verdict, root_cause=cause)


FAIL, UNKNOWN, WARN = Status.FAIL, Status.UNKNOWN, Status.WARN


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (not_ready(), "Calls would not work here yet. Two things need your network team."),
        (ready(), "This computer and network meet every requirement."),
        (
            report(Readiness.NOT_READY, finding(FAIL, HELPDESK)),
            "Calls would not work here yet. One thing needs your helpdesk.",
        ),
        (
            report(Readiness.NOT_READY, finding(FAIL, AGENT)),
            "Calls would not work here yet. One thing needs you.",
        ),
        (
            report(Readiness.NOT_READY, finding(FAIL, AGENT), finding(FAIL, HELPDESK, "b")),
            "Calls would not work here yet. Two things need you and your helpdesk.",
        ),
        (
            report(
                Readiness.NOT_READY,
                finding(FAIL, AGENT),
                finding(FAIL, HELPDESK, "b"),
                finding(FAIL, NETWORK, "c"),
            ),
            "Calls would not work here yet. Three things to do, see below.",
        ),
        (
            report(Readiness.NOT_READY, finding(FAIL, NETWORK, "quality.loss", Page.UDP_MEDIA)),
            "Callers would hear you badly here. One thing needs your network team.",
        ),
        (
            report(Readiness.NOT_READY, finding(FAIL, HELPDESK, "computer.ram", Page.COMPUTER)),
            "The webphone would run badly here. One thing needs your helpdesk.",
        ),
        (
            report(Readiness.NOT_READY, finding(FAIL, NETWORK, "nat.mapping", Page.CONNECTION)),
            "Calls would not be reliable here. One thing needs your network team.",
        ),
        (
            report(Readiness.COULD_NOT_TELL, finding(UNKNOWN, HELPDESK)),
            "We could not see enough to be sure. One thing needs your helpdesk.",
        ),
        (
            report(Readiness.READY_WITH_ADVICE, finding(WARN, AGENT), finding(WARN, AGENT, "b")),
            "Calls will work here. You can improve two things.",
        ),
        (
            report(Readiness.READY_WITH_ADVICE, finding(Status.BORDERLINE, AGENT)),
            "Calls will work here, but only just. You can improve one thing.",
        ),
        (
            report(Readiness.READY, finding(Status.PASS), finding(Status.MANUAL, HELPDESK, "b")),
            "Everything we measured is fine. Your helpdesk can confirm the rest.",
        ),
        (report(Readiness.READY), "Nothing was checked in this run."),
        (report(Readiness.NOT_READY, finding(FAIL, None)), "Calls would not work here yet."),
        (
            report(
                Readiness.NOT_READY,
                finding(FAIL, HELPDESK, "link.wired"),
                finding(FAIL, NETWORK),
                cause=RootCause(
                    code="no_network",
                    summary="This computer has no connection to the internet.",
                    explains=("link.wired", "port.webphone"),
                ),
            ),
            "This computer has no connection to the internet.",
        ),
    ],
)
def test_the_banner_says_what_happens_and_who_acts(told: Report, sentence: str) -> None:
    headline = report_headline(told)
    if told.root_cause is not None:
        assert headline.sentence.startswith(("This computer has no", "Calls would not"))
    else:
        assert headline.sentence == sentence
    assert len(headline.sentence) <= SENTENCE_LENGTH


@pytest.mark.parametrize(
    ("language", "yours", "theirs"),
    [
        ("en", "You can improve two things.", "Your helpdesk can improve two things."),
        ("de", "Sie können zwei Punkte verbessern.", "Ihr Helpdesk kann zwei Punkte verbessern."),
        ("fr", "Vous pouvez améliorer deux points.", "Votre assistance peut aider."),
        ("es", "Puede mejorar dos cosas.", "Su soporte técnico puede mejorarlo."),
    ],
)
def test_the_verb_agrees_with_who_acts(language: str, yours: str, theirs: str) -> None:
    for owner, words in ((AGENT, yours), (HELPDESK, theirs)):
        advice = (finding(WARN, owner), finding(WARN, owner, "b"))
        with language_of(language):
            told = report_headline(report(Readiness.READY_WITH_ADVICE, *advice))
        assert told.sentence.endswith(words)


def test_to_public_servers_an_untried_headset_and_advice_about_the_line_are_told() -> None:
    measured = structs.replace(finding(Status.PASS, None), far_end=FarEnd.PUBLIC)
    headset = structs.replace(
        finding(Status.MANUAL, AGENT, "audio.microphone"), untried="your headset was not tried"
    )
    lossy = structs.replace(finding(WARN, NETWORK, "quality.loss"), far_end=FarEnd.PUBLIC)
    for others, sentence in (
        ((), "Your line is fit for calls. The service itself was not tried."),
        ((headset,), "Your line is fit for calls; your headset was not tried."),
        ((lossy,), "Nothing stands in the way; the service itself was not tried."),
        ((lossy, headset), "Nothing stands in the way; your headset was not tried."),
    ):
        told = report_headline(report(Readiness.READY_TO_PUBLIC, measured, *others))
        assert told.sentence == sentence


@pytest.mark.parametrize("verdict", list(Readiness))
@pytest.mark.parametrize("first", OWNERS)
@pytest.mark.parametrize("second", OWNERS)
@pytest.mark.parametrize("check", ["port.webphone", "quality.loss", "computer.ram", "nat.mapping"])
def test_the_sentence_fits_whoever_acts(
    verdict: Readiness, first: Owner, second: Owner, check: str
) -> None:
    statuses = {
        Readiness.NOT_READY: FAIL,
        Readiness.COULD_NOT_TELL: UNKNOWN,
        Readiness.READY_WITH_ADVICE: Status.BORDERLINE,
        Readiness.READY_TO_PUBLIC: Status.NOT_SET_UP,
        Readiness.PARTLY_CHECKED: Status.WARN,
        Readiness.READY: Status.MANUAL,
    }
    page = {"c": Page.COMPUTER, "n": Page.CONNECTION}.get(check[0], Page.UDP_MEDIA)
    told = report(
        verdict,
        *(finding(statuses[verdict], first, f"{check}{number}", page) for number in range(12)),
        finding(statuses[verdict], second, f"{check}x", page),
    )
    assert 10 < len(report_headline(told).sentence) <= SENTENCE_LENGTH


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (ready(), Status.PASS),
        (not_ready(), FAIL),
        (report(Readiness.READY_WITH_ADVICE, finding(WARN)), WARN),
        (
            report(Readiness.READY_WITH_ADVICE, finding(WARN), finding(Status.BORDERLINE)),
            Status.BORDERLINE,
        ),
        (report(Readiness.COULD_NOT_TELL, finding(UNKNOWN)), UNKNOWN),
    ],
)
def test_the_banner_wears_the_sign_of_the_verdict(told: Report, status: Status) -> None:
    assert report_headline(told).status is status


def test_three_fixes_come_first_and_the_rest_is_kept() -> None:
    headline = report_headline(not_ready())
    assert [fix.status for fix in headline.fix_first] == [FAIL, FAIL, UNKNOWN]
    assert [fix.status for fix in headline.fix_later] == [
        Status.BORDERLINE, Status.BORDERLINE, WARN, Status.MANUAL,
    ]  # fmt: skip


def test_a_cause_is_told_once_for_all_it_explains() -> None:
    cause = RootCause(code="x", summary="No network at all.", explains=("a", "b"))
    told = report(
        Readiness.NOT_READY,
        finding(FAIL, None, "a"),
        finding(FAIL, HELPDESK, "b"),
        finding(FAIL, NETWORK, "c"),
        cause=cause,
    )
    titles = [(fix.title, fix.owner, fix.also) for fix in fixes_of(told)]
    assert titles == [
        ("No network at all.", HELPDESK, ("a",)),
        ("Sentence of c.", NETWORK, ()),
    ]


def test_equal_remedies_of_equal_statuses_are_one_thing_to_do() -> None:
    told = report(
        Readiness.COULD_NOT_TELL,
        finding(UNKNOWN, AGENT, "a", remedy="Run this check again."),
        finding(UNKNOWN, AGENT, "b", remedy="Run this check again."),
        finding(WARN, AGENT, "c", remedy="Run this check again."),
    )
    assert [fix.also for fix in fixes_of(told)] == [("b",), ()]


def test_an_unknown_that_is_only_advice_is_nothing_to_fix() -> None:
    told = report(Readiness.READY, finding(UNKNOWN, required=False))
    assert fixes_of(told) == ()


def test_worst_first_follows_the_look() -> None:
    order = [FAIL, UNKNOWN, Status.BORDERLINE, WARN, Status.MANUAL, Status.PASS,
             Status.NOT_APPLICABLE]  # fmt: skip
    shuffled = sorted((finding(status) for status in reversed(order)), key=severity)
    assert [each.status for each in shuffled] == order
    assert severity(finding(UNKNOWN, required=False)) > severity(finding(WARN))
    assert worst_status(()) is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (not_ready(), "2 problems · 1 advice · 2 borderline · 1 could not tell · 1 to confirm"),
        (ready(), "25 OK · 1 not needed"),
        (report(Readiness.NOT_READY, finding(FAIL)), "1 problem"),
        (report(Readiness.READY), ""),
    ],
)
def test_the_counts_line_names_what_is_not_in_order(told: Report, line: str) -> None:
    assert report_headline(told).counts_line == line


def test_hostile_reports_have_a_headline() -> None:
    headline = report_headline(overlong())
    assert len(headline.fix_first) == 3
    assert sum(entry.count for entry in headline.counts) == 60


def test_headline_survives_a_round_trip() -> None:
    headline = report_headline(not_ready())
    again = msgspec.json.decode(msgspec.json.encode(headline), type=type(headline))
    assert again == headline


def test_samples_hold_every_status() -> None:
    """But NOT_SET_UP: the sample is a computer that was given the service's addresses."""
    held = {finding_of(row).status for row in NOT_READY_ROWS}
    assert held == set(Status) - {Status.NOT_SET_UP}


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("verdict", Readiness)
def test_a_cause_too_long_for_the_banner_leaves_what_the_verdict_says(
    language: str, verdict: Readiness
) -> None:
    """Below "Could not tell" nothing says that calls do not work."""
    statuses = {Readiness.NOT_READY: FAIL, Readiness.COULD_NOT_TELL: UNKNOWN}
    found = finding(statuses.get(verdict, WARN), NETWORK)
    cause = RootCause(code="x", summary="Long. " * 20, explains=("port.webphone",))
    use_language(language)
    with_cause = report_headline(report(verdict, found, cause=cause)).sentence
    without = report_headline(report(verdict, found)).sentence
    assert with_cause == without
