"""port.dns and dns.edns: what each way of answering means."""

import pytest
from cases.reach_cases import ENDPOINT, assert_plain, case_of, failed, ok, page_try, reached
from msgspec.structs import replace

from natwizard.checks import dns_edns, port_dns
from natwizard.checks.base import NoLimits
from natwizard.checks.dns_edns import EdnsFacts, EdnsKind
from natwizard.checks.port_dns import LookupLimits
from natwizard.checks.shared.resolver_texts import answer_words, attempt_words_or_dash
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.connection.reachability import Looked
from natwizard.probes.dns_servers import (
    DNS_SERVERS,
    Asked,
    DnsAnswer,
    DnsEvidence,
    ResolverAnswers,
    SizedAnswer,
)
from natwizard.probes.web import WEB, WebEvidence

SILENT: Asked = failed(FailureCode.TIMED_OUT)
REFUSED: Asked = failed(FailureCode.CONNECTION_REFUSED)
JUNK: Asked = failed(FailureCode.BAD_ANSWER)


def answer(
    rcode: str = "NOERROR",
    *,
    opt: bool = True,
    truncated: bool = False,
    size: int = 90,
    records: int = 1,
) -> Asked:
    return ok(
        DnsAnswer(
            rcode=rcode,
            has_opt=opt,
            edns_version=0 if opt else -1,
            truncated=truncated,
            size_bytes=size,
            records=records,
        )
    )


PLAIN = answer(opt=False)
GOOD = ResolverAnswers(
    resolver="192.168.1.1:53",
    plain=PLAIN,
    tcp=PLAIN,
    edns=answer(),
    edns_large_buffer=answer(),
    edns_dnssec=answer(),
    unknown_option=answer(),
    version_1=answer("BADVERS"),
    large=answer(size=1400),
    large_plain=answer(opt=False, truncated=True),
    large_tcp=answer(size=1400),
)
DEAD = ResolverAnswers(resolver="192.168.1.2:53", plain=SILENT, tcp=SILENT)
CONTROL = replace(GOOD, resolver="192.0.2.53:53", control=True)
SECOND = replace(GOOD, resolver="203.0.113.9:5353")


def edns(*resolvers: ResolverAnswers) -> Judgement:
    case = case_of((DNS_SERVERS, DnsEvidence(resolvers=resolvers, stub="127.0.0.53")))
    judgement = dns_edns.judge(case, NoLimits())
    assert_plain(judgement)
    return judgement


def sized(**answers: Asked) -> tuple[SizedAnswer, ...]:
    return tuple(
        SizedAnswer(frame_bytes=int(name.removeprefix("of_")), asked=asked)
        for name, asked in answers.items()
    )


LOST = replace(GOOD, large=SILENT)
TRUNCATED = answer(truncated=True, size=1414)
WHOLE = "Modern name lookups come back whole."
FRAGMENTS = "Long answers to name lookups get lost on the way."


