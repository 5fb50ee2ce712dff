"""port.tcp80 and port.tcp443: did the real page come, and if not, what came?"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.connection_outcome import (
    COULD_NOT_TRY,
    FAMILY_PORT_SHUT,
    FAMILY_SERVER_DOWN,
    FULL_SIZE_LOST,
    FULL_SIZE_LOST_OF_FAMILY,
    FULL_SIZE_SUSPECTED,
    LOSSY,
    NAME_LATE,
    OUT_OF_DATE,
    SEGMENT_TEXTS,
    ConnectionFacts,
    ConnectionOutcome,
    ConnectionStep,
    LargeSegments,
    LostFamily,
    ending_words,
    is_late,
    large_segments,
    lost_family,
    open_elsewhere,
    page_ending,
    reached_quantities,
    why_lost,
)
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.shared.number_format import milliseconds, tried_by, with_unit
from natwizard.checks.shared.own_trouble import OWN_TROUBLE
from natwizard.checks.shared.proxy_unreachable import (
    DEAD_PROXY,
    UNSPOKEN_PROXY,
    dead_proxy,
    is_dead,
    passed_over_lines,
    proxy_failure,
    refused,
    unspoken_texts,
)
from natwizard.checks.verdict import Verdict, VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import SILENCES, Failure, FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.connection.page_exchange import PageResponseHead
from natwizard.probes.connection.reachability import leads_nowhere
from natwizard.probes.connection.trace import ProxyChoice
from natwizard.probes.network import ProxyScript, ScriptTrouble
from natwizard.probes.web import WEB, PageTry, WebEvidence

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}
PLAIN_PORT, SECURE_PORT = 80, 443
OUTCOME, HTTP_STATUS = "page_outcome", "http_status"
SLOW_PROXY_S = 3.0
"""As long as any server without one may take, a lost packet included (trace.STAGE_TIMEOUT_S)."""
REDIRECTION = 300  # RFC 9110, section 15.4, and what is above it
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500  # RFC 6585, section 4; RFC 9110, section 15.6
LOGIN_REQUIRED = 511  # RFC 6585, section 6: made for captive portals
# What a computer without any line meets, too: another answer has to show that there is one
NEEDS_LINE = {FailureCode.TIMED_OUT, FailureCode.NETWORK_UNREACHABLE}


class PageOutcome(StrEnum):
    """What came in place of the page, or the page itself."""

    REAL = "real"
    LOGIN = "login"
    OTHER = "other"
    STATUS = "status"
    LOOP = "loop"
    PASSWORD = "password"  # noqa: S105 - the proxy asks for one
    NOTHING = "nothing"


ALLOW = N_("Ask to allow outgoing TCP {port}.")
LEAVE_ALONE = N_("Ask what cuts or opens connections to port {port}, and to leave them alone.")
"""For a port that a connection came about to: it is open."""
ALLOW_REQUEST = N_(
    "Please allow outgoing TCP {port} from all computers that take calls, with nothing"
    " on the way that opens or cuts it. {seen}"
)
PROXY_FAILS = N_("Pages come directly, but not through your proxy.")
CHECK_SCRIPTS_PROXY = N_("Ask whether the proxy that the proxy script names is right.")
CHECK_PROXY_REQUEST = N_(
    "Please check the proxy that this computer is given: pages come directly, but not through it."
)


class PageKind(VerdictTable):
    """How a port stands."""

    COMES = passed(N_("Web pages come through."))
    COMES_SECURE = passed(N_("Secure web pages come through."))
    ONE_FAMILY_LOST = warned(
        N_("Secure web pages come, but not over {family}."),
        N_("Ask to repair {family} to the internet, or to switch it off."),
        N_(
            "Please repair the way to the internet over {family}, or switch {family} off in"
            " this network: pages come only over the other one, and browsers lose time on this."
        ),
    )
    FAMILY_PORT_SHUT = FAMILY_PORT_SHUT
    FAMILY_SERVER_DOWN = FAMILY_SERVER_DOWN
    FAMILY_FULL_SIZE_LOST = FULL_SIZE_LOST_OF_FAMILY
    UNVERIFIED = warned(
        N_("Secure pages come, but nobody known vouches for them."),
        N_("Ask to exempt the service from TLS inspection."),
        N_(
            "Please exempt the service from TLS inspection: a page on port {port} came"
            " with a certificate that no known authority vouches for."
        ),
    )
    OUT_OF_DATE = OUT_OF_DATE
    LOGIN = failed(
        N_("This network wants you to sign in first."),
        N_("Open your browser, sign in, then run again."),
    )
    OTHER_PAGE = warned(
        N_("Port {port} is open, but the test page did not come."),
        N_("Check the test page's address, or ask what filters it."),
        owner=Owner.HELPDESK,
    )
    SERVER_DOWN = warned(
        N_("Port {port} is open, but the test page's server does not answer."),
        N_("Ask whether that server is down, or what filters it."),
        owner=Owner.HELPDESK,
    )
    """Others take connections on the port, or this one took ours and all that was sent."""
    SERVER_FAILS = warned(
        N_("Port {port} is open, but the test page's server serves no page."),
        N_("Ask whether that server is well, or wants a certificate of this computer."),
        owner=Owner.HELPDESK,
    )
    """Its own words in a connection that a public authority vouches for, its being overloaded
    among them, or it asked for a certificate."""
    STAND_IN = warned(
        N_("Another page comes in place of those on port {port}."),
        N_("Ask which filter or proxy answers in place of pages on port {port}."),
        N_(
            "Please see which filter or proxy answers in place of web servers on TCP {port}. It is"
            " no login page: secure pages and UDP get out without one."
        ),
    )
    NAME_LATE = NAME_LATE
    NO_NAME = unknown(
        N_("The name of the test page could not be looked up."),
        N_("Check the address of the test page, then run again."),
        owner=Owner.HELPDESK,
    )
    NOTHING_ANSWERS = unknown(
        N_("Nothing answered, so port {port} could not be tested."),
        N_("Connect to the internet, then run again."),
    )
    STRANGER_SILENT = warned(
        N_("A public page on port {port} is silent, which proves nothing."),
        N_("Ask whether port {port} is open, or run again later."),
        N_(
            "Please see whether outgoing TCP {port} is open: one public page does not come, which"
            " may be its own fault."
        ),
    )
    BLOCKED = failed(N_("Your network blocks web pages on port {port}."), ALLOW, ALLOW_REQUEST)
    CUT = failed(N_("Connections to port {port} are cut at once."), ALLOW, ALLOW_REQUEST)
    TURNED_AWAY = failed(N_("Web pages on port {port} are turned away."), ALLOW, ALLOW_REQUEST)
    FULL_SIZE_LOST = FULL_SIZE_LOST
    FULL_SIZE_SUSPECTED = FULL_SIZE_SUSPECTED
    SILENT_AT_ENCRYPTION = failed(
        N_("Secure pages on port {port} fall silent as encryption begins."),
        LEAVE_ALONE,
        ALLOW_REQUEST,
    )
    CUT_AT_ENCRYPTION = failed(
        N_("Something cuts secure pages, port {port}, as encryption begins."),
        LEAVE_ALONE,
        ALLOW_REQUEST,
    )
    NOT_ENCRYPTED = failed(
        N_("Secure pages on port {port} cannot be encrypted."), LEAVE_ALONE, ALLOW_REQUEST
    )
    SILENT_AFTER_QUESTION = failed(
        N_("Port {port} takes the question, but no page comes back."), LEAVE_ALONE, ALLOW_REQUEST
    )
    CUT_AFTER_QUESTION = failed(
        N_("Something cuts web pages on port {port}."), LEAVE_ALONE, ALLOW_REQUEST
    )
    NO_WEB_SERVER = failed(
        N_("Something that is no web server answers on port {port}."), LEAVE_ALONE, ALLOW_REQUEST
    )
    PROXY_PASSWORD = warned(
        N_("Your proxy asks for a password that we do not have."),
        N_("Ask for a proxy exception for the service's addresses."),
        N_(
            "Please exempt the service's addresses from the proxy's sign-in: what takes"
            " calls has no password for it."
        ),
    )
    PROXY_REFUSES = failed(
        N_("Your proxy does not let the test page through."),
        N_("Ask to allow CONNECT to {target} on the proxy."),
        N_("Please allow CONNECT to {target} on the proxy: it refuses it to this computer."),
    )
    PROXY_SLOW = warned(
        N_("Your proxy takes {time} to open a connection."),
        N_("Ask why the proxy is so slow, or for an exception for the service."),
        N_(
            "Please see why the proxy takes {time} to open a connection to {target}: browsers wait"
            " as long for each new one. Or exempt the service's addresses from the proxy."
        ),
    )
    PROXY_FINDS_NOBODY = unknown(
        N_("Your proxy could not reach the test page's server."),
        N_("Ask whether the proxy gets out by port {port}, or that server is down."),
        N_(
            "Please see why the proxy does not reach {target}: it answers this computer that it"
            " tried and could not. A firewall behind it may close TCP {port}, or that server may be"
            " down."
        ),
    )
    COULD_NOT_TRY = COULD_NOT_TRY
    LOSSY = LOSSY
    UNSPOKEN_PROXY = UNSPOKEN_PROXY
    PROXY_DEAD = dead_proxy(Status.FAIL)
    SET_PROXY_DEAD = dead_proxy(Status.WARN)
    SET_PROXY_FAILS = warned(
        PROXY_FAILS,
        N_("Ask whether the proxy's address in your settings is right."),
        CHECK_PROXY_REQUEST,
    )
    SCRIPTS_PROXY_DEAD = warned(DEAD_PROXY, CHECK_SCRIPTS_PROXY, CHECK_PROXY_REQUEST)
    SCRIPTS_PROXY_FAILS = warned(PROXY_FAILS, CHECK_SCRIPTS_PROXY, CHECK_PROXY_REQUEST)


FAMILY_LOST: Final[Mapping[LostFamily, PageKind]] = {
    LostFamily.LEADS_NOWHERE: PageKind.ONE_FAMILY_LOST,
    LostFamily.PORT_SHUT: PageKind.FAMILY_PORT_SHUT,
    LostFamily.SERVER_DOWN: PageKind.FAMILY_SERVER_DOWN,
}
PROXY_S_WORD: Final[Mapping[FailureCode | None, PageKind]] = {
    FailureCode.PROXY_FOUND_NOBODY: PageKind.PROXY_FINDS_NOBODY,
    FailureCode.HTTP_STATUS: PageKind.PROXY_REFUSES,
}
"""What it answers to CONNECT."""
OF_CONNECTION = {PageKind.BLOCKED, PageKind.CUT, PageKind.TURNED_AWAY}
"""No connection came about: the port is closed, or the server is down."""
BY_ITS_SERVER = {
    FailureCode.BAD_ANSWER,
    FailureCode.CERTIFICATE_WANTED,
    FailureCode.TLS_FAILED,
    FailureCode.TOO_LARGE,
}
"""Nobody on the way can say such a thing within a connection that is verified."""
IN_PLACE_OF_PAGES = {PageOutcome.LOGIN, PageOutcome.OTHER}
AFTER_CONNECTION = {PageKind.SILENT_AT_ENCRYPTION, PageKind.SILENT_AFTER_QUESTION}
BY_SILENCE = {
    PageKind.BLOCKED,
    PageKind.FULL_SIZE_LOST,
    PageKind.FULL_SIZE_SUSPECTED,
    PageKind.SILENT_AT_ENCRYPTION,
    PageKind.SILENT_AFTER_QUESTION,
}
# Browsers go a way that this program does not, so what it sees by the direct one proves little.
OURS = {ScriptTrouble.OTHER_KIND, ScriptTrouble.NOT_RUN}
IN_BROWSER = N_("Open the service in the browser: it can use that proxy.")
NOT_FETCHED = N_("The proxy script could not be fetched, so browsers go directly.")
NOT_THERE = N_("Ask to put the proxy script's server right, or to take it out of the settings.")
MEND = N_("Ask to mend the proxy script: the details say what is wrong.")
MEND_REQUEST = N_(
    "Please put the proxy script of this computer's settings right. {script}."
    " Until then its browsers go past the proxy."
)
SCRIPT_VERDICTS: Final[Mapping[ScriptTrouble, Verdict]] = {
    ScriptTrouble.NOT_FETCHED: failed(NOT_FETCHED, NOT_THERE, MEND_REQUEST),
    ScriptTrouble.NO_ANSWER: failed(NOT_FETCHED, NOT_THERE, MEND_REQUEST),
    ScriptTrouble.SYNTAX: failed(
        N_("The proxy script has a mistake, so browsers go directly."), MEND, MEND_REQUEST
    ),
    ScriptTrouble.NO_FUNCTION: failed(
        N_("The proxy script decides nothing, so browsers go directly."), MEND, MEND_REQUEST
    ),
    ScriptTrouble.THROWS: failed(
        N_("The proxy script breaks off, so browsers go directly."), MEND, MEND_REQUEST
    ),
    ScriptTrouble.ENDLESS: failed(
        N_("The proxy script comes to no end, so browsers may wait long."), MEND, MEND_REQUEST
    ),
    ScriptTrouble.GREEDY: failed(
        N_("The proxy script takes too much memory, so browsers may fail."), MEND, MEND_REQUEST
    ),
    ScriptTrouble.NONSENSE: failed(
        N_("The proxy script's answer names no way, so browsers go directly."), MEND, MEND_REQUEST
    ),
    ScriptTrouble.OTHER_KIND: unknown(
        N_("The proxy script names a proxy that this program cannot use."),
        IN_BROWSER,
        owner=Owner.HELPDESK,
    ),
    ScriptTrouble.NOT_RUN: unknown(
        N_("A proxy script decides here, which this program could not run."),
        IN_BROWSER,
        owner=Owner.HELPDESK,
    ),
}
"""As it stands where no page comes without the script."""


class PagePath(Struct, frozen=True, kw_only=True):
    """How a page fared by one way; `page` is None where nothing was answered, `large_segments`
    where it did not fall silent, or for another reason. `proxy_s` is how long a proxy took to open
    the quickest connection.
    """

    outcome: PageOutcome
    ending: ConnectionOutcome
    page: PageResponseHead | None = None
    large_segments: LargeSegments | None = None
    proxy_s: float = 0.0

    @property
    def real(self) -> bool:
        """Whether the page itself came."""
        return self.outcome is PageOutcome.REAL


class PageFacts(ConnectionFacts, frozen=True, kw_only=True):
    """As ConnectionFacts, and what came.

    Attributes:
        by_proxy: whether the real page came through a proxy; None where it came by no way.
        proxy_fails: a proxy is there, asks for no password, and brings no page; its silence counts
            only where the page comes without it.
        script: the proxy script that decides, or None.
    """

    outcome: PageOutcome
    by_proxy: bool | None = None
    proxy_fails: bool = False
    script: ProxyScript | None = None

    @property
    def script_broken(self) -> bool:
        """Somebody has to mend the script: browsers get no answer from it either."""
        return self.script is not None and is_broken(self.script)

    @property
    def script_unusable(self) -> bool:
        """The script may be fine, and this program cannot follow it."""
        return self.script is not None and self.script.trouble in OURS


def judge_tcp80(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The page has to come; silence counts where port 443, or anything else, answers."""
    web = inputs.evidence(WEB)
    tries = _tries(web.http, "targets.http")
    others = _others_answer(inputs, SECURE_PORT)
    judged = _judge(PLAIN_PORT, tries, web.http_choice, inputs.line, other_answers=others)
    judged = _without_login(judged, inputs, web)
    if not web.http_control:
        return judged
    return _beside_control(judged, web, inputs.line, other_answers=others)


