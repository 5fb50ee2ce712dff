"""The profile (TOML) that points natwizard at a running reflector."""

import json

import msgspec
from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.profile import Feeds, Targets
from natwizard.reflector.dns import LARGE_NAME, LARGE_TYPE, ZONE_NAME
from natwizard.reflector.settings import ReflectorSettings
from natwizard.reflector.websocket import PHRASE


class ReflectorEndpoints(Struct, frozen=True, kw_only=True):
    """Where everything really listens. `control` places are another address or port.

    Attributes:
        range_ports: UDP, on the address of `media`.
        sip: UDP and TCP; the first is the mirror.
    """

    webphone: HostPort
    webphone_control: tuple[HostPort, ...]
    http: tuple[HostPort, ...]
    https: tuple[HostPort, ...]
    stun: tuple[HostPort, ...]
    stun_control: tuple[HostPort, ...]
    media: HostPort
    range_ports: tuple[int, ...]
    sip: tuple[HostPort, ...]
    sip_tls: HostPort
    dns: tuple[HostPort, ...] = ()
    dns_control: tuple[HostPort, ...] = ()


def targets_of(
    places: ReflectorEndpoints, settings: ReflectorSettings, authority_pem: str
) -> Targets:
    """The targets of a profile; whatever the internet offers better is left out, but in a demo.

    Web filters and name servers are between a computer and real hosts, so only a demo, which
    must not leave the machine, measures those against the reflector.
    """
    websockets = [f"ws://{place}/" for place in places.http]
    websockets += [f"wss://{place}/" for place in places.https]
    targets = Targets(
        webphone=str(places.webphone),
        webphone_control=_first(places.webphone_control),
        http=f"http://{places.http[0]}/" if places.http else "",
        http_expect=PHRASE if places.http else "",
        https=f"https://{places.https[0]}/" if places.https else "",
        https_expect=PHRASE if places.https else "",
        stun=_texts(places.stun),
        stun_control=_texts(places.stun_control),
        media=str(places.media),
        udp_range=places.media.host,
        udp_range_ports=tuple(str(port) for port in places.range_ports),
        websocket=tuple(websockets),
        tls_floor=str(places.webphone),
        sip=(*_texts(places.sip), str(places.sip_tls)),
        sip_tls=str(places.sip_tls),
        sip_mirror=_first(places.sip),
        extra_roots=(authority_pem,) if authority_pem else (),
    )
    if not settings.demo:
        return targets
    return msgspec.structs.replace(
        targets,
        tls=_texts(places.https) or (str(places.webphone),),
        tls_control=_texts(places.webphone_control),
        resolvers=_texts(places.dns),
        resolver_control=_first(places.dns_control),
        dns_name=ZONE_NAME,
        dns_large_name=LARGE_NAME,
        dns_large_type=LARGE_TYPE,
    )


def write_profile(targets: Targets, settings: ReflectorSettings) -> str:
    """The whole text. A demo sets every target, so that nothing of the shipped profile is left."""
    where = "this computer" if settings.demo else settings.name
    lines = [
        f"# Measures against the reflector on {where}.",
        "# Put the service's own addresses in as you learn them; the controls can stay.",
        'extends = "natterbox"',
        "schema_version = 1",
        f"name = {_quoted(f'Reflector on {where}')}",
        'version = "1"',
        "",
        "[targets]",
    ]
    blank = msgspec.structs.asdict(Targets())
    for key, value in msgspec.structs.asdict(targets).items():
        if settings.demo or value != blank[key]:
            lines.append(f"{key} = {_value(value)}")
    if settings.demo:
        blank_feeds = msgspec.structs.asdict(Feeds())
        lines += ["", "[feeds]", *(f"{key} = {_value(text)}" for key, text in blank_feeds.items())]
    return "\n".join((*lines, ""))


def _texts(places: tuple[HostPort, ...]) -> tuple[str, ...]:
    return tuple(str(place) for place in places)


def _first(places: tuple[HostPort, ...]) -> str:
    return str(places[0]) if places else ""


def _value(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return f"[{', '.join(_quoted(item) for item in value)}]"


def _quoted(text: str) -> str:
    """A TOML string: PEM over several lines as it is, all else as JSON writes it."""
    if text.startswith("-----BEGIN"):
        return f"'''\n{text}'''"
    return json.dumps(text, ensure_ascii=False)
