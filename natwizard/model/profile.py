"""What is required, of whom, where to measure it, and on whose authority."""

import re
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import asdict, replace

from natwizard.model.finding import Owner, Page, Source
from natwizard.model.privacy import OrgAddress, PersonalName, SecretText

HIDDEN = "***"

LimitValue: TypeAlias = bool | int | float | str | tuple[str, ...]


class Role(StrEnum):
    """How a person takes calls; decides which requirements apply."""

    WEBPHONE = "webphone"
    SIP_DEVICE = "sip-device"
    OVER_THE_TOP = "over-the-top"
    MOBILE = "mobile"
    ADMINISTRATOR = "administrator"


MOST_CONCURRENT_CALLS = 9_999
"""More may be asked for than the 200 that are tried (`probes.media.calls`): the result says so."""


class Answers(Struct, frozen=True, kw_only=True):
    """What the person told us before the run.

    Attributes:
        concurrent_calls: people calling from this site at the same time.
        thorough: take more time and more flows where that tells more.
    """

    role: Role = Role.WEBPHONE
    concurrent_calls: int = 1
    thorough: bool = False


class Targets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to measure. An empty text means "not set": the checks that need it say so.

    `host:port` targets take a name, an IPv4 address, or an IPv6 address in brackets.

    Attributes:
        webphone: host:port of the webphone's secure websocket (port 10062 if left out).
        webphone_path: path of that websocket.
        webphone_protocol: subprotocols that the webphone offers there, by commas; "sip" is that of
            SIP over websockets (RFC 7118); empty: none.
        webphone_origin: origin of the page that the webphone runs in, such as
            "https://example.my.salesforce.com"; empty means that of the webphone's server.
        webphone_control: another server on the same port, to tell a firewall from an outage.
        http: a page to fetch without encryption.
        http_expect: text that its body must hold.
        https: a page to fetch with encryption.
        https_expect: text that its body must hold.
        stun: host:port of the service's STUN servers (it uses UDP 5060 and 3479).
        stun_control: public STUN servers; they get a handful of packets.
        media: host:port of a STAMP reflector (RFC 8762) that you or the service runs.
        turn: host:port of a TURN server over UDP that you run (port 3478 if left out); media
            goes round through it where `media` is not set, and the browser's page tries it.
        turn_user: user name for it.
        turn_password: password for it; reports never show it.
        udp_range: host whose ports in `udp_range_ports` answer STUN binding requests.
        udp_range_ports: "5000-64000" or single ports, as far as the host listens there.
        resolvers: address:port of the resolvers to test; empty means those of the system.
        resolver_control: a resolver to compare with; it is asked for the service's names, too.
        dns_name: a name whose address every resolver knows.
        dns_large_name: name of a record whose answer is over 512 bytes; over 1472 it tells
            whether fragments pass, too.
        dns_large_type: type of that record.
        websocket: ws:// or wss:// addresses that echo what they get.
        websocket_protocol: subprotocols that are offered there, by commas; empty: none.
        websocket_origin: origin of the page that would open them; empty means each server's own.
        websocket_test: the web page on which the service has people test websockets; shown to
            them, not asked.
        tls: host:port of the service whose certificates must be public.
        tls_control: other hosts, to see whether only some are intercepted.
        tls_floor: a host:port that refuses anything older than TLS 1.2.
        sip: host:port of a SIP server for OPTIONS over UDP and TCP.
        sip_tls: host:port of a SIP server for OPTIONS over TLS.
        sip_mirror: host:port of a mirror that returns a SIP request as it arrived.
        salesforce_login: where administrators sign in to Salesforce: the org's own address
            ("https://example.my.salesforce.com"), or the one for all orgs or all sandboxes. Reports
            mask the org's name.
        salesforce_client_id: consumer key of the app that you set up in Salesforce for natwizard;
            empty: only access tokens from elsewhere are taken.
        salesforce_callback: the callback address of that app, on this computer; to the letter.
        salesforce_user: user name of the account that the service uses in Salesforce; empty means
            whoever signs in. Reports mask it.
        salesforce_cti_users: user names of the people who take calls; empty means everybody who is
            assigned to a call center in Salesforce. Reports mask them.
        extra_roots: certificates (PEM) that count as public, for closed networks.
    """

    webphone: str = ""
    webphone_path: str = "/"
    webphone_protocol: str = "sip"
    webphone_origin: str = ""
    webphone_control: str = ""
    http: str = ""
    http_expect: str = ""
    https: str = ""
    https_expect: str = ""
    stun: tuple[str, ...] = ()
    stun_control: tuple[str, ...] = ()
    media: str = ""
    turn: str = ""
    turn_user: PersonalName = ""
    turn_password: SecretText = ""
    udp_range: str = ""
    udp_range_ports: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    resolver_control: str = ""
    dns_name: str = "."
    dns_large_name: str = "."
    dns_large_type: str = "DNSKEY"
    websocket: tuple[str, ...] = ()
    websocket_protocol: str = ""
    websocket_origin: str = ""
    websocket_test: str = ""
    tls: tuple[str, ...] = ()
    tls_control: tuple[str, ...] = ()
    tls_floor: str = ""
    sip: tuple[str, ...] = ()
    sip_tls: str = ""
    sip_mirror: str = ""
    salesforce_login: OrgAddress = "https://login.salesforce.com"
    salesforce_client_id: str = ""
    salesforce_callback: str = "http://localhost:8717/callback"
    salesforce_user: PersonalName = ""
    salesforce_cti_users: tuple[PersonalName, ...] = ()
    extra_roots: tuple[str, ...] = ()

    def without_secrets(self) -> "Targets":
        """As a report may carry them: nobody who reads it gets a password."""
        hidden: dict[str, object] = {
            key: _without_login(value)
            if isinstance(value, str)
            else tuple(map(_without_login, value))
            for key, value in asdict(self).items()
        }
        if self.turn_password:
            hidden["turn_password"] = HIDDEN
        return replace(self, **hidden)


def _without_login(address: str) -> str:
    """ "https://***@example.com" for an address that holds a user's name or password."""
    return re.sub(r"(?<=://)[^/?#@\s]+(?=@)", HIDDEN, address)


