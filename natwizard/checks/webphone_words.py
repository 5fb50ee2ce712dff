"""The sentence of port.webphone: what stops the webphone, and who can mend it."""

from msgspec import Struct

from natwizard.checks.dead_proxy import dead_proxy, is_dead, refused
from natwizard.checks.endings import Ending, Step
from natwizard.checks.name_filter import exempt_remedy
from natwizard.checks.said import Said
from natwizard.model.finding import Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.probes.service_addresses import ServiceName

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}
TURNED_AWAY = {
    FailureCode.CONNECTION_REFUSED,
    FailureCode.NETWORK_UNREACHABLE,
    FailureCode.NOT_PERMITTED,
}
REFUSED_UPGRADE = {FailureCode.UPGRADE_REFUSED, FailureCode.HTTP_STATUS, FailureCode.BAD_ANSWER}


class Sight(Struct, frozen=True, kw_only=True):
    """All that the sentence depends on; `control` is None where there is none.

    Attributes:
        lost_family: "IPv6" or "IPv4" where only addresses of the other one come to the end.
        hidden: the service's name, where a name filter withholds it.
    """

    port: int
    service: Ending
    control: Ending | None
    by_proxy: bool
    line_works: bool
    secure_pages: bool
    lost_family: str = ""
    hidden: tuple[ServiceName, ...] = ()

    @property
    def control_comes_further(self) -> bool:
        """Whether another server on the same port passes the step that the service failed."""
        return self.control is not None and self.control.step > self.service.step


def say(sight: Sight) -> Said:
    """The one way it stands; what lies nearest to this computer is told first."""
    service, code = sight.service, sight.service.code
    if service.done:
        return _open(sight)
    if sight.by_proxy and is_dead(service):
        sure = sight.line_works or refused(service)
        return dead_proxy(Status.FAIL if sure else Status.UNKNOWN)
    if sight.hidden:
        return Said(
            status=Status.FAIL,
            summary=_("Something hides the webphone's server from this computer."),
            remedy=exempt_remedy(sight.hidden),
        )
    if service.step is Step.NAME:
        return Said(
            status=Status.UNKNOWN,
            summary=_("The name of your webphone's server could not be looked up."),
            remedy=Remedy(
                text=_("Check the address of the webphone, then run again."), owner=Owner.HELPDESK
            ),
        )
    if service.step is Step.PROXY:
        return _proxy(sight)
    if service.step is Step.EXCHANGE and code in REFUSED_UPGRADE and service.verified:
        return Said(
            status=Status.WARN,
            summary=_("Your network lets the webphone out, but its server refuses it."),
            remedy=Remedy(
                text=_("Check `targets.webphone_path`, or ask whether the service is well."),
                owner=Owner.HELPDESK,
            ),
        )
    if sight.control_comes_further:
        return Said(
            status=Status.UNKNOWN,
            summary=_("The service does not answer, but your network lets calls out."),
            remedy=Remedy(
                text=_("Tell your helpdesk: the service may be down."), owner=Owner.HELPDESK
            ),
        )
    needs_line = code is FailureCode.TIMED_OUT or code is FailureCode.NETWORK_UNREACHABLE
    if needs_line and not sight.line_works:
        return Said(
            status=Status.UNKNOWN,
            summary=_("Nothing answered, so the webphone's port could not be tested."),
            remedy=Remedy(text=_("Connect to the internet, then run again."), owner=Owner.AGENT),
        )
    return _blocked(sight)


def _open(sight: Sight) -> Said:
    if sight.service.verified and sight.lost_family:
        return Said(
            status=Status.WARN,
            summary=_("The webphone can connect, but not over {family}.").format(
                family=sight.lost_family
            ),
            remedy=Remedy(
                text=_("Ask to repair {family} to the internet, or to switch it off.").format(
                    family=sight.lost_family
                ),
                owner=Owner.NETWORK_TEAM,
            ),
        )
    if sight.service.verified:
        return Said(status=Status.PASS, summary=_("The webphone can connect."))
    return Said(
        status=Status.WARN,
        summary=_("The webphone's port is open, but nobody known vouches for it."),
        remedy=Remedy(
            text=_("Look at the web filters page: something may open encrypted traffic."),
            owner=Owner.NETWORK_TEAM,
        ),
    )


def _proxy(sight: Sight) -> Said:
    if sight.service.code is FailureCode.PROXY_AUTHENTICATION:
        return Said(
            status=Status.UNKNOWN,
            summary=_("Your proxy asks for a password that we do not have."),
            remedy=Remedy(
                text=_("Ask for a direct way, or a proxy exception, for the webphone."),
                owner=Owner.NETWORK_TEAM,
            ),
        )
    if sight.control_comes_further or sight.service.code is FailureCode.TIMED_OUT:
        return Said(
            status=Status.UNKNOWN,
            summary=_("Your proxy could not reach the webphone's server."),
            remedy=Remedy(
                text=_("Ask whether the proxy lets the webphone's port through."),
                owner=Owner.NETWORK_TEAM,
            ),
        )
    return Said(
        status=Status.FAIL,
        summary=_("Your proxy does not let the webphone through."),
        remedy=Remedy(
            text=_("Ask to allow CONNECT to port {port} on the proxy.").format(port=sight.port),
            owner=Owner.NETWORK_TEAM,
        ),
    )


def _blocked(sight: Sight) -> Said:
    """Something between this computer and the service stops it: which way?"""
    port, code = str(sight.port), sight.service.code
    ask_to_allow = Remedy(
        text=_("Ask to allow outgoing TCP {port} to the service.").format(port=port),
        owner=Owner.NETWORK_TEAM,
    )
    exempt = Remedy(
        text=_("Ask to exempt the service from deep inspection."), owner=Owner.NETWORK_TEAM
    )
    if sight.service.step is Step.CONNECTION and code in TURNED_AWAY:
        remedy = Remedy(
            text=_("Ask which firewall or program rejects TCP {port}, and to allow it.").format(
                port=port
            ),
            owner=Owner.NETWORK_TEAM,
        )
        summary = (
            _("The webphone's port, {port}, is turned away.")
            if code is FailureCode.CONNECTION_REFUSED
            else _("A router or firewall says no to the webphone's port, {port}.")
        ).format(port=port)
    elif code is FailureCode.TIMED_OUT and sight.service.step is Step.CONNECTION:
        summary = _("Your network blocks the webphone's port, {port}.").format(port=port)
        remedy = ask_to_allow
    elif code is FailureCode.TIMED_OUT:
        summary = _("Something on the way swallows the webphone's connection.")
        remedy = exempt
    elif code in CUT and sight.service.step is Step.ENCRYPTION:
        summary = _("Something cuts the webphone's connection as encryption begins.")
        remedy = exempt
    elif sight.service.step is Step.ENCRYPTION:
        summary = _("Something spoils the webphone's encryption.")
        remedy = exempt
    elif code in CUT:
        summary = _("Something cuts the webphone's connection after it is encrypted.")
        remedy = exempt
    elif code in REFUSED_UPGRADE:
        summary = _("Something on the way refuses the webphone's connection.")
        remedy = exempt
    else:
        summary = _("The webphone's connection, port {port}, fails.").format(port=port)
        remedy = ask_to_allow
    return Said(status=Status.FAIL, summary=summary, remedy=remedy)