@pytest.mark.parametrize(
    ("asked", "sizes", "status", "summary"),
    [
        # others as long as the one that was lost come by the same way: nothing drops them
        (LOST, sized(of_1472=answer(size=1414)), Status.PASS, WHOLE),
        (
            replace(GOOD, large=SILENT, large_tcp=SILENT),
            sized(of_1280=answer(size=1222)),
            Status.PASS,
            WHOLE,
        ),
        (
            replace(GOOD, large=answer("SERVFAIL"), large_tcp=answer("SERVFAIL")),
            sized(of_512=SILENT, of_1280=answer(size=1222)),
            Status.PASS,
            WHOLE,
        ),
        # shorter ones prove nothing of it, nor do those that stay away or are cut
        (LOST, sized(of_512=answer(size=454), of_1280=answer(size=1222)), Status.WARN, FRAGMENTS),
        (LOST, sized(of_1472=SILENT), Status.WARN, FRAGMENTS),
        (LOST, sized(of_1472=TRUNCATED), Status.WARN, FRAGMENTS),
        (LOST, (), Status.WARN, FRAGMENTS),
        (GOOD, sized(of_512=SILENT, of_1472=SILENT), Status.PASS, WHOLE),
        # and what has nothing to do with a size stays
        (
            replace(GOOD, large=SILENT, version_1=SILENT),
            sized(of_1472=answer(size=1414)),
            Status.WARN,
            "Name lookups of a later kind get lost on the way.",
        ),
        (
            replace(GOOD, edns=SILENT, large=SILENT),
            sized(of_1472=answer(size=1414)),
            Status.FAIL,
            "Your router drops modern name lookups.",
        ),
    ],
)
def test_answers_of_known_sizes_are_the_control_of_the_one_long_answer(
    asked: ResolverAnswers, sizes: tuple[SizedAnswer, ...], status: Status, summary: str
) -> None:
    evidence = DnsEvidence(resolvers=(asked, CONTROL), sizes=sizes)
    judgement = dns_edns.judge(case_of((DNS_SERVERS, evidence)), NoLimits())
    assert (judgement.status, judgement.summary) == (status, summary)
    assert_plain(judgement)


def test_the_control_is_that_of_the_server_that_was_asked_for_it() -> None:
    dead = replace(DEAD, resolver="192.168.1.3:53")
    evidence = DnsEvidence(resolvers=(dead, LOST), sizes=sized(of_1472=answer(size=1414)))
    judgement = dns_edns.judge(case_of((DNS_SERVERS, evidence)), NoLimits())
    assert judgement.status is Status.WARN


def port(*resolvers: ResolverAnswers, web: WebEvidence | None = None) -> Judgement:
    servers = (DNS_SERVERS, DnsEvidence(resolvers=resolvers))
    case = case_of(servers) if web is None else case_of(servers, (WEB, web))
    judgement = port_dns.judge(case, LookupLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("lookup", "status"),
    [
        (ok((ENDPOINT,), "look_up"), Status.WARN),
        (failed(FailureCode.NAME_NOT_FOUND, "look_up"), Status.FAIL),
        # an address of the profile's was looked up nowhere
        (replace(ok((ENDPOINT,), "look_up"), target="192.0.2.1:80"), Status.FAIL),
    ],
)
def test_a_system_that_asks_over_tcp_finds_names_without_udp(
    lookup: Looked, status: Status
) -> None:
    found = port(replace(GOOD, plain=SILENT), web=WebEvidence(http=(page_try(lookup=lookup),)))
    assert found.status is status
    modern = dns_edns.judge(
        case_of(
            (DNS_SERVERS, DnsEvidence(resolvers=(replace(GOOD, plain=SILENT, edns=None),))),
            (WEB, WebEvidence(http=(page_try(lookup=lookup),))),
        ),
        NoLimits(),
    )
    assert modern.status is (Status.WARN if status is Status.WARN else Status.UNKNOWN)


@pytest.mark.parametrize(
    ("code", "took_s", "summary"),
    [
        (FailureCode.NAME_LOOKUP_FAILED, 0.05,
         "Your name servers answer, but cannot look names up."),
        (FailureCode.NAME_LOOKUP_FAILED, 1.9,
         "Name servers answer, but addresses do not come in time."),
        (FailureCode.TIMED_OUT, 2.0, "Name servers answer, but addresses do not come in time."),
    ],
)  # fmt: skip
def test_names_that_are_refused_at_once_are_not_late(
    code: FailureCode, took_s: float, summary: str
) -> None:
    """The system's resolver says "temporary failure" of both."""
    lookups = [
        replace(failed(code, "look_up"), target=f"{name}.example.com:443", duration_s=took_s)
        for name in ("www", "phone")
    ]
    web = WebEvidence(https=tuple(page_try(lookup=each) for each in lookups))
    found = port(GOOD, web=web)
    assert (found.status, found.summary) == (Status.WARN, summary)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("version_1", "version 1"),
        ("unknown_option", "an unknown option"),
        ("edns_large_buffer", "buffer 4096"),
        ("edns_dnssec", "the DO bit"),
    ],
)
def test_the_question_that_fared_worse_is_told_with_its_own_answer(asked: str, name: str) -> None:
    lost = edns(replace(GOOD, **{asked: SILENT}))
    assert f"with EDNS answered in 20\u00a0ms, with {name} no answer" in lost.observed