def _without_login(judged: Judgement, inputs: Inputs, web: WebEvidence) -> Judgement:
    """A page in place of another is no login page where nobody has to sign in: a secure page
    comes, which nobody on the way can have made, and UDP is answered, or was not asked.

    That somebody on the way puts it there takes two pages of different owners: the owner of one
    may have changed it.
    """
    facts = judged.facts
    if not isinstance(facts, PageFacts) or facts.outcome is not PageOutcome.LOGIN:
        return judged
    secure = _path(web.https[0]) if web.https else None
    signed_in = secure is not None and secure.real and secure.ending.verified
    led_away = _status_of(judged) >= REDIRECTION
    # what leads elsewhere may be a login, unless something shows that nothing is held back
    free = inputs.line.udp_leads_out or (inputs.line.stun_hosts == 0 and not led_away)
    if not signed_in or not free or _status_of(judged) == LOGIN_REQUIRED:
        return judged
    replaced = any(_path(each).outcome in IN_PLACE_OF_PAGES for each in web.http_control)
    kind = PageKind.STAND_IN if replaced else PageKind.OTHER_PAGE
    observed = (
        _("another page answers in place of the real page")
        if replaced
        else _("another page than the expected one")
    )
    return kind.verdict.judgement(
        texts={"port": PLAIN_PORT}, observed=observed,
        expected=judged.expected, measured=tuple(map(_as_other, judged.measured)),
        details=judged.details, tried=judged.tried,
        facts=replace(facts, outcome=PageOutcome.OTHER),
    )  # fmt: skip


