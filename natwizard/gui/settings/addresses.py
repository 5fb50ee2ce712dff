"""The addresses of a profile as a form: groups, names, help, and the check that tries each."""

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.profile import Targets

NOT_IN_THE_FORM = {"extra_roots"}
"""Certificates have a page of their own: a line to type in does not hold them."""

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
    others = (_row(key, key, _("As the profile reference says.")) for key in rest)
    return (*groups, _group(_("Others"), _("Further addresses."), *others))


def _group(title: str, line: str, *addresses: Address) -> Group:
    return Group(title=title, line=line, addresses=addresses)


def _row(key: str, title: str, help_: str, check: str = "") -> Address:
    return Address(key=key, title=title, help=help_, check=check)


def _webphone() -> Group:
    return _group(
        _("Webphone"), _("Where the webphone in the browser connects to."),
        _row("webphone", _("Webphone address"),
             _("Name or address; port 10062 if none is given."), "port.webphone"),
        _row("webphone_path", _("Path"),
             _("Of the websocket on that server; \u201c/\u201d unless you were told.")),
        _row("webphone_control", _("Another server on that port"),
             _("With port. Tells a firewall from a service that is down."), "port.webphone"),
    )  # fmt: skip


def _public_address() -> Group:
    return _group(
        _("Public address"), _("STUN servers tell a computer how the internet sees it."),
        _row("stun", _("STUN servers of the service"),
             _("With ports; the service uses 5060 and 3479. Commas between."), "udp.stun"),
        _row("stun_control", _("Public STUN servers"),
             _("With ports. They get a handful of packets in each run."), "nat.mapping"),
        _row("udp_range", _("Server for the media ports"),
             _("Answers STUN on all the ports below."), "udp.range"),
        _row("udp_range_ports", _("Media ports it listens on"),
             _("Such as 5000-64000, or single ports with commas between.")),
    )  # fmt: skip


def _calls() -> Group:
    return _group(
        _("Test calls"), _("Something you run that answers every packet, as a call partner would."),
        _row("media", _("Reflector"), _("With port. Run one with: natwizard reflector"),
             "quality.latency"),
        _row("turn", _("TURN server"),
             _("Used where no reflector is set; port 3478 if none is given."), "quality.latency"),
        _row("turn_user", _("User name for it"), _("Goes with TURN only.")),
        _row("turn_password", _("Password for it"),
             _("Stands in the profile file; reports never show it.")),
    )  # fmt: skip


def _names() -> Group:
    return _group(
        _("Name lookups"), _("Which resolvers to test, and with which names."),
        _row("resolvers", _("Resolvers"),
             _("Empty means those of the computer. Port 53 if none is given."), "dns.edns"),
        _row("resolver_control", _("Another resolver to compare with"),
             _("A public one, such as 192.0.2.53."), "port.dns"),
        _row("dns_name", _("A name that every resolver knows"), _("A single dot means the root.")),
        _row("dns_large_name", _("A name with a long answer"), _("Over 512 bytes.")),
        _row("dns_large_type", _("Record type of the long answer"), _("Such as DNSKEY or TXT.")),
    )  # fmt: skip


def _web() -> Group:
    return _group(
        _("Web and filters"), _("Pages to fetch, and servers whose certificates must be public."),
        _row("http", _("Page without encryption"), _("Starts with http://"), "port.tcp80"),
        _row("http_expect", _("Text it must hold"), _("May stay empty.")),
        _row("https", _("Page with encryption"), _("Starts with https://"), "port.tcp443"),
        _row("https_expect", _("Text it must hold"), _("May stay empty.")),
        _row("tls", _("Servers of the service"),
             _("Their certificates must be public. Port 443 if none is given."),
             "filter.tls_interception"),
        _row("tls_control", _("Other servers to compare with"),
             _("Tell whether only some are opened by a filter."), "filter.tls_interception"),
        _row("tls_floor", _("A strict server"), _("Refuses anything older than TLS 1.2."),
             "browser.tls"),
    )  # fmt: skip


def _websockets() -> Group:
    return _group(
        _("Websockets"), _("Connections that stay open and carry messages both ways."),
        _row("websocket", _("Echoing websockets"),
             _("Start with ws:// or wss:// and send back what they get."), "websocket.open"),
    )  # fmt: skip


def _phones() -> Group:
    return _group(
        _("Desk phones"), _("For desk phones and softphones, which speak SIP."),
        _row("sip", _("SIP servers"), _("Port 5060 if none is given. Commas between."), "port.sip"),
        _row("sip_tls", _("SIP server with encryption"), _("Port 5061 if none is given."),
             "port.sip"),
        _row("sip_mirror", _("SIP mirror"),
             _("Sends messages back as they arrived: shows a router that rewrites them."),
             "nat.sip_alg"),
    )  # fmt: skip


def _salesforce() -> Group:
    return _group(
        _("Salesforce"), _("Where administrators sign in, to have the org read."),
        _row("salesforce_login", _("Sign-in page"),
             _("Starts with https://, such as https://example.my.salesforce.com")),
        _row("salesforce_client_id", _("Consumer key"),
             _("Of the app that you set up in Salesforce for natwizard.")),
        _row("salesforce_callback", _("Callback address"),
             _("Of that app, on this computer; to the letter.")),
        _row("salesforce_user", _("Connected account"),
             _("User name of the account that the service uses; may stay empty.")),
        _row("salesforce_cti_users", _("People who take calls"),
             _("User names with commas between; empty means everybody in a call center.")),
    )  # fmt: skip