class PublicUse(StrEnum):
    """What a public server is asked for."""

    MEDIA_BEACON = "media-beacon"
    """Returns small UDP datagrams unchanged."""
    WEB_PAGE = "web-page"
    """A plain page on port 80 that is always the same."""
    WEBPHONE_PORT = "webphone-port"
    """A web page on the webphone's port."""
    WEBSOCKET = "websocket"
    """Echoes messages."""
    UDP_SAMPLE = "udp-sample"
    """Answers on one UDP port: STUN, or a DNS query."""
    EDNS_SIZES = "edns-sizes"
    """A name server whose zone has TXT records with answers of known sizes, by `SIZE.4.zone`; it is
    asked through this computer's own resolver."""


class UdpService(StrEnum):
    """What a public UDP port is asked."""

    STUN = "stun"
    """A binding request (RFC 8489)."""
    DNS = "dns"
    """A DNS question; also for the certificates of DNSCrypt, which are TXT records."""
    ECHO = "echo"
    """A datagram that comes back unchanged."""


class PublicServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stranger's server that anyone may use, within the limits that its operator documents.

    Attributes:
        use: what it is asked for.
        address: host:port, or a ws(s):// address for a websocket.
        speaks: of a UDP sample, what its port is asked.
        dns_name: of one that speaks DNS, whose TXT record is asked for; "." asks for the root.
        witness: host:port of the same server that shows it is awake, or empty.
        expect: text that its answer must hold, or empty.
        place: where it stands, as a person reads it ("Ireland").
        operator: who runs it, as a person reads it.
        source: where its operator or documentation describes it.
        read_on: an ISO date.
        limits: what its operator asks of whoever uses it.
        proves: what an answer may claim, for whoever reviews this list.
    """

    use: PublicUse
    address: str
    operator: str
    source: str
    read_on: str
    speaks: UdpService = UdpService.STUN
    dns_name: str = "."
    witness: str = ""
    expect: str = ""
    place: str = ""
    limits: str = ""
    proves: str = ""


class Feeds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Addresses of the browser vendors' lists of releases; empty switches a list off.

    Attributes:
        chrome: Chrome's VersionHistory, ended releases too; `{platform}` is filled in.
        edge: Edge's list of products.
        firefox: Mozilla's product details.
        firefox_history: the day of each major version of Firefox.
    """

    chrome: str = ""
    edge: str = ""
    firefox: str = ""
    firefox_history: str = ""


class Updates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the profile's owner names the newest version of natwizard; it is told, never installed.

    Attributes:
        address: https address of a short TOML text with `version` and, if wanted, `link`; empty
            means that nobody asks.
    """

    address: str = ""


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asked of a named owner where no probe can settle a requirement, or not until they sign in.

    Attributes:
        text: what to do to answer it, verb first.
        owner: who can answer.
    """

    text: str
    owner: Owner