def _status_of(judged: Judgement) -> int:
    found = (each.value for each in judged.measured if each.name == HTTP_STATUS)
    return next((value for value in found if isinstance(value, int)), 0)


def _page_of_its_own(web: WebEvidence) -> bool:
    """Whether the first page's own server serves another one now, or leads elsewhere: whoever puts
    pages in place of others does so with the second one, too. Some portals let the pages through
    that systems look for them with, so a secure page has to come as well.
    """
    secure = _path(web.https[0]) if web.https else None
    control = any(_path(each).real for each in web.http_control)
    return control and secure is not None and secure.real and secure.ending.verified


def _as_other(quantity: Quantity) -> Quantity:
    is_outcome = quantity.name == OUTCOME
    return replace(quantity, value=PageOutcome.OTHER.value) if is_outcome else quantity


def _beside_control(
    judged: Judgement, web: WebEvidence, line: LineFacts, *, other_answers: bool
) -> Judgement:
    """What a page of somebody else shows of the port counts where the first one shows nothing."""
    facts = judged.facts
    if not isinstance(facts, PageFacts):
        return judged
    if facts.outcome in IN_PLACE_OF_PAGES and _page_of_its_own(web):
        return PageKind.OTHER_PAGE.verdict.judgement(
            texts={"port": PLAIN_PORT}, observed=_("another page than the expected one"),
            expected=judged.expected, measured=tuple(map(_as_other, judged.measured)),
            details=judged.details, tried=judged.tried,
            facts=replace(facts, outcome=PageOutcome.OTHER),
        )  # fmt: skip
    if facts.outcome is not PageOutcome.NOTHING:
        return judged
    control = _judge(
        PLAIN_PORT, web.http_control, web.http_choice, line, other_answers=other_answers
    )
    first, second = (
        urlsplit(tries[0].url).hostname or "" for tries in (web.http, web.http_control)
    )
    observed = "; ".join((labelled(second, control.observed), labelled(first, judged.observed)))
    tried = (*judged.tried, *control.tried)
    if isinstance(control.facts, PageFacts) and control.facts.outcome is not PageOutcome.NOTHING:
        return replace(control, observed=observed, tried=tried)
    if judged.status is Status.FAIL and web.http_is_public and control.status is not Status.FAIL:
        texts = {"port": PLAIN_PORT}
        judged = PageKind.STRANGER_SILENT.verdict.judgement(
            texts=texts, observed=observed, expected=judged.expected,
            measured=judged.measured, details=judged.details, facts=facts,
        )  # fmt: skip
    return replace(judged, observed=observed, tried=tried)