def test_times_are_measured_to_a_hundredth_of_a_millisecond() -> None:
    plain = replace(PLAIN, duration_s=0.012345678)
    measured = edns(replace(GOOD, plain=plain)).measured
    assert {each.name: each.value for each in measured}["plain"] == 12.35


@pytest.mark.parametrize(
    ("waited_s", "status"), [(0.999, Status.PASS), (1.0, Status.WARN), (1.001, Status.WARN)]
)
def test_an_answer_at_the_limit_is_slow(waited_s: float, status: Status) -> None:
    assert PLAIN.value is not None
    plain = replace(PLAIN, value=replace(PLAIN.value, waited_s=waited_s))
    assert port(replace(GOOD, plain=plain)).status is status


def test_a_server_is_slow_where_another_is_not() -> None:
    assert PLAIN.value is not None
    late = replace(GOOD, plain=replace(PLAIN, value=replace(PLAIN.value, waited_s=1.4)))
    assert port(late, CONTROL).status is Status.WARN
    assert port(late, replace(CONTROL, plain=late.plain)).status is Status.PASS, "all are as late"
    assert port(late, replace(CONTROL, plain=SILENT)).status is Status.WARN


def test_a_server_that_this_computer_cannot_ask_spoils_nothing_where_another_answers() -> None:
    unasked = failed(FailureCode.OTHER)  # an address of the link without its zone: EINVAL
    zoneless = ResolverAnswers(resolver="[fe80::1]:53", plain=unasked, tcp=unasked)
    assert port(zoneless, GOOD).status is Status.PASS
    assert port(zoneless, DEAD, GOOD).summary == "One of your name servers does not answer."


def late_names(*resolvers: ResolverAnswers) -> Judgement:
    """Two names that no address came for in time."""
    late = failed(FailureCode.TIMED_OUT, "look_up")
    plain = replace(late, target="page.example.net:80")
    secure = replace(late, target="www.example.com:443")
    web = WebEvidence(
        http=(page_try(lookup=plain),),
        https=(page_try(url="https://www.example.com:443/", lookup=secure),),
    )
    case = case_of((DNS_SERVERS, DnsEvidence(resolvers=resolvers)), (WEB, web))
    return port_dns.judge(case, LookupLimits())


def test_where_names_are_late_a_first_server_that_is_dead_is_why() -> None:
    first = late_names(DEAD, GOOD)
    assert first.summary == "Your first name server does not answer, so names are late."
    assert first.remedy is not None
    assert "192.168.1.2" in first.remedy.text
    told = "Name servers answer, but addresses do not come in time."
    assert late_names(GOOD, DEAD).summary == told, "the second one is not waited for"
    assert late_names(GOOD).summary == told


