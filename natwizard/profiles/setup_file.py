"""The one file or link by which a helpdesk sets everything: written, read, told before it is taken.

A set-up file is a profile (TOML) whose name ends in `.natwizard`. It comes by mail, from a page,
out of a chat: whoever is asked to take it has to see whose it is and whom this computer would
talk to.
"""

import json
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, structs

from natwizard.model.address import host_port_of_url
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Profile, Role, Site, Targets
from natwizard.profiles.find import Fetch, FoundProfile, read_place
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import SHIPPED, parse_profile, profile_text, shipped_profile

SUFFIX: Final = ".natwizard"
LINK_SUFFIXES: Final = (SUFFIX, ".toml")
# All of them stand in the question that is asked before the file is used (decision 161)
MOST_SERVERS: Final = 100
# Texts are shown in that question; certificates, which are longer, are not
LONGEST_TEXT: Final = 2000
# It may quote the file
LONGEST_PROBLEM: Final = 300
ROOTS_KEY: Final = "extra_roots"
PEM: Final = re.compile(
    r"\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+"
)
"""Certificates are longer than any words; they count them, and nobody is shown their text."""

NO_SERVERS: Final = {
    "webphone_path", "webphone_protocol", "http_expect", "https_expect", "turn_user",
    "turn_password", "udp_range_ports", "dns_name", "dns_large_name", "dns_large_type",
    "websocket_protocol", "salesforce_client_id", "salesforce_callback", "salesforce_user",
    "salesforce_cti_users", "extra_roots", "webphone_origin", "websocket_origin",
}  # fmt: skip
"""Targets that are no address to connect to."""

MARKUP = re.compile(r"<\s*+[/!?]?\s*+[A-Za-z]")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and those that make a text read as another one (Unicode TR 36, 3.5)."""


class SetupRefusedError(Exception):
    """A set-up file that is not even offered. `str()` is one sentence for whoever opened it."""

    def __init__(self, problem: str) -> None:
        text = _("This set-up file cannot be used: {problem}.")
        seen = UNSEEN.sub("?", problem.replace("\n", " "))  # it may quote the file
        super().__init__(text.format(problem=seen[:LONGEST_PROBLEM].rstrip(".")))


class SetupOffer(Struct, frozen=True, kw_only=True):
    """A set-up file that can be used, and what has to be said before it is.

    Attributes:
        content: its bytes, as they will be kept.
        company: whose it says it is.
        servers: host names and addresses that natwizard does not come with, each once.
        results_to: where results would be sent, or empty.
        roots: how many certificates would count as public.
    """

    found: FoundProfile
    content: bytes
    company: str
    servers: tuple[str, ...]
    results_to: str = ""
    roots: int = 0


class SetupAnswers(Struct, frozen=True, kw_only=True):
    """What somebody who makes a set-up file is asked. Only the company has to be there.

    Attributes:
        version: the owner's own, such as a date.
        targets: what is set of them.
    """

    company: str
    version: str
    targets: Targets = Targets()
    role: Role = Role.WEBPHONE
    sites: tuple[Site, ...] = ()


def setup_link(text: str) -> str:
    """The link to a set-up file that a person pasted; empty where it is something else.

    A web address that ends otherwise may be the webphone's own.
    """
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_web = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    return address if is_web and parts.path.lower().endswith(LINK_SUFFIXES) else ""


def read_offer(place: str, fetch: Fetch | None = None) -> SetupOffer:
    """A set-up file from a path or an https link. Blocks for as long as `fetch` does.

    Raises SetupRefusedError.
    """
    try:
        if "://" not in place and not stat.S_ISREG(Path(place).stat().st_mode):
            raise SetupRefusedError(_("it is no file"))  # a pipe would be read for ever
        content = read_place(place, fetch)
    except ProfileMistake as mistake:
        raise SetupRefusedError(mistake.problem) from mistake
    except (OSError, ValueError) as error:
        raise SetupRefusedError(_("the file cannot be read")) from error
    return offer_of(content, place)


def offer_of(content: bytes, place: str) -> SetupOffer:
    """The same of bytes that are there. Raises SetupRefusedError."""
    if content.lstrip()[:1] == b"<":
        raise SetupRefusedError(_("this is a web page, not a set-up file"))
    try:
        profile = parse_profile(content, place)
        table = tomllib.loads(profile_text(content))
    except ProfileMistake as mistake:
        raise SetupRefusedError(_words_of(mistake)) from mistake
    for path, text in _texts_in(table):
        _require_plain(path, text)
    servers = own_servers(profile)
    if len(servers) > MOST_SERVERS:
        problem = _("it names {count} servers, and more than {most} is no company's set-up")
        raise SetupRefusedError(problem.format(count=len(servers), most=MOST_SERVERS))
    return SetupOffer(
        found=FoundProfile(profile=profile, location=place),
        content=content,
        company=profile.name,
        servers=servers,
        results_to=_host_of(profile.share.otlp) or profile.share.folder,
        roots=len(profile.targets.extra_roots),
    )


def offer_lines(offer: SetupOffer, *, with_servers: bool = True) -> tuple[str, ...]:
    """What a person is told before it is taken: whose it is, every server, what else counts.

    Without `with_servers` somebody else lists those that there are.
    """
    lines = [_("Use the settings of {company}?").format(company=offer.company)]
    if offer.servers and with_servers:
        servers = ", ".join(offer.servers)
        lines.append(_("They name these servers: {servers}").format(servers=servers))
    elif not offer.servers:
        lines.append(_("They name no server that natwizard does not come with."))
    if offer.results_to:
        text = _("Results of each run would be sent to: {place}")
        lines.append(text.format(place=offer.results_to))
    if offer.roots:
        text = ngettext(
            "{count} certificate would count as public.",
            "{count} certificates would count as public.",
            offer.roots,
        )
        lines.append(text.format(count=offer.roots))
    return tuple(lines)


def _words_of(mistake: ProfileMistake) -> str:
    """The first of its mistakes; whoever wrote it gets all from `natwizard profile validate`."""
    parts = [mistake.key, mistake.problem]
    if mistake.line:
        parts.insert(0, _("line {line}").format(line=mistake.line))
    return ", ".join(filter(None, parts))


def _texts_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a table, keys as well, each with the name of what holds it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield path, str(key)
            yield from _texts_in(below, str(key))
    elif isinstance(value, list):
        for below in value:
            yield from _texts_in(below, path)


def _require_plain(name: str, text: str) -> None:
    """Nothing that a window, a page or a terminal could take for more than words."""
    where = name[:80] if not (MARKUP.search(name) or UNSEEN.search(name)) else "?"
    if name == ROOTS_KEY and PEM.fullmatch(text):
        return
    if len(text) > LONGEST_TEXT:
        problem = _("{name} is longer than {most} characters")
        raise SetupRefusedError(problem.format(name=where, most=LONGEST_TEXT))
    if MARKUP.search(text) or UNSEEN.search(text):
        problem = _("{name} holds markup or characters that cannot be seen")
        raise SetupRefusedError(problem.format(name=where))


def own_servers(profile: Profile) -> tuple[str, ...]:
    """Hosts that a profile names and the shipped one does not, in the profile's order."""
    shipped = frozenset(_hosts_of(shipped_profile(whole=False)))
    return tuple(host for host in dict.fromkeys(_hosts_of(profile)) if host not in shipped)


