"""The finding of a check whose evidence is missing, and what would settle it.

It is UNKNOWN, for somebody tried; where nobody signed in it is MANUAL, and where the profile names
nothing to try it is NOT_SET_UP: nobody did.
"""

from msgspec import Struct

from natwizard.checks.shared.number_format import failure_words, why_it_failed
from natwizard.checks.verdict import not_set_up
from natwizard.model.finding import Detail, Judgement, Owner, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.profile import Question


class VoidFacts(Struct, frozen=True, kw_only=True):
    """Something happened to this computer while the evidence of a check was gathered, so that it
    is void: `code` is one of VOID; or it had no time to gather it (MACHINE_BUSY).
    """

    code: FailureCode


VOID = {FailureCode.LINE_CHANGED, FailureCode.SLEPT, FailureCode.STOOD_STILL}
OF_THIS_COMPUTER = {*VOID, FailureCode.MACHINE_BUSY}


SALESFORCE_REMEDIES = {
    FailureCode.NOT_SIGNED_IN: N_("Sign in to Salesforce, then run again."),
    FailureCode.SIGN_IN_REFUSED: N_("Check the app's settings in Salesforce, then sign in again."),
    FailureCode.APP_BLOCKED: N_(
        "In Setup, Connected Apps OAuth Usage, install or unblock the app, then sign in again:"
        " Salesforce blocks apps that are not installed since September 2025."
    ),
    FailureCode.SESSION_EXPIRED: N_("Sign in to Salesforce again, then run again."),
    FailureCode.ACCESS_DENIED: N_(
        "Sign in as a System Administrator who may view the setup, then run again."
    ),
    FailureCode.ALLOWANCE_USED_UP: N_(
        "Run again when the org has API calls left; the allowance is counted over 24 hours."
    ),
    FailureCode.API_DISABLED: N_("Switch the API on for org and user, then run again."),
    FailureCode.LED_ELSEWHERE: N_(
        "Check {setting} in the profile: your sign-in was sent to no other server."
    ),
}

# Salesforce may show why on its own page, and send nobody back
SIGN_IN_TIMED_OUT = N_(
    "Sign in again. Where Salesforce's page says that the app is blocked or not found: install it"
    " in Setup, Connected Apps OAuth Usage (in newer orgs: External Client Apps)."
)
SIGN_IN = "sign_in"
"""The operation of a sign-in in the browser, as its failures name it."""

NOT_SET_UP = N_("Not set up: this computer does not have the service's addresses.")
SET_UP = N_("Give this computer a profile with the service's addresses.")
SET_UP_REQUEST = N_(
    "To our account team at Natterbox: please name the addresses that we may test against: the"
    " webphone's websocket (TCP 10062), its STUN servers (UDP 5060 and 3479), a server that answers"
    " on UDP 5000 to 64000, and a media server. They go into a profile for natwizard; until then"
    " its tests tell about our network and not about the service."
)
"""The same for every row, so that all of them are one thing to do."""

REMEDIES = {
    FailureCode.LINE_CHANGED: (
        N_("Leave cable, Wi-Fi and VPN as they are, then run again."),
        Owner.AGENT,
    ),
    FailureCode.SLEPT: (N_("Keep this computer awake, then run again."), Owner.AGENT),
    FailureCode.STOOD_STILL: (
        N_("Close programs you do not need, then run again."),
        Owner.AGENT,
    ),
    FailureCode.FAR_END_SILENT: (
        N_("Check that the test server runs, then run again."),
        Owner.HELPDESK,
    ),
    FailureCode.SERVER_FULL: (
        N_("Ask for more calls at once on the TURN server, or run again when fewer people test."),
        Owner.HELPDESK,
    ),
    FailureCode.BLOCKED_HERE: (
        N_("See which firewall or security program here stops natwizard, and allow it."),
        Owner.HELPDESK,
    ),
    FailureCode.MACHINE_BUSY: (
        N_("Close programs you do not need, then run again."),
        Owner.AGENT,
    ),
}
"""What would settle it, and who can, where that needs no word of the failure's detail."""


def judge_not_set_up(expected: str, setting: str, summary: str = NOT_SET_UP) -> Judgement:
    """Nobody tried, for the profile names nothing to try. The setting is a detail."""
    return not_set_up(summary, SET_UP, SET_UP_REQUEST).judgement(
        observed=_("not set up"),
        expected=expected,
        details=(Detail(label=_("For administrators"), text=setting),),
    )