@pytest.mark.parametrize(
    ("resolvers", "status", "summary"),
    [
        ((GOOD,), Status.PASS, "Modern name lookups come back whole."),
        ((DEAD, GOOD), Status.PASS, "Modern name lookups come back whole."),
        (
            (replace(GOOD, version_1=SILENT),),
            Status.WARN,
            "Name lookups of a later kind get lost on the way.",
        ),
        (
            (replace(GOOD, version_1=answer("FORMERR", opt=False)),),
            Status.PASS,
            "Modern name lookups come back whole.",
        ),
        (
            (replace(GOOD, edns_dnssec=SILENT, large=SILENT),),
            Status.WARN,
            "Lookups that ask for signed answers get lost on the way.",
        ),
        (
            (replace(GOOD, large=SILENT, large_tcp=answer(size=1100)),),
            Status.WARN,
            "Your router drops long answers to name lookups.",
        ),
        (
            (replace(GOOD, resolver="9.9.9.9:53", large=SILENT, large_tcp=SILENT),),
            Status.WARN,
            "Answers to name lookups over 512 bytes get lost.",
        ),
        (
            (replace(GOOD, large=answer("SERVFAIL"), large_tcp=answer("SERVFAIL")),),
            Status.WARN,
            "Your name server fails on long answers.",
        ),
        (
            (replace(GOOD, edns=JUNK),),
            Status.FAIL,
            "Modern name lookups fail where old ones work.",
        ),
        (
            (replace(GOOD, edns=SILENT),),
            Status.FAIL,
            "Your router drops modern name lookups.",
        ),
        (
            (replace(SECOND, edns=SILENT),),
            Status.FAIL,
            "Your router drops modern name lookups.",
        ),
        (
            (replace(GOOD, resolver="8.8.8.8:53", edns=SILENT),),
            Status.FAIL,
            "Modern name lookups get lost on the way.",
        ),
        (
            (replace(GOOD, edns=answer("FORMERR", opt=False)),),
            Status.FAIL,
            "Your name server does not understand modern name lookups.",
        ),
        (
            (replace(GOOD, edns=answer("NOTIMP")),),
            Status.FAIL,
            "Your name server does not understand modern name lookups.",
        ),
        (
            (replace(GOOD, edns=answer(opt=False)),),
            Status.FAIL,
            "Something strips modern name lookups down to old ones.",
        ),
        (
            (replace(GOOD, edns=answer("SERVFAIL")),),
            Status.FAIL,
            "Modern name lookups fail where old ones work.",
        ),
        (
            (replace(GOOD, large=SILENT),),
            Status.WARN,
            "Long answers to name lookups get lost on the way.",
        ),
        (
            (replace(GOOD, large=answer(truncated=True), large_tcp=SILENT),),
            Status.WARN,
            "Long answers come cut short; the rest cannot be fetched.",
        ),
        (
            (replace(GOOD, large=answer(truncated=True)),),
            Status.PASS,
            "Modern name lookups come back whole.",
        ),
        (
            (replace(GOOD, unknown_option=SILENT),),
            Status.WARN,
            "Unusual name lookups get lost on the way.",
        ),
        (
            (replace(GOOD, edns_large_buffer=answer("FORMERR")),),
            Status.WARN,
            "Lookups that allow long answers get lost on the way.",
        ),
        (
            (GOOD, replace(SECOND, edns=SILENT)),
            Status.WARN,
            "One of your name servers cannot do modern lookups.",
        ),
        (
            (DEAD,),
            Status.UNKNOWN,
            "No name server answered, so lookups could not be compared.",
        ),
        (
            (DEAD, CONTROL),
            Status.UNKNOWN,
            "No name server answered, so lookups could not be compared.",
        ),
        (
            (
                replace(
                    GOOD,
                    large=answer("SERVFAIL"),
                    large_plain=answer("SERVFAIL"),
                    large_tcp=answer("SERVFAIL"),
                ),
            ),
            Status.WARN,
            "Your name server fails on long answers.",
        ),
        (
            (
                replace(
                    GOOD,
                    large=answer("REFUSED"),
                    large_plain=answer("REFUSED"),
                    large_tcp=answer("REFUSED"),
                ),
            ),
            Status.PASS,
            "Modern name lookups come back whole.",
        ),
    ],
)
def test_how_a_resolver_handles_edns_decides(
    resolvers: tuple[ResolverAnswers, ...], status: Status, summary: str
) -> None:
    judgement = edns(*resolvers)
    assert (judgement.status, judgement.summary) == (status, summary)