def judge_tcp443(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The page has to come; silence counts where port 80, or anything else, answers."""
    web = inputs.evidence(WEB)
    tries = _tries(web.https, "targets.https")
    return _judge(
        SECURE_PORT,
        tries,
        web.https_choice,
        inputs.line,
        other_answers=_others_answer(inputs, PLAIN_PORT),
    )


def _others_answer(inputs: Inputs, other_port: int) -> bool:
    """Whether this computer is connected for all that is known: then silence is the port's."""
    return other_port in inputs.line.pages_answered or inputs.line.leads_out


def _tries(tries: tuple[PageTry, ...], setting: str) -> tuple[PageTry, ...]:
    """The direct way, then the proxy's. Raises EvidenceMissing where no page is set."""
    if not tries:
        no_target = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail=setting)
        raise EvidenceMissing(WEB.name, no_target)
    return tries


def _judge(
    port: int,
    tries: tuple[PageTry, ...],
    choice: ProxyChoice | None,
    line: LineFacts,
    *,
    other_answers: bool,
) -> Judgement:
    lossy = line.loses_much
    script = choice.script if choice is not None else None
    direct = _path(tries[0])
    proxied = _path(tries[1]) if len(tries) > 1 else None
    by_proxy = proxied is not None and _proxy_decides(direct, proxied)
    deciding = proxied if by_proxy and proxied is not None else direct
    lost = ""
    if port == SECURE_PORT and proxied is None and not lossy:
        lost = _lost_family(tries[0])
    why = why_lost(lost, port, tries[0].lookup, line) if lost else None
    kind = None
    if proxied is not None:
        kind = _kind_by_proxy(port, direct, proxied, by_script=script is not None)
    by_script = kind is None and script is not None and _script_explains(script, direct)
    kind = kind or _kind_directly(port, direct, why, other_answers=other_answers)
    large = _large_segments(tries[0], lost) if lost else direct.large_segments
    kind = _by_size(kind, large)
    if lossy and kind in BY_SILENCE:
        kind = PageKind.LOSSY
    if kind in OF_CONNECTION and open_elsewhere(port, tries[0].lookup, line):
        kind = PageKind.SERVER_DOWN
    if kind is PageKind.SILENT_AFTER_QUESTION and _was_taken(port, direct.ending):
        kind = PageKind.SERVER_DOWN
    verdict = kind.verdict
    if by_script and script is not None:
        verdict = _by_script(script, direct, other_answers=other_answers)
    if deciding.outcome is PageOutcome.NOTHING and choice is not None and choice.unspoken:
        verdict = PageKind.UNSPOKEN_PROXY.verdict
    facts = PageFacts(
        step=deciding.ending.step,
        code=deciding.ending.code,
        port=port,
        lost_family=lost,
        why_lost=why,
        large_segments=large,
        proxy_failure=proxy_failure(proxied.ending if proxied is not None else None),
        outcome=deciding.outcome,
        by_proxy=_real_by_proxy(direct, proxied),
        proxy_fails=proxied is not None and _fails(proxied, direct),
        script=script,
    )
    seen = {
        "port": port,
        "family": lost,
        "time": with_unit(proxied.proxy_s if proxied is not None else 0.0, "s"),
    }
    return verdict.judgement(
        texts={
            **seen,
            "target": _place_of(tries[0]),
            "seen": _(str(kind.verdict.summary)).format(**seen),
            "script": _script_line(script) if script is not None else "",
            **SEGMENT_TEXTS,
            **unspoken_texts(choice),
        },
        observed=_observed(direct, proxied),
        expected=_("the real page"),
        measured=_measured(facts, deciding),
        details=(
            *_details(tries, direct, proxied),
            *passed_over_lines(choice),
            *_script_lines(script),
        ),
        tried=tried_by(tries),
        facts=facts,
    )