def judge_missing(
    title: str, expected: str, failure: Failure, *, connected: bool = False
) -> Judgement:
    """Say what could not be seen, why, and what to do about it.

    Args:
        connected: whether anything else got out, so that one way that is shut is a firewall's
            or a router's doing and not a cable's.
    """
    if failure.code is FailureCode.NO_TARGET:
        return judge_not_set_up(expected, failure.detail)
    return Judgement(
        status=Status.UNKNOWN,
        summary=_summary(title, failure),
        observed=_observed(failure),
        expected=expected,
        remedy=_remedy(failure, connected=connected),
        facts=VoidFacts(code=failure.code) if failure.code in OF_THIS_COMPUTER else None,
        details=(Detail(label=_("Why we say so"), text=why_it_failed(failure)),),
    )


def judge_not_signed_in(text: str, question: Question | None) -> Judgement:
    """A question that a person answers by looking, or by signing in; it holds no verdict back."""
    if question is None:
        sign_in = _("Sign in to Salesforce, then run again.")
        remedy = Remedy(text=sign_in, owner=Owner.SALESFORCE_ADMINISTRATOR)
    else:
        either = _("{question} Or sign in to Salesforce, then run again.").format(
            question=_(question.text)
        )
        remedy = Remedy(text=either, owner=question.owner)
    return Judgement(
        status=Status.MANUAL,
        summary=text,
        observed=failure_words(FailureCode.NOT_SIGNED_IN),
        expected=_("a sign-in, or an answer"),
        remedy=remedy,
    )


def _summary(title: str, failure: Failure) -> str:
    match failure.code:
        case FailureCode.STOPPED:
            return _("You stopped the run before this was measured.")
        case FailureCode.NO_DISPLAY:
            return _("There is no screen here to look at.")
        case FailureCode.LINE_CHANGED:
            return _("Your connection changed while this was measured.")
        case FailureCode.SLEPT:
            return _("This computer slept while this was measured.")
        case FailureCode.STOOD_STILL:
            return _("This computer stood still while this was measured.")
        case FailureCode.BLOCKED_HERE:
            return _("Something on this computer does not let the test out.")
        case FailureCode.SERVER_FULL:
            return _("The test server has no room for another test just now.")
        case FailureCode.FAR_END_SILENT:
            return _("The test server stopped answering in the middle of the test.")
        case _:
            return _("{title} could not be measured.").format(title=title)


def _observed(failure: Failure) -> str:
    return failure_words(failure.code)


def _remedy(failure: Failure, *, connected: bool) -> Remedy:
    """What would settle it, by whoever can."""
    match failure.code:
        case FailureCode.CREDENTIALS_REFUSED:
            text = _("Correct {setting} in the profile, then run again.").format(
                setting=failure.detail
            )
            return Remedy(text=text, owner=Owner.HELPDESK)
        case FailureCode.DEFECT:
            return Remedy(text=_("Send this report to your helpdesk."), owner=Owner.AGENT)
        case FailureCode.NOT_SUPPORTED | FailureCode.NOT_PERMITTED:
            return Remedy(
                text=_("Look at this computer and settle it by hand."), owner=Owner.HELPDESK
            )
        case FailureCode.NO_DISPLAY:
            return Remedy(text=_("Run natwizard at the desk, with its screen."), owner=Owner.AGENT)
        case FailureCode.NETWORK_UNREACHABLE if connected:
            text = _("Ask which router or firewall says that there is no way there.")
            return Remedy(text=text, owner=Owner.NETWORK_TEAM)
        case FailureCode.NETWORK_UNREACHABLE | FailureCode.NO_RESOLVER:
            text = _("Connect this computer to a network, then run again.")
            return Remedy(text=text, owner=Owner.AGENT)
        case FailureCode.TIMED_OUT if failure.operation == SIGN_IN:
            text = _(SIGN_IN_TIMED_OUT)
            return Remedy(text=text, owner=Owner.SALESFORCE_ADMINISTRATOR)
        case code if code in SALESFORCE_REMEDIES:
            text = _(SALESFORCE_REMEDIES[code]).format(setting="targets.salesforce_login")
            return Remedy(text=text, owner=Owner.SALESFORCE_ADMINISTRATOR)
        case code:
            sentence, owner = REMEDIES.get(code, (N_("Run this check again."), Owner.AGENT))
            return Remedy(text=_(sentence), owner=owner)