def test_a_drop_is_told_beside_what_works() -> None:
    judgement = edns(replace(GOOD, edns=SILENT), CONTROL)
    assert judgement.observed == (
        "192.168.1.1: plain answered in 20\u00a0ms, with EDNS no answer in 3.0\u00a0s; "
        "the control resolver answers"
    )


def test_a_control_that_fares_no_better_points_past_the_resolver() -> None:
    judgement = edns(replace(GOOD, edns=SILENT), replace(CONTROL, edns=SILENT))
    assert judgement.remedy is not None
    assert "another resolver fares no better" in judgement.remedy.text


def test_a_lost_large_answer_is_told_with_its_size() -> None:
    assert "1,400\u00a0B answer lost over UDP" in edns(replace(GOOD, large=SILENT)).observed


def test_every_question_has_its_line_and_the_stub_too() -> None:
    details = edns(GOOD).details
    assert details[0].text.startswith("127.0.0.53")
    told = " ".join(each.text for each in details)
    for question in (
        "plain",
        "EDNS, buffer 1232",
        "EDNS, buffer 4096",
        "EDNS, DO bit",
        "unknown option",
        "version 1",
        "large answer",
        "large answer over TCP",
    ):
        assert question in told


def test_questions_that_met_with_the_same_say_it_once() -> None:
    silent = replace(
        GOOD, edns=SILENT, edns_large_buffer=SILENT, unknown_option=SILENT, version_1=GOOD.version_1
    )
    told = [each.text for each in edns(silent).details]
    (alike,) = (text for text in told if "EDNS, buffer 1232" in text)
    assert alike.startswith("EDNS, buffer 1232 · EDNS, buffer 4096 · unknown option: no answer")
    assert not any("version 1" in text and "no answer" in text for text in told)


@pytest.mark.parametrize(
    ("resolvers", "status", "summary"),
    [
        ((GOOD,), Status.PASS, "Name lookups are answered."),
        (
            (replace(GOOD, plain=replace(GOOD.plain, duration_s=1.3)),),
            Status.WARN,
            "Your name server takes long to give its first answer.",
        ),
        (
            (replace(GOOD, plain=replace(GOOD.plain, duration_s=0.99)),),
            Status.PASS,
            "Name lookups are answered.",
        ),
        (
            (replace(GOOD, plain=SILENT),),
            Status.FAIL,
            "Short name lookups get no answer.",
        ),
        (
            (replace(GOOD, tcp=SILENT),),
            Status.FAIL,
            "Long name lookups get no answer.",
        ),
        (
            (replace(GOOD, tcp=REFUSED), CONTROL),
            Status.WARN,
            "Your name server does not answer long lookups; others do.",
        ),
        (
            (replace(GOOD, tcp=REFUSED), replace(CONTROL, tcp=SILENT)),
            Status.FAIL,
            "Long name lookups get no answer.",
        ),
        ((GOOD, DEAD), Status.WARN, "One of your name servers does not answer."),
        (
            (replace(GOOD, plain=answer("REFUSED")),),
            Status.WARN,
            "Your name servers answer, but cannot look names up.",
        ),
        ((replace(GOOD, plain=answer("NXDOMAIN")),), Status.PASS, "Name lookups are answered."),
        (
            (replace(GOOD, plain=answer("NXDOMAIN"), cross_check=answer("NXDOMAIN"), tcp=SILENT),),
            Status.WARN,
            "Your name servers answer, but cannot look names up.",
        ),
        # nothing in the answer, whatever is asked for: as a hotel's name server before the login
        (
            (replace(GOOD, plain=answer(records=0), cross_check=answer(records=0)),),
            Status.WARN,
            "Your name servers answer, but cannot look names up.",
        ),
        (
            (replace(GOOD, plain=answer(records=0), cross_check=answer()),),
            Status.PASS,
            "Name lookups are answered.",
        ),
        (
            (replace(GOOD, plain=answer("NXDOMAIN"), cross_check=answer("NXDOMAIN")), GOOD),
            Status.PASS,
            "Name lookups are answered.",
        ),
        (
            (DEAD,),
            Status.UNKNOWN,
            "No name server answered, so the port could not be tested.",
        ),
        (
            (DEAD, replace(DEAD, control=True)),
            Status.UNKNOWN,
            "No name server answered, so the port could not be tested.",
        ),
        (
            (DEAD, CONTROL),
            Status.FAIL,
            "Your name servers do not answer; others do.",
        ),
        (
            (replace(DEAD, plain=REFUSED, tcp=REFUSED),),
            Status.FAIL,
            "Your name server turns lookups away.",
        ),
        (
            (replace(DEAD, plain=JUNK, tcp=JUNK),),
            Status.FAIL,
            "Something that is no name server answers lookups.",
        ),
        (
            (DEAD, replace(CONTROL, tcp=SILENT)),
            Status.FAIL,
            "Your name servers do not answer; others do.",
        ),
        (
            (DEAD, replace(CONTROL, plain=SILENT)),
            Status.FAIL,
            "Your name servers do not answer; others do.",
        ),
    ],
)
def test_an_answer_over_each_is_what_counts(
    resolvers: tuple[ResolverAnswers, ...], status: Status, summary: str
) -> None:
    judgement = port(*resolvers)
    assert (judgement.status, judgement.summary) == (status, summary)