def _by_size(kind: PageKind, large: LargeSegments | None) -> PageKind:
    """What is known of the size of packets, where it fell silent on an open port."""
    if large is LargeSegments.LOST and kind in FAMILY_LOST.values():
        return PageKind.FAMILY_FULL_SIZE_LOST
    if large is None or kind not in AFTER_CONNECTION:
        return kind
    return PageKind.FULL_SIZE_LOST if large is LargeSegments.LOST else PageKind.FULL_SIZE_SUSPECTED


def _proxy_decides(direct: PagePath, proxied: PagePath) -> bool:
    """What a proxy lets through counts; so does one that asks for a password or is not there."""
    if direct.real:
        return False
    asks = proxied.outcome is PageOutcome.PASSWORD
    says_no = direct.outcome is PageOutcome.NOTHING and proxied.ending.code in PROXY_S_WORD
    return proxied.real or asks or says_no or refused(proxied.ending)


def _kind_by_proxy(
    port: int, direct: PagePath, proxied: PagePath, *, by_script: bool
) -> PageKind | None:
    """Where the proxy makes the difference; None where the direct way says as much."""
    if proxied.real and proxied.proxy_s > SLOW_PROXY_S:
        return PageKind.PROXY_SLOW
    if proxied.real:
        return None if direct.real else _comes(port)
    if proxied.outcome is PageOutcome.PASSWORD:
        return PageKind.PROXY_PASSWORD
    if direct.outcome is PageOutcome.NOTHING and proxied.ending.code in PROXY_S_WORD:
        return PROXY_S_WORD[proxied.ending.code]
    if direct.real and is_dead(proxied.ending):
        return PageKind.SCRIPTS_PROXY_DEAD if by_script else PageKind.SET_PROXY_DEAD
    if direct.real:
        return PageKind.SCRIPTS_PROXY_FAILS if by_script else PageKind.SET_PROXY_FAILS
    return PageKind.PROXY_DEAD if refused(proxied.ending) else None


