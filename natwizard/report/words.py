"""Words that every view of a report uses for statuses, verdicts, owners and roles."""

from natwizard.model.finding import FarEnd, Owner, Status
from natwizard.model.language import _, current_language, ngettext
from natwizard.model.profile import Role
from natwizard.model.report import Readiness

DOT = f" {chr(0xB7)} "
NBSP = "\u00a0"


def language_tag() -> str:
    """The language the words are in, for readers and screen readers ("en", "de")."""
    return current_language().code


def status_word(status: Status) -> str:
    """The word beside the glyph; never left out."""
    match status:
        case Status.PASS:
            return _("OK")
        case Status.BORDERLINE:
            return _("Borderline")
        case Status.WARN:
            return _("Advice")
        case Status.FAIL:
            return _("Problem")
        case Status.UNKNOWN:
            return _("Could not tell")
        case Status.MANUAL:
            return _("Please confirm")
        case Status.NOT_SET_UP:
            return _("Not set up")
        case Status.NOT_APPLICABLE:
            return _("Not needed")


def status_count(status: Status, count: int) -> str:
    """One part of the counts line: "2 problems", "1 could not tell"."""
    match status:
        case Status.PASS:
            text = _("{count} OK")
        case Status.BORDERLINE:
            text = _("{count} borderline")
        case Status.WARN:
            text = _("{count} advice")
        case Status.FAIL:
            text = ngettext("{count} problem", "{count} problems", count)
        case Status.UNKNOWN:
            text = _("{count} could not tell")
        case Status.MANUAL:
            text = _("{count} to confirm")
        case Status.NOT_SET_UP:
            text = ngettext("{count} not set up", "{count} not set up", count)
        case Status.NOT_APPLICABLE:
            text = ngettext("{count} not needed", "{count} not needed", count)
    return text.format(count=count)


def verdict_words(verdict: Readiness) -> str:
    """The headline of the banner."""
    match verdict:
        case Readiness.READY:
            return _("Ready")
        case Readiness.READY_WITH_ADVICE:
            return _("Ready with advice")
        case Readiness.READY_TO_PUBLIC:
            return _("Ready, as far as public servers can tell")
        case Readiness.PARTLY_CHECKED:
            return _("Ready, as far as checked")
        case Readiness.NOT_READY:
            return _("Not ready")
        case Readiness.COULD_NOT_TELL:
            return _("Could not tell")


def run_words(verdict: Readiness, *, partial: bool) -> str:
    """The verdict in a list of runs, which must not take a part of a run for a whole one."""
    words = verdict_words(verdict)
    if not partial or verdict is Readiness.PARTLY_CHECKED:
        return words
    return _("{verdict} (part of a run)").format(verdict=words)


def verdict_status(verdict: Readiness) -> Status:
    """Whose glyph and colours a verdict wears where there is only the verdict."""
    match verdict:
        case Readiness.READY:
            return Status.PASS
        case Readiness.READY_WITH_ADVICE:
            return Status.WARN
        case Readiness.READY_TO_PUBLIC:
            return Status.PASS
        case Readiness.PARTLY_CHECKED:
            return Status.NOT_SET_UP
        case Readiness.NOT_READY:
            return Status.FAIL
        case Readiness.COULD_NOT_TELL:
            return Status.UNKNOWN


def far_end_words(far_end: FarEnd) -> str:
    """Whose server answered, as a value beside a label."""
    match far_end:
        case FarEnd.SERVICE:
            return _("the service")
        case FarEnd.OWN:
            return _("your own server")
        case FarEnd.PUBLIC:
            return _("public servers")


def owner_name(owner: Owner) -> str:
    """Who acts, as a label: "Network team"."""
    match owner:
        case Owner.AGENT:
            return _("You")
        case Owner.HELPDESK:
            return _("Helpdesk")
        case Owner.NETWORK_TEAM:
            return _("Network team")
        case Owner.SALESFORCE_ADMINISTRATOR:
            return _("Salesforce administrator")
        case Owner.INTERNET_PROVIDER:
            return _("Internet provider")


def owner_acts(owner: Owner) -> str:
    """The second half of "Network team / does this", which "You" needs in another form."""
    return _("do this") if owner is Owner.AGENT else _("does this")


def owner_subject(owner: Owner) -> str:
    """Who acts, at the start of a sentence: "Your network team can ..."."""
    match owner:
        case Owner.AGENT:
            return _("You")
        case Owner.HELPDESK:
            return _("Your helpdesk")
        case Owner.NETWORK_TEAM:
            return _("Your network team")
        case Owner.SALESFORCE_ADMINISTRATOR:
            return _("Your Salesforce administrator")
        case Owner.INTERNET_PROVIDER:
            return _("Your internet provider")


def owner_object(owner: Owner) -> str:
    """Who acts, after a verb: "Two things need your network team"."""
    match owner:
        case Owner.AGENT:
            return _("you")
        case Owner.HELPDESK:
            return _("your helpdesk")
        case Owner.NETWORK_TEAM:
            return _("your network team")
        case Owner.SALESFORCE_ADMINISTRATOR:
            return _("your Salesforce administrator")
        case Owner.INTERNET_PROVIDER:
            return _("your internet provider")


def role_words(role: Role) -> str:
    """How the person takes calls."""
    match role:
        case Role.WEBPHONE:
            return _("Calls in the browser")
        case Role.SIP_DEVICE:
            return _("Desk phone or softphone")
        case Role.OVER_THE_TOP:
            return _("Calls on another phone")
        case Role.MOBILE:
            return _("Mobile app")
        case Role.ADMINISTRATOR:
            return _("Administrator")
