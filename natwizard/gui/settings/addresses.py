"""The addresses of a profile as a form: groups, names, help, and the check that tries each."""

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.profile import Targets

NOT_IN_THE_FORM = {"extra_roots"}
"""Certificates are pasted into the file: a line to type in does not hold them."""

SECRET = {"turn_password"}


class Address(Struct, frozen=True, kw_only=True):
    """One field.

    Attributes:
        key: of `Targets`.
        check: the check that tries it; empty where it only goes with another one.
    """

    key: str
    title: str
    help: str
    check: str = ""


class Group(Struct, frozen=True, kw_only=True):
    """One page of the form."""

    title: str
    line: str
    addresses: tuple[Address, ...]


def address_groups() -> tuple[Group, ...]:
    """Every target of a profile, each once; what has no place of its own comes last."""
    groups = (
        _webphone(), _public_address(), _calls(), _names(), _web(), _websockets(), _phones(),
        _salesforce(),
    )  # fmt: skip
    placed = {address.key for group in groups for address in group.addresses}
    rest = [key for key in Targets.__struct_fields__ if key not in placed | NOT_IN_THE_FORM]
    if not rest:
        return groups
    others = tuple(
        Address(key=key, title=key, help=_("As the profile reference says.")) for key in rest
    )
    return (*groups, Group(title=_("Others"), line=_("Further addresses."), addresses=others))


def _webphone() -> Group:
    return Group(
        title=_("Webphone"),
        line=_("Where the webphone in the browser connects to."),
        addresses=(
            Address(
                key="webphone",
                title=_("Webphone address"),
                help=_("Name or address; port 10062 if none is given."),
                check="port.webphone",
            ),
            Address(
                key="webphone_path",
                title=_("Path"),
                help=_("Of the websocket on that server; \u201c/\u201d unless you were told."),
            ),
            Address(
                key="webphone_control",
                title=_("Another server on that port"),
                help=_("With port. Tells a firewall from a service that is down."),
                check="port.webphone",
            ),
        ),
    )


def _public_address() -> Group:
    return Group(
        title=_("Public address"),
        line=_("STUN servers tell a computer how the internet sees it."),
        addresses=(
            Address(
                key="stun",
                title=_("STUN servers of the service"),
                help=_("With ports; the service uses 5060 and 3479. Commas between."),
                check="udp.stun",
            ),
            Address(
                key="stun_control",
                title=_("Public STUN servers"),
                help=_("With ports. They get a handful of packets in each run."),
                check="nat.mapping",
            ),
            Address(
                key="udp_range",
                title=_("Server for the media ports"),
                help=_("Answers STUN on all the ports below."),
                check="udp.range",
            ),
            Address(
                key="udp_range_ports",
                title=_("Media ports it listens on"),
                help=_("Such as 5000-64000, or single ports with commas between."),
            ),
        ),
    )


def _calls() -> Group:
    return Group(
        title=_("Test calls"),
        line=_("Something you run that answers every packet, as a call partner would."),
        addresses=(
            Address(
                key="media",
                title=_("Reflector"),
                help=_("With port. Run one with: natwizard reflector"),
                check="quality.latency",
            ),
            Address(
                key="turn",
                title=_("TURN server"),
                help=_("Used where no reflector is set; port 3478 if none is given."),
                check="quality.latency",
            ),
            Address(key="turn_user", title=_("User name for it"), help=_("Goes with TURN only.")),
            Address(
                key="turn_password",
                title=_("Password for it"),
                help=_("Stands in the profile file; reports never show it."),
            ),
        ),
    )


def _names() -> Group:
    return Group(
        title=_("Name lookups"),
        line=_("Which resolvers to test, and with which names."),
        addresses=(
            Address(
                key="resolvers",
                title=_("Resolvers"),
                help=_("Empty means those of the computer. Port 53 if none is given."),
                check="dns.edns",
            ),
            Address(
                key="resolver_control",
                title=_("Another resolver to compare with"),
                help=_("A public one, such as 192.0.2.53."),
                check="port.dns",
            ),
            Address(
                key="dns_name",
                title=_("A name that every resolver knows"),
                help=_("A single dot means the root."),
            ),
            Address(
                key="dns_large_name",
                title=_("A name with a long answer"),
                help=_("Over 512 bytes."),
            ),
            Address(
                key="dns_large_type",
                title=_("Record type of the long answer"),
                help=_("Such as DNSKEY or TXT."),
            ),
        ),
    )


def _web() -> Group:
    return Group(
        title=_("Web and filters"),
        line=_("Pages to fetch, and servers whose certificates must be public."),
        addresses=(
            Address(
                key="http",
                title=_("Page without encryption"),
                help=_("Starts with http://"),
                check="port.tcp80",
            ),
            Address(key="http_expect", title=_("Text it must hold"), help=_("May stay empty.")),
            Address(
                key="https",
                title=_("Page with encryption"),
                help=_("Starts with https://"),
                check="port.tcp443",
            ),
            Address(key="https_expect", title=_("Text it must hold"), help=_("May stay empty.")),
            Address(
                key="tls",
                title=_("Servers of the service"),
                help=_("Their certificates must be public. Port 443 if none is given."),
                check="filter.tls_interception",
            ),
            Address(
                key="tls_control",
                title=_("Other servers to compare with"),
                help=_("Tell whether only some are opened by a filter."),
                check="filter.tls_interception",
            ),
            Address(
                key="tls_floor",
                title=_("A strict server"),
                help=_("Refuses anything older than TLS 1.2."),
                check="browser.tls",
            ),
        ),
    )


def _websockets() -> Group:
    return Group(
        title=_("Websockets"),
        line=_("Connections that stay open and carry messages both ways."),
        addresses=(
            Address(
                key="websocket",
                title=_("Echoing websockets"),
                help=_("Start with ws:// or wss:// and send back what they get."),
                check="websocket.open",
            ),
        ),
    )


def _phones() -> Group:
    return Group(
        title=_("Desk phones"),
        line=_("For desk phones and softphones, which speak SIP."),
        addresses=(
            Address(
                key="sip",
                title=_("SIP servers"),
                help=_("Port 5060 if none is given. Commas between."),
                check="port.sip",
            ),
            Address(
                key="sip_tls",
                title=_("SIP server with encryption"),
                help=_("Port 5061 if none is given."),
                check="port.sip",
            ),
            Address(
                key="sip_mirror",
                title=_("SIP mirror"),
                help=_("Sends messages back as they arrived: shows a router that rewrites them."),
                check="nat.sip_alg",
            ),
        ),
    )


def _salesforce() -> Group:
    return Group(
        title=_("Salesforce"),
        line=_("Where administrators sign in, to have the org read."),
        addresses=(
            Address(
                key="salesforce_login",
                title=_("Sign-in page"),
                help=_("Starts with https://, such as https://example.my.salesforce.com"),
            ),
            Address(
                key="salesforce_client_id",
                title=_("Consumer key"),
                help=_("Of the app that you set up in Salesforce for natwizard."),
            ),
            Address(
                key="salesforce_callback",
                title=_("Callback address"),
                help=_("Of that app, on this computer; to the letter."),
            ),
            Address(
                key="salesforce_user",
                title=_("Connected account"),
                help=_("User name of the account that the service uses; may stay empty."),
            ),
            Address(
                key="salesforce_cti_users",
                title=_("People who take calls"),
                help=_("User names with commas between; empty means everybody in a call center."),
            ),
        ),
    )
