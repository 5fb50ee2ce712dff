"""salesforce.session: do sessions last a working day, and follow people across addresses?

Sources: "SecuritySettings" (names of times: SessionTimeout) and "ProfileSessionSetting" (takes the
place of the org's settings for the people of a profile) in the Metadata API Developer Guide.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import DOT, with_unit
from natwizard.checks.shared.salesforce_parts import ADMINISTRATOR, part, reading, shown
from natwizard.checks.verdict import VerdictTable, failed, passed, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import SecurityFacts
from natwizard.probes.salesforce.org import SALESFORCE

MINUTES_PER_HOUR = 60
# The Metadata API's words for a session's timeout (SessionSettings.sessionTimeout)
HOURS: Mapping[str, float] = {
    "FifteenMinutes": 0.25,
    "ThirtyMinutes": 0.5,
    "SixtyMinutes": 1,
    "NinetyMinutes": 1.5,
    "TwoHours": 2,
    "FourHours": 4,
    "EightHours": 8,
    "TwelveHours": 12,
    "TwentyFourHours": 24,
}


# the Metadata API's names of profiles that Salesforce ships; others keep their own
SHIPPED_PROFILES: Mapping[str, str] = {
    "systemadministrator": "admin",
    "standarduser": "standard",
    "solutionmanager": "solutionmanager",
    "marketinguser": "marketingprofile",
    "contractmanager": "contractmanager",
    "readonly": "readonly",
    "standardplatformuser": "standardaul",
}


class SessionLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a session should last without anything being done.

    Attributes:
        timeout_hours: shorter and longer are advice: the source recommends this, and requires
            only that sessions are not locked to an address.
    """

    timeout_hours: float = 8


SET_TIMEOUT = N_("In Setup, {place}, set the timeout to {hours}.")


class SessionState(VerdictTable):
    """How sessions end."""

    WORKING_DAY = passed(N_("Sessions last a working day, from any address."))
    TOO_LONG = warned(
        N_("Sessions last longer than the service asks."), SET_TIMEOUT, owner=ADMINISTRATOR
    )
    NO_LOGOUT = warned(
        N_("People are not signed out when a session ends."),
        N_("In Setup, {place}, switch on the logout on session timeout."),
        owner=ADMINISTRATOR,
    )
    TOO_SHORT = warned(
        N_("Sessions end before the working day does."), SET_TIMEOUT, owner=ADMINISTRATOR
    )
    LOCKED = failed(
        N_("People are signed out when their address changes."),
        N_("In Setup, Session Settings, switch off the lock of sessions to their first address."),
        owner=ADMINISTRATOR,
    )


class SessionRule(Struct, frozen=True, kw_only=True):
    """How the sessions of some people end.

    Attributes:
        profile: whose own settings these are; empty for those of the org.
        hours: until a session without activity ends; None where that is not known.
        force_logout: whether people are signed out then.
    """

    profile: str = ""
    hours: float | None = None
    force_logout: bool | None = None


def judge(inputs: Inputs, limits: SessionLimits) -> Judgement:
    """The org's settings, and in their place those of the profiles of people who take calls."""
    found = part(inputs, lambda evidence: evidence.security)
    people = inputs.evidence(SALESFORCE).cti_users.value
    names = tuple(group.profile for group in people.groups) if people else ()
    rules = _rules(found, names)
    states = [(_state(found, rule, limits), rule) for rule in rules]
    worst, rule = max(states, key=lambda pair: pair[0].value)
    return worst.verdict.judgement(
        texts={
            "hours": with_unit(limits.timeout_hours, "h"),
            "place": _("the session settings of the profile {name}").format(name=rule.profile)
            if rule.profile
            else _("Session Settings"),
        },
        observed=DOT.join(_observed(found, rule)),
        expected=_("not locked, {hours}, logout").format(
            hours=with_unit(limits.timeout_hours, "h")
        ),
        measured=_measured(found, rule),
        details=(*_profile_lines(found), reading(inputs)),
    )