def _kind_directly(
    port: int, direct: PagePath, lost: LostFamily | None, *, other_answers: bool
) -> PageKind:
    """Silence only counts against the port where something else answers."""
    match direct.outcome:
        case PageOutcome.REAL if direct.ending.verified:
            return FAMILY_LOST[lost] if lost else _comes(port)
        case PageOutcome.REAL:
            return PageKind.OUT_OF_DATE if direct.ending.out_of_date else PageKind.UNVERIFIED
        case PageOutcome.LOGIN:
            return PageKind.LOGIN
        case PageOutcome.PASSWORD:
            return PageKind.PROXY_PASSWORD
        case PageOutcome.STATUS if port == SECURE_PORT and _is_overloaded(direct):
            return PageKind.SERVER_FAILS
        case PageOutcome.OTHER | PageOutcome.STATUS | PageOutcome.LOOP:
            return PageKind.OTHER_PAGE
        case PageOutcome.NOTHING:
            return _kind_of_nothing(port, direct.ending, other_answers=other_answers)


def _is_overloaded(direct: PagePath) -> bool:
    """Whether its server itself says that it cannot now: nobody on the way filters that."""
    status = direct.page.status if direct.page is not None else 0
    return direct.ending.sealed and (status >= SERVER_ERROR or status == TOO_MANY_REQUESTS)


def _comes(port: int) -> PageKind:
    return PageKind.COMES_SECURE if port == SECURE_PORT else PageKind.COMES


def _was_taken(port: int, ending: ConnectionOutcome) -> bool:
    """Whether the question arrived where the encryption ends."""
    sealed = port == SECURE_PORT and ending.sealed
    return sealed and ending.code is FailureCode.UNANSWERED


def _kind_of_nothing(port: int, ending: ConnectionOutcome, *, other_answers: bool) -> PageKind:
    """No page at all: why?"""
    silent, cut = ending.code in SILENCES, ending.code in CUT
    if ending.step is ConnectionStep.NAME:
        return PageKind.NAME_LATE if is_late(ending) else PageKind.NO_NAME
    if ending.code in OWN_TROUBLE:
        return PageKind.COULD_NOT_TRY
    if ending.code in NEEDS_LINE and not other_answers:
        return PageKind.NOTHING_ANSWERS
    if ending.step is ConnectionStep.ENCRYPTION:
        return _kind_at_encryption(ending)
    if ending.step is ConnectionStep.EXCHANGE:
        sealed = port == SECURE_PORT and ending.sealed
        if sealed and ending.code in BY_ITS_SERVER:
            return PageKind.SERVER_FAILS
        if silent:
            return PageKind.SILENT_AFTER_QUESTION
        return PageKind.CUT_AFTER_QUESTION if cut else PageKind.NO_WEB_SERVER
    if silent:
        return PageKind.BLOCKED
    return PageKind.CUT if cut else PageKind.TURNED_AWAY


def _kind_at_encryption(ending: ConnectionOutcome) -> PageKind:
    if ending.code is FailureCode.CERTIFICATE_WANTED and ending.verified:
        return PageKind.SERVER_FAILS
    if ending.code in SILENCES:
        return PageKind.SILENT_AT_ENCRYPTION
    return PageKind.CUT_AT_ENCRYPTION if ending.code in CUT else PageKind.NOT_ENCRYPTED


