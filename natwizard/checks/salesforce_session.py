"""salesforce.session: do sessions last a working day, and follow people across addresses?

Source of the names of times: "SecuritySettings", SessionTimeout, in the Metadata API Developer
Guide.
"""

from collections.abc import Mapping

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


class SessionLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a session has to last without anything being done.

    Attributes:
        timeout_hours: shorter is a problem, longer is advice.
    """

    timeout_hours: float = 8


SET_TIMEOUT = N_("In Setup, Session Settings, set the timeout to {hours}.")


class SessionState(VerdictTable):
    """How sessions end."""

    WORKING_DAY = passed(N_("Sessions last a working day, from any address."))
    TOO_LONG = warned(
        N_("Sessions last longer than the service asks."), SET_TIMEOUT, owner=ADMINISTRATOR
    )
    NO_LOGOUT = failed(
        N_("People are not signed out when a session ends."),
        N_("In Setup, Session Settings, switch on the logout on session timeout."),
        owner=ADMINISTRATOR,
    )
    TOO_SHORT = failed(
        N_("Sessions end before the working day does."), SET_TIMEOUT, owner=ADMINISTRATOR
    )
    LOCKED = failed(
        N_("People are signed out when their address changes."),
        N_("In Setup, Session Settings, switch off the lock of sessions to their first address."),
        owner=ADMINISTRATOR,
    )


def judge(inputs: Inputs, limits: SessionLimits) -> Judgement:
    """The org's own settings; a profile may have others, which this does not see."""
    found = part(inputs, lambda evidence: evidence.security)
    hours = _hours(found.session_timeout)
    return _state(found, hours, limits).verdict.judgement(
        texts={"hours": with_unit(limits.timeout_hours, "h")},
        observed=DOT.join(_observed(found, hours)),
        expected=_("not locked, {hours}, logout").format(
            hours=with_unit(limits.timeout_hours, "h")
        ),
        measured=_measured(found, hours),
        details=(
            Detail(label=_("Not seen"), text=_("A profile may have session settings of its own.")),
            reading(inputs),
        ),
    )


def _hours(timeout: str | None) -> float | None:
    """None for a name that this version does not know."""
    return HOURS.get(timeout or "")


def _state(found: SecurityFacts, hours: float | None, limits: SessionLimits) -> SessionState:
    if found.locked_to_ip:
        return SessionState.LOCKED
    if hours is not None and hours < limits.timeout_hours:
        return SessionState.TOO_SHORT
    if found.force_logout is False:
        return SessionState.NO_LOGOUT
    shown(found.locked_to_ip, "lockSessionsToIp")
    shown(found.force_logout, "forceLogoutOnSessionTimeout")
    known = shown(hours, f"sessionTimeout {found.session_timeout or ''}".strip())
    return SessionState.TOO_LONG if known > limits.timeout_hours else SessionState.WORKING_DAY


def _observed(found: SecurityFacts, hours: float | None) -> tuple[str, ...]:
    lock = {True: _("locked to an address"), False: _("not locked"), None: _("lock not shown")}
    logout = {True: _("logout"), False: _("no logout"), None: _("logout not shown")}
    timeout = _("timeout not known") if hours is None else with_unit(hours, "h", _digits(hours))
    return lock[found.locked_to_ip], timeout, logout[found.force_logout]


def _digits(hours: float) -> int:
    return 0 if hours >= 2 else 2


def _measured(found: SecurityFacts, hours: float | None) -> tuple[Quantity, ...]:
    seen = (
        ("locked_to_ip", found.locked_to_ip, Unit.TEXT),
        ("timeout", None if hours is None else hours * 3600, Unit.SECOND),
        ("force_logout", found.force_logout, Unit.TEXT),
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