def _rules(found: SecurityFacts, names: Sequence[str]) -> tuple[SessionRule, ...]:
    """Those that people who take calls are under, each once; where nobody is known, all."""
    org = SessionRule(hours=_hours(found.session_timeout), force_logout=found.force_logout)
    own = {_key(each.profile): each for each in found.profiles or ()}
    keys = {_key(name) for name in names}
    under = [each for key, each in own.items() if key in keys or not keys]
    rules = [
        SessionRule(
            profile=each.profile,
            hours=org.hours if each.timeout_min is None else each.timeout_min / MINUTES_PER_HOUR,
            force_logout=org.force_logout if each.force_logout is None else each.force_logout,
        )
        for each in under
    ]
    return tuple(rules) if keys and keys <= set(own) else (org, *rules)


def _key(profile: str) -> str:
    """A profile's name as both APIs have it in common."""
    plain = "".join(profile.casefold().split())
    return SHIPPED_PROFILES.get(plain, plain)


def _profile_lines(found: SecurityFacts) -> tuple[Detail, ...]:
    if found.profiles is None:
        text = _("Profiles may have session settings of their own.")
        return (Detail(label=_("Not seen"), text=text),)
    lines = []
    for each in found.profiles:
        hours = None if each.timeout_min is None else each.timeout_min / MINUTES_PER_HOUR
        words = _("as the org") if hours is None else with_unit(hours, "h", _digits(hours))
        lines.append(
            Detail(
                label=_("Profile {name}").format(name=each.profile or "?"),
                text=_("timeout of its own: {time}").format(time=words),
            )
        )
    return tuple(lines)


def _hours(timeout: str | None) -> float | None:
    """None for a name that this version does not know."""
    return HOURS.get(timeout or "")


def _state(found: SecurityFacts, rule: SessionRule, limits: SessionLimits) -> SessionState:
    if found.locked_to_ip:
        return SessionState.LOCKED
    if rule.hours is not None and rule.hours < limits.timeout_hours:
        return SessionState.TOO_SHORT
    if rule.force_logout is False:
        return SessionState.NO_LOGOUT
    shown(found.locked_to_ip, "lockSessionsToIp")
    shown(rule.force_logout, "forceLogoutOnSessionTimeout")
    known = shown(rule.hours, f"sessionTimeout {found.session_timeout or ''}".strip())
    return SessionState.TOO_LONG if known > limits.timeout_hours else SessionState.WORKING_DAY


def _observed(found: SecurityFacts, rule: SessionRule) -> tuple[str, ...]:
    hours = rule.hours
    lock = {True: _("locked to an address"), False: _("not locked"), None: _("lock not shown")}
    logout = {True: _("logout"), False: _("no logout"), None: _("logout not shown")}
    timeout = _("timeout not known") if hours is None else with_unit(hours, "h", _digits(hours))
    return lock[found.locked_to_ip], timeout, logout[rule.force_logout]


def _digits(hours: float) -> int:
    return 0 if hours >= 2 else 2


def _measured(found: SecurityFacts, rule: SessionRule) -> tuple[Quantity, ...]:
    seen = (
        ("locked_to_ip", found.locked_to_ip, Unit.TEXT),
        ("timeout", None if rule.hours is None else rule.hours * 3600, Unit.SECOND),
        ("force_logout", rule.force_logout, Unit.TEXT),
    )
    return tuple(
        Quantity(name=name, value=value, unit=unit)
        for name, value, unit in seen
        if value is not None
    )


SALESFORCE_SESSION = Check(
    name="salesforce.session",
    meaning=N_(
        "How long a sign-in lasts, and whether it is tied to one address. Too strict, and "
        "people are signed out in the middle of a call."
    ),
    title=N_("Session settings"),
    term="Session settings",
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=SessionLimits,
    judge=judge,
    asks_until_signed_in=True,
)