def is_broken(script: ProxyScript) -> bool:
    """Somebody has to mend it: browsers get no answer from it either."""
    return script.trouble not in {None, ScriptTrouble.NONE_NAMED, *OURS}


def _script_explains(script: ProxyScript, direct: PagePath) -> bool:
    """Whether it is what to say of a page that came directly, or did not come at all.

    A login page or a wrong one has causes of its own.
    """
    if direct.real:
        return is_broken(script)
    nothing = direct.outcome is PageOutcome.NOTHING
    return nothing and (is_broken(script) or script.trouble in OURS)


def _by_script(script: ProxyScript, direct: PagePath, *, other_answers: bool) -> Verdict:
    """Advice where pages come directly; else they do not come for browsers either.

    Unless the script's own server is as silent as the rest: then the line may be down.
    """
    verdict = SCRIPT_VERDICTS[script.trouble or ScriptTrouble.NOT_RUN]
    if direct.real:
        return replace(verdict, status=Status.WARN)
    silent = direct.ending.code in NEEDS_LINE or direct.ending.step is ConnectionStep.NAME
    if script.trouble is ScriptTrouble.NO_ANSWER and silent and not other_answers:
        return replace(verdict, status=Status.UNKNOWN)
    return verdict


def _script_line(script: ProxyScript) -> str:
    """Where the script lies and what it says, for whoever keeps it."""
    if script.trouble is ScriptTrouble.NONE_NAMED:
        return _("the settings ask the network for one (WPAD by DNS), which names none")
    if script.answer:
        text = _("{script} answers: {answer}")
    elif script.trouble is None:
        text = _("{script} answers nothing: the direct way")
    else:
        text = _("{script}: {trouble}")
    detail = script.detail or (script.trouble.value if script.trouble else "")
    line = text.format(script=script.address, answer=script.answer, trouble=detail)
    if not script.names_s:
        return line
    waited = _("it waited {time} for name servers").format(time=with_unit(script.names_s, "s"))
    return f"{line} ({waited})"


def _script_lines(script: ProxyScript | None) -> tuple[Detail, ...]:
    return () if script is None else (Detail(label=_("Proxy script"), text=_script_line(script)),)


def _place_of(page_try: PageTry) -> str:
    """Host and port of its URL, for whoever has to allow it."""
    return urlsplit(page_try.url).netloc


def _lost_family(page_try: PageTry) -> str:
    return lost_family(
        [(each.reach.family, page_ending(page_try.lookup, (each,))) for each in page_try.addresses]
    )


def _large_segments(page_try: PageTry, family: str = "") -> LargeSegments | None:
    return large_segments(
        (each.reach, each.segments)
        for each in page_try.addresses
        if not family or each.reach.family == family
    )


def _path(page_try: PageTry) -> PagePath:
    ending = _ending(page_try)
    pages = [each.page for each in page_try.addresses if each.page is not None and each.page.ok]
    verdicts = [
        (_outcome(page.value, page_try.url, ending), page.value)
        for page in pages
        if page.value is not None
    ]
    if not verdicts:
        asked = ending.code is FailureCode.PROXY_AUTHENTICATION
        return PagePath(
            outcome=PageOutcome.PASSWORD if asked else PageOutcome.NOTHING,
            ending=ending,
            large_segments=_large_segments(page_try),
        )
    real = [verdict for verdict in verdicts if verdict[0] is PageOutcome.REAL]
    outcome, page = (real or verdicts)[0]
    tunnels = [each.reach.tunnel for each in page_try.addresses]
    opened_s = [tunnel.duration_s for tunnel in tunnels if tunnel is not None and tunnel.ok]
    return PagePath(outcome=outcome, ending=ending, page=page, proxy_s=min(opened_s, default=0.0))


def _ending(page_try: PageTry) -> ConnectionOutcome:
    """Filters of names lead what they hide to 0.0.0.0 or ::, which is this computer: whoever turns
    the connection away there is nobody on the line.
    """
    lookup = page_try.lookup
    if not leads_nowhere(lookup):
        return page_ending(lookup, page_try.addresses)
    hidden = Failure(code=FailureCode.NAME_NOT_FOUND, operation=lookup.operation)
    return page_ending(replace(lookup, value=None, failure=hidden), ())


def _outcome(page: PageResponseHead, url: str, ending: ConnectionOutcome) -> PageOutcome:
    """Over a verified connection nobody on the way can have put another page in place."""
    verified = url.startswith("https:") and ending.sealed
    if page.status == 407:
        return PageOutcome.PASSWORD
    if page.status == LOGIN_REQUIRED:
        return PageOutcome.LOGIN
    if page.status >= 400:
        return PageOutcome.STATUS
    if page.status >= 300:
        return _redirected(page, url, verified=verified)
    if page.holds_expected:
        return PageOutcome.REAL
    return PageOutcome.OTHER if verified else PageOutcome.LOGIN