class Requirement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row: an ID, who it applies to, and its limits.

    Attributes:
        id: the check that settles it, or a name of your own for a question.
        text: what is required, as a person reads it.
        term: the word that the source uses for it, by which a helpdesk finds the row.
        roles: whom it applies to.
        source: key of the profile's sources, or empty where the requirement is our own.
        section: where in the source it stands.
        section_url: address of that section, where the source has one; else the source's is linked.
        advice_for: roles that get advice from it instead of a problem.
        limits: the check's limits by name; a limit left out keeps the check's default.
        title: of a question, a noun for tables; a check has its own.
        page: of a question, the page of the wizard that shows it; a check has its own.
        question: what a person can answer. A row that no check settles then needs title and page;
            one that a check settles asks it as long as nobody has signed in.
    """

    id: str
    text: str
    roles: tuple[Role, ...]
    source: str = ""
    section: str = ""
    section_url: str = ""
    advice_for: tuple[Role, ...] = ()
    limits: dict[str, LimitValue] = {}
    term: str = ""
    title: str = ""
    page: Page | None = None
    question: Question | None = None


class Share(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results go after a run, for whoever looks after the computers. Off while empty.

    Attributes:
        recipient: who gets the results, as the person at the screen reads it ("Example Ltd's
            helpdesk").
        folder: a folder, also a network share; each run becomes one file in it.
        otlp: https address of an OpenTelemetry collector's logs ("https://.../v1/logs").
        token: bearer token for that collector; reports never show it.
        client_certificate: path of a PEM file with certificate and private key for that collector.
        salt: secret of your own, 16 characters or more, from which computers get their `host.id`;
            whoever does not have it cannot tell which computer an ID stands for.
        names: send the computer's name too.
        watches: send the bad moments of a watch over minutes or hours too, to `otlp`.
        mail: the helpdesk's address ("helpdesk@example.com") for the draft of a mail that "Send to
            helpdesk" opens where neither `folder` nor `otlp` is set.
    """

    recipient: str = ""
    folder: str = ""
    otlp: str = ""
    token: str = ""
    client_certificate: str = ""
    salt: str = ""
    names: bool = False
    watches: bool = False
    mail: str = ""

    @property
    def wanted(self) -> bool:
        """Whether anything is to be sent at all."""
        return bool(self.folder or self.otlp)

    @property
    def addressee(self) -> str:
        """Who gets the results, as people read it; the place where no name is set."""
        if self.recipient or self.folder:
            return self.recipient or self.folder
        try:
            return urlsplit(self.otlp).hostname or self.otlp
        except ValueError:  # the window shows a profile before its mistakes are told
            return self.otlp


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place with a network of its own; the first whose subnet holds the computer's address is it,
    and of subnets within each other the smallest.

    Attributes:
        name: as reports and tables show it ("Leeds").
        subnets: its networks ("10.20.0.0/22", "2001:db8:20::/48"), private or public.
        provider: who connects it to the internet, as tables show it.
    """

    name: str
    subnets: tuple[str, ...]
    provider: str = ""


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole profile, complete after `extends` has been followed.

    Attributes:
        schema_version: of the profile format; this program reads 1.
        name: as reports show it.
        version: the owner's own version of this profile.
        sources: by key, documents that requirements come from: title, url, read_on (the
            day it was read) and dated (the document's own date).
        requirements: rows, see below.
        targets: where to measure, see below.
        feeds: lists of browser releases, see below.
        updates: where to look for a newer version of natwizard, see below.
        role: how people here take calls, until one of them says otherwise.
        share: where results go, see below.
        sites: places with networks of their own, see below.
        public_servers: whether public servers may be asked where no target is set.
        public: public servers, see below; in order of preference. A set target replaces them.
    """

    schema_version: int
    name: str
    version: str
    sources: dict[str, Source]
    requirements: tuple[Requirement, ...]
    targets: Targets = Targets()
    feeds: Feeds = Feeds()
    updates: Updates = Updates()
    role: Role = Role.WEBPHONE
    share: Share = Share()
    sites: tuple[Site, ...] = ()
    public_servers: bool = True
    public: tuple[PublicServer, ...] = ()

    @property
    def public_in_use(self) -> tuple[PublicServer, ...]:
        """Those that a run may ask; none where they are switched off."""
        return self.public if self.public_servers else ()