def test_a_server_that_denies_two_names_looks_others_up_where_a_page_came() -> None:
    """Then both are wrong in the profile, and the name server is well."""
    denied = replace(GOOD, plain=answer("NXDOMAIN"), cross_check=answer("NXDOMAIN"))
    web = WebEvidence(http=(page_try(),))
    evidence = case_of((DNS_SERVERS, DnsEvidence(resolvers=(denied,))), (WEB, web))
    assert port_dns.judge(evidence, LookupLimits()).status is Status.PASS


BARE = ResolverAnswers(resolver="192.168.1.1:53", plain=PLAIN, tcp=PLAIN, edns=answer())


def test_what_was_not_asked_is_not_lost() -> None:
    told = edns(BARE)
    assert (told.status, told.summary) == (Status.PASS, WHOLE)
    lines = [each.text.replace("\u00a0", " ") for each in told.details]
    assert "version 1: -" not in lines
    assert attempt_words_or_dash(None) == answer_words(None) == "-"


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((), None),
        (sized(of_512=SILENT), "none came, which proves nothing: the server may be asleep"),
        (sized(of_512=answer(size=454), of_1280=SILENT), "512 B: came; 1,280 B: lost"),
    ],
)
def test_answers_of_known_sizes_are_told_one_by_one(
    sizes: tuple[SizedAnswer, ...], words: str | None
) -> None:
    evidence = DnsEvidence(resolvers=(GOOD,), sizes=sizes)
    told = dns_edns.judge(case_of((DNS_SERVERS, evidence)), NoLimits())
    lines = [each.text for each in told.details if each.label == "Answers of known sizes"]
    assert [each.replace("\u00a0", " ") for each in lines] == ([] if words is None else [words])


@pytest.mark.parametrize(
    ("size", "truncated", "noted"), [(512, False, True), (513, False, False), (512, True, False)]
)
def test_a_long_answer_is_one_above_512_bytes(size: int, truncated: bool, noted: bool) -> None:
    short = answer(size=size, truncated=truncated)
    told = edns(replace(GOOD, large=short, large_tcp=answer(size=size), large_plain=PLAIN))
    assert any("has no answer over 512 bytes" in each.text for each in told.details) is noted


@pytest.mark.parametrize(
    ("arrived", "status"), [(1399, Status.WARN), (1400, Status.PASS), (1401, Status.PASS)]
)
def test_an_answer_as_long_as_the_one_that_was_lost_is_its_control(
    arrived: int, status: Status
) -> None:
    evidence = DnsEvidence(resolvers=(LOST,), sizes=sized(of_1472=answer(size=arrived)))
    assert dns_edns.judge(case_of((DNS_SERVERS, evidence)), NoLimits()).status is status