def _redirected(page: PageResponseHead, url: str, *, verified: bool) -> PageOutcome:
    here, there = urlsplit(url), _split(page.location)
    if there is None or not there[1] or _related(here.hostname or "", there[1]):
        same_scheme = there is None or there[0] in {"", here.scheme}
        return PageOutcome.LOOP if same_scheme else PageOutcome.REAL
    return PageOutcome.REAL if verified else PageOutcome.LOGIN


def _split(location: str) -> tuple[str, str] | None:
    """Scheme and host of a stranger's URL; None if it is none."""
    try:
        parts = urlsplit(location)
        return parts.scheme.lower(), parts.hostname or ""
    except ValueError:
        return None


def _related(one: str, other: str) -> bool:
    """www.example.com and example.com are one server to a person."""
    one, other = (name.lower().removeprefix("www.") for name in (one, other))
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _observed(direct: PagePath, proxied: PagePath | None) -> str:
    if proxied is None:
        return _words(direct)
    return _("through the proxy: {proxied}; directly: {direct}").format(
        proxied=_words(proxied), direct=_words(direct)
    )


def _words(path: PagePath) -> str:
    match path.outcome:
        case PageOutcome.LOGIN:
            return _("a login page answers in place of the real page")
        case PageOutcome.OTHER:
            return _("another page than the expected one")
        case PageOutcome.LOOP:
            return _("a redirect that leads nowhere")
        case PageOutcome.STATUS if path.page is not None:
            return f"HTTP {path.page.status}"
        case PageOutcome.PASSWORD:
            return _("the proxy asks for a password")
        case PageOutcome.REAL:
            time = milliseconds(path.ending.answered_s * 1000)
            return _("the page came in {time}").format(time=time)
        case _:
            return ending_words(path.ending)


def _measured(facts: PageFacts, deciding: PagePath) -> tuple[Quantity, ...]:
    found = [
        Quantity(name="port", value=facts.port, unit=Unit.COUNT),
        Quantity(name=OUTCOME, value=deciding.outcome.value, unit=Unit.TEXT),
        *reached_quantities(facts.step, facts.code),
    ]
    if deciding.page is not None:
        time_ms = round(deciding.ending.answered_s * 1000, 2)
        found.append(Quantity(name=HTTP_STATUS, value=deciding.page.status, unit=Unit.COUNT))
        found.append(Quantity(name="page", value=time_ms, unit=Unit.MILLISECOND))
    if facts.by_proxy is not None:
        route = "proxy" if facts.by_proxy else "direct"
        found.append(Quantity(name="route", value=route, unit=Unit.TEXT))
    if facts.script is not None:
        state = facts.script.trouble.value if facts.script.trouble else "works"
        found.append(Quantity(name="proxy_script", value=state, unit=Unit.TEXT))
    return tuple(found)


def _fails(proxied: PagePath, direct: PagePath) -> bool:
    nothing = proxied.outcome in {PageOutcome.NOTHING, PageOutcome.STATUS}
    if not nothing or is_dead(proxied.ending) or proxied.ending.step is ConnectionStep.NAME:
        return False
    return direct.real or proxied.ending.code not in NEEDS_LINE


def _real_by_proxy(direct: PagePath, proxied: PagePath | None) -> bool | None:
    """Whether the real page came only through the proxy; None where it did not come."""
    if direct.real:
        return False
    return True if proxied is not None and proxied.real else None


def _details(
    tries: Sequence[PageTry], direct: PagePath, proxied: PagePath | None
) -> tuple[Detail, ...]:
    lines = [Detail(label=_("Page"), text=tries[0].url)]
    pages = [way.page for way in (direct, proxied) if way is not None and way.page is not None]
    lines += [Detail(label=_("Leads on to"), text=page.location) for page in pages if page.location]
    if proxied is not None:
        lines.append(Detail(label=_("Proxy"), text=tries[1].proxy))
    return tuple(lines)


PORT_TCP80 = Check(
    name="port.tcp80",
    meaning=N_(
        "Web pages without encryption come in by this port. Networks where you must sign in "
        "first are recognised by it."
    ),
    title=N_("TCP port 80 (web pages)"),
    term="TCP port 80",
    page=Page.FIREWALL_PORTS,
    settings=("http",),
    reads_silence=True,
    needs=(WEB,),
    limits=NoLimits,
    judge=judge_tcp80,
)
PORT_TCP443 = Check(
    name="port.tcp443",
    meaning=N_(
        "Salesforce and the pages of the webphone come in by this port. Without it nothing works."
    ),
    title=N_("TCP port 443 (secure web pages)"),
    term="TCP port 443",
    page=Page.FIREWALL_PORTS,
    settings=("https",),
    reads_silence=True,
    needs=(WEB,),
    limits=NoLimits,
    judge=judge_tcp443,
)