def _hosts_of(profile: Profile) -> Iterator[str]:
    for key, value in structs.asdict(profile.targets).items():
        if key not in NO_SERVERS:
            yield from map(_host_of, (value,) if isinstance(value, str) else value)
    for server in profile.public_in_use:
        yield from (_host_of(server.address), _host_of(server.witness))
    addresses = (*structs.astuple(profile.feeds), profile.updates.address, profile.share.otlp)
    yield from map(_host_of, addresses)


def _host_of(address: str) -> str:
    """Of an address of any kind; empty for none. The reader has seen to it that it is one."""
    if not address:
        return ""
    try:
        found = urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:
        return address
    return found or address


@dataclass(frozen=True, slots=True)
class _Line:
    """One target of a set-up file: its comment, and an example that stands there in its place."""

    key: str
    comment: str
    example: str | tuple[str, ...]


LINES: Final = (
    _Line("webphone", "The webphone's server, as your account team names it; port 10062 if none"
          " is given.", "webphone.example.com"),
    _Line("stun", "The service's STUN servers, with ports.",
          ("stun.example.com:5060", "stun.example.com:3479")),
    _Line("media", "A reflector that you run (natwizard reflector): it measures calls both ways.",
          "reflector.example.com:18620"),
    _Line("websocket", "Addresses that echo what they get.", ("wss://echo.example.com/",)),
)  # fmt: skip


def setup_toml(answers: SetupAnswers) -> bytes:
    """A set-up file with a comment for each line. Raises ProfileMistake where it is none."""
    lines = [
        "# Set-up file for natwizard, the webphone readiness check.",
        "# People double-click it, drop it on natwizard's window, or paste its https link there.",
        "# What is not set here is as natwizard comes with it.",
        f"extends = {_quoted(SHIPPED)}",
        "schema_version = 1",
        "",
        "# Shown to whoever is asked to use this file, and in reports.",
        f"name = {_quoted(answers.company.strip())}",
        "# Your own; change it with the file.",
        f"version = {_quoted(answers.version.strip())}",
        "# How people here take calls, until one of them says otherwise.",
        f"role = {_quoted(answers.role.value)}",
        "",
        "[targets]",
    ]
    values = structs.asdict(answers.targets)
    blank = structs.asdict(Targets())
    for line in LINES:
        value = values[line.key]
        mark = "" if value != blank[line.key] else "# "
        lines += [f"# {line.comment}", f"{mark}{line.key} = {_toml(value or line.example)}"]
    listed = {line.key for line in LINES}
    lines += [f"{key} = {_toml(value)}" for key, value in values.items()
              if key not in listed and value != blank[key]]  # fmt: skip
    if answers.sites:
        lines += ["", "# Places with networks of their own, by which results are grouped."]
    for site in answers.sites:
        lines += ["[[sites]]", f"name = {_quoted(site.name)}", f"subnets = {_toml(site.subnets)}"]
    content = "\n".join((*lines, "")).encode()
    if not answers.company.strip():
        raise ProfileMistake(SUFFIX, _("expected a company's name"), key="name")
    try:
        offer_of(content, SUFFIX)
    except SetupRefusedError as refused:
        cause = refused.__cause__
        raise cause if isinstance(cause, ProfileMistake) else ProfileMistake(SUFFIX, str(refused))  # noqa: B904
    return content


def typed_host(text: str) -> str:
    """A host as somebody typed or pasted it: of a web address its host."""
    return host_port_of_url(text)


def typed_site(text: str) -> Site:
    """ "Leeds = 10.20.0.0/22, 10.21.0.0/22" as a site. Raises ValueError."""
    name, found, subnets = text.partition("=")
    parts = tuple(part.strip() for part in subnets.split(",") if part.strip())
    if not (name.strip() and found and parts):
        raise ValueError(
            _("expected a name and its networks, such as Leeds = 10.20.0.0/22, got {text}").format(
                text=repr(text[:80])
            )
        )
    for part in parts:
        ip_network(part)
    return Site(name=name.strip(), subnets=parts)


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return f"[{', '.join(map(_quoted, value))}]"


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)
