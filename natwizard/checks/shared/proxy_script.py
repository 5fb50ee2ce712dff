"""The words for a proxy script (PAC): what it answers, why it does not, and what that means."""

from enum import StrEnum

from natwizard.checks.shared.number_format import with_unit
from natwizard.model.finding import Detail, Owner, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.network import ProxyScript, ScriptTrouble


class PageOutcome(StrEnum):
    """What came in place of the page, or the page itself."""

    REAL = "real"
    LOGIN = "login"
    OTHER = "other"
    STATUS = "status"
    LOOP = "loop"
    PASSWORD = "password"  # noqa: S105 - the proxy asks for one
    NOTHING = "nothing"


OURS = {ScriptTrouble.OTHER_KIND, ScriptTrouble.NOT_RUN}
"""Browsers go a way that this program does not, so what it sees by the direct one proves little."""

NOT_THERE = N_("Ask to put the proxy script's server right, or to take it out of the settings.")
MEND = N_("Ask to mend the proxy script: the details say what is wrong.")
IN_BROWSER = N_("Open the service in the browser: it can use that proxy.")
NOT_FETCHED = N_("The proxy script could not be fetched, so browsers go directly.")

SUMMARIES = {
    ScriptTrouble.NOT_FETCHED: NOT_FETCHED,
    ScriptTrouble.NO_ANSWER: NOT_FETCHED,
    ScriptTrouble.SYNTAX: N_("The proxy script has a mistake, so browsers go directly."),
    ScriptTrouble.NO_FUNCTION: N_("The proxy script decides nothing, so browsers go directly."),
    ScriptTrouble.THROWS: N_("The proxy script breaks off, so browsers go directly."),
    ScriptTrouble.ENDLESS: N_("The proxy script comes to no end, so browsers may wait long."),
    ScriptTrouble.GREEDY: N_("The proxy script takes too much memory, so browsers may fail."),
    ScriptTrouble.NONSENSE: N_("The proxy script's answer names no way, so browsers go directly."),
    ScriptTrouble.OTHER_KIND: N_("The proxy script names a proxy that this program cannot use."),
    ScriptTrouble.NOT_RUN: N_("A proxy script decides here, which this program could not run."),
}


def explains(script: ProxyScript, came: PageOutcome) -> bool:
    """Whether it is what to say of a page that came directly, or did not come at all.

    A login page or a wrong one has causes of its own.
    """
    if came is PageOutcome.REAL:
        return _is_broken(script)
    return came is PageOutcome.NOTHING and (_is_broken(script) or script.trouble in OURS)


def script_status(script: ProxyScript, came: PageOutcome, *, all_silent: bool) -> Status:
    """Advice where pages come directly; else they do not come for browsers either.

    Unless browsers go a way that we cannot, or the script's own server is as silent as the rest.
    """
    if came is PageOutcome.REAL:
        return Status.WARN
    line_down = script.trouble is ScriptTrouble.NO_ANSWER and all_silent
    return Status.UNKNOWN if line_down or script.trouble in OURS else Status.FAIL


def script_summary(script: ProxyScript) -> str:
    """For one that explains what came."""
    return _(SUMMARIES[script.trouble or ScriptTrouble.NOT_RUN])


def script_remedy(script: ProxyScript) -> Remedy:
    """Who does what about it."""
    if script.trouble in OURS:
        return Remedy(text=_(IN_BROWSER), owner=Owner.HELPDESK)
    away = script.trouble in {ScriptTrouble.NOT_FETCHED, ScriptTrouble.NO_ANSWER}
    request = _(
        "Please put the proxy script of this computer's settings right. {script}."
        " Until then its browsers go past the proxy."
    )
    return Remedy(
        text=_(NOT_THERE if away else MEND),
        owner=Owner.NETWORK_TEAM,
        request=request.format(script=_line(script)),
    )


def script_quantity(script: ProxyScript | None) -> tuple[Quantity, ...]:
    """How the script stands: "works", or the code of its trouble."""
    if script is None:
        return ()
    value = script.trouble.value if script.trouble else "works"
    return (Quantity(name="proxy_script", value=value, unit=Unit.TEXT),)


def script_lines(script: ProxyScript | None) -> tuple[Detail, ...]:
    """Where the script lies and what it says, for whoever keeps it."""
    return () if script is None else (Detail(label=_("Proxy script"), text=_line(script)),)


def _is_broken(script: ProxyScript) -> bool:
    """Somebody has to mend it: browsers get no answer from it either."""
    return script.trouble not in {None, ScriptTrouble.NONE_NAMED, *OURS}


def _line(script: ProxyScript) -> str:
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