@pytest.mark.parametrize(("arrived", "status"), [(512, Status.WARN), (513, Status.PASS)])
def test_where_the_length_is_not_known_a_long_answer_is_enough(
    arrived: int, status: Status
) -> None:
    gone = replace(GOOD, large=SILENT, large_tcp=SILENT, large_plain=answer(opt=False))
    evidence = DnsEvidence(resolvers=(gone,), sizes=sized(of_600=answer(size=arrived)))
    assert dns_edns.judge(case_of((DNS_SERVERS, evidence)), NoLimits()).status is status


@pytest.mark.parametrize(
    ("again", "total", "much"), [(1, 2, False), (2, 9, True), (2, 2, True), (0, 9, False)]
)
def test_questions_that_were_asked_again_tell_of_a_loss(
    again: int, total: int, *, much: bool
) -> None:
    names = ("plain", "edns", "edns_large_buffer", "edns_dnssec", "unknown_option", "version_1",
             "large", "large_plain", "cross_check")  # fmt: skip
    one = answer()
    assert one.value is not None
    twice = replace(one, value=replace(one.value, sends=2))
    asked = {
        name: None if place >= total else twice if place < again else one
        for place, name in enumerate(names)
    }
    resolver = replace(GOOD, **asked) if asked["plain"] else GOOD
    assert dns_edns.loses_much(resolver) is much


@pytest.mark.parametrize(
    ("large", "cross", "status"),
    [
        # a name or type that this server does not answer, however long
        (answer("REFUSED"), None, Status.PASS),
        (answer("SERVFAIL"), None, Status.WARN),
        (answer("SERVFAIL"), answer("SERVFAIL"), Status.PASS),
        (answer("SERVFAIL"), answer(), Status.WARN),
        (SILENT, None, Status.PASS),
    ],
)
def test_a_long_name_that_is_answered_neither_short_nor_long_proves_nothing(
    large: Asked, cross: Asked | None, status: Status
) -> None:
    withheld = replace(GOOD, large=large, large_plain=large, large_tcp=large, cross_check=cross)
    told = edns(withheld)
    noted = any("is not answered here, short or long" in each.text for each in told.details)
    assert noted is (status is Status.PASS)


def test_lookups_are_measured_to_a_hundredth_of_a_millisecond() -> None:
    measured = port(replace(GOOD, plain=replace(PLAIN, duration_s=0.012345678))).measured
    assert 12.35 in [each.value for each in measured]


@pytest.mark.parametrize("kind", EdnsKind)
def test_what_got_no_answer_is_told_to_conclusions_as_that(kind: EdnsKind) -> None:
    lost = {each for each in EdnsKind if each.name.endswith("LOST")}
    expected = kind in {*lost, EdnsKind.DROPPED, EdnsKind.CUT_SHORT}
    assert EdnsFacts(kind=kind).unanswered is expected


def test_name_servers_that_nobody_needs_are_advice() -> None:
    """The system finds names by encrypted DNS, a VPN or a cache, and not by those that are set."""
    dead = replace(GOOD, plain=SILENT, tcp=SILENT)
    there = replace(ok((ENDPOINT,), "look_up"), target="control.example.com:80")
    nowhere = replace(failed(FailureCode.TIMED_OUT, "look_up"), target="control.example.com:80")
    pages = (page_try(), page_try(lookup=there))
    found = port(dead, web=WebEvidence(http=pages))
    assert found.status is Status.WARN
    assert found.summary.startswith("Names are found, but")
    # remembered names are no sign of a line
    silent = page_try(reached(connect=FailureCode.TIMED_OUT))
    cached = WebEvidence(http=(silent, replace(silent, lookup=there)))
    assert port(dead, web=cached).status is Status.UNKNOWN
    lost = port(dead, web=WebEvidence(http=(page_try(), page_try(lookup=nowhere))))
    assert lost.status is Status.FAIL
