"""Masks who and where in a whole report: user, computer, homes, SSID, MAC, public addresses."""

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from natwizard.model.address import parse_host_port
from natwizard.model.profile import Targets
from natwizard.model.report import Machine, ProfileUsed, Report
from natwizard.report.masks import HOME_PATH, MASK, Masks, addresses_in, names_of

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

# Keys of evidence whose values name a person, a computer or a network.
TELLING_KEY = re.compile(r"ssid|^(user|login|account|computer|host)_?name$|^(user|mac)$|_mac$")
# Fields of the report's own types that hold no free text.
FIXED_FIELDS = frozenset(
    ("schema_version", "app_version", "run_id", "run_code", "started_at", "finished_at", "verdict",
     "status", "check", "requirement", "page", "owner", "unit", "name", "code", "depends_on",
     "operation", "probe", "explains", "answers", "targets", "source", "link", "version",
     "point", "reply", "on", "made_at")
)  # fmt: skip
# Keys of evidence under which the far end stands, and those under which we do.
SERVER_KEYS = frozenset(("target", "server"))
OWN_KEYS = frozenset(("public", "plain", "seen", "local", "local_address", "mapped"))
LOOK_UPS = frozenset(("look_up", "resolve"))
ABOUT_SERVICE = frozenset(("ip.ranges", "salesforce.ip_ranges"))
# Targets that name people.
TELLING_TARGETS = frozenset(("turn_user", "salesforce_user", "salesforce_cti_users"))
FIXED_IN_EVIDENCE = frozenset(("code", "operation", "status"))


def redact(report: Report) -> Report:
    """The report without what tells who and where; again changes nothing.

    The profile's own targets stay, with the addresses that were tried for them: whoever opens a
    firewall needs them. So do private addresses, which name nobody outside.
    """
    content = _as_json(report)
    evidence: list[Json] = [
        msgspec.json.decode(bytes(record.evidence)) for record in report.outcomes
    ]
    masks = Masks(
        names=_names(report, [content, *evidence]),
        kept=_kept(report),
        kept_addresses=_server_addresses(report, evidence),
    )
    encoded = msgspec.json.encode(_masked(content, masks, FIXED_FIELDS))
    masked = msgspec.json.decode(encoded, type=Report)
    masked = msgspec.structs.replace(masked, profile=_masked_profile(masked.profile))
    outcomes = tuple(
        msgspec.structs.replace(
            record,
            evidence=msgspec.Raw(msgspec.json.encode(_masked(brought, masks, FIXED_IN_EVIDENCE))),
        )
        for record, brought in zip(masked.outcomes, evidence, strict=True)
    )
    return msgspec.structs.replace(
        masked, machine=_masked_machine(masked.machine), outcomes=outcomes, redacted=True
    )


def _as_json(report: Report) -> Json:
    """Everything but the evidence, which each probe forms as it likes."""
    bare = tuple(
        msgspec.structs.replace(record, evidence=msgspec.Raw(b"null")) for record in report.outcomes
    )
    encoded = msgspec.json.encode(msgspec.structs.replace(report, outcomes=bare))
    content: Json = msgspec.json.decode(encoded)
    return content


def _masked_machine(machine: Machine) -> Machine:
    return msgspec.structs.replace(
        machine,
        host_name=MASK if machine.host_name else "",
        user_name=MASK if machine.user_name else "",
    )


def _masked_profile(profile: ProfileUsed) -> ProfileUsed:
    """A password never stays, and a user name for a server tells who."""
    targets = profile.targets.without_secrets()
    telling = {
        key: MASK if isinstance(value, str) else (MASK,) * len(value)
        for key, value in msgspec.structs.asdict(targets).items()
        if key in TELLING_TARGETS and value
    }
    targets = msgspec.structs.replace(targets, **telling)
    return msgspec.structs.replace(profile, targets=targets)


def _names(report: Report, nodes: list[Json]) -> Iterator[str]:
    yield from names_of(report.machine.user_name)
    yield from names_of(report.machine.host_name)
    for node in nodes:
        for key, text in _texts(node, ""):
            if TELLING_KEY.search(key.lower()):
                yield text
            for found in HOME_PATH.finditer(text):
                yield found["owner"]


def _texts(node: Json, key: str) -> Iterator[tuple[str, str]]:
    """Every text with the key it is found under; a list's members share the list's key."""
    match node:
        case str():
            yield key, node
        case list():
            for member in node:
                yield from _texts(member, key)
        case dict():
            for name, member in node.items():
                yield key, name
                yield from _texts(member, name)


def _masked(node: Json, masks: Masks, fixed: frozenset[str]) -> Json:
    match node:
        case str():
            return masks.text(node)
        case list():
            return [_masked(member, masks, fixed) for member in node]
        case dict():
            masked: dict[str, Json] = {}
            for key, member in node.items():
                name = _unused(masks.text(key), masked)
                if key in fixed:
                    masked[name] = member
                elif fixed is FIXED_IN_EVIDENCE and TELLING_KEY.search(key.lower()):
                    masked[name] = _hidden(member)
                else:
                    masked[name] = _masked(member, masks, fixed)
            return masked
        case _:
            return node


def _hidden(node: Json) -> Json:
    """What stands under a telling key, however short it is."""
    match node:
        case str():
            return MASK if node else ""
        case list():
            return [_hidden(member) for member in node]
        case _:
            return node


def _unused(name: str, taken: dict[str, Json]) -> str:
    """Two addresses may look alike once masked; neither may push the other out."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _kept(report: Report) -> Iterator[str]:
    yield report.run_code
    for target in _targets(report.profile.targets):
        yield target
        yield _host(target)


def _targets(targets: Targets) -> Iterator[str]:
    for key, value in msgspec.structs.asdict(targets).items():
        if key not in ("extra_roots", "turn_password", *TELLING_TARGETS):
            yield from filter(None, (value,) if isinstance(value, str) else value)


def _host(target: str) -> str:
    """The host of "host:port" or of an address with a scheme; empty where there is none."""
    authority = target.partition("://")[2].partition("/")[0] or target
    try:
        return parse_host_port(authority, default_port=1).host
    except ValueError:
        return ""


def _server_addresses(report: Report, evidence: list[Json]) -> set[str]:
    """Addresses that may stay: in the profile, tried as a target, or a name of it led there.

    What a server saw us as is never one of them, whatever else was done with that address.
    """
    found = set(_addresses(evidence, SERVER_KEYS))
    for finding in report.findings:
        if finding.requirement in ABOUT_SERVICE:
            texts = (finding.observed, *(detail.text for detail in finding.details))
            found.update(address for text in texts for address in addresses_in(text))
    found -= set(_addresses(evidence, OWN_KEYS))
    return found | {_host(target) for target in _targets(report.profile.targets)}


def _addresses(node: Json, keys: frozenset[str], *, inside: bool = False) -> Iterator[str]:
    """Addresses anywhere below one of the keys; the value of a look-up counts as a server."""
    match node:
        case str() if inside:
            yield from addresses_in(node)
        case list():
            for member in node:
                yield from _addresses(member, keys, inside=inside)
        case dict():
            looked_up = keys is SERVER_KEYS and node.get("operation") in LOOK_UPS
            for key, member in node.items():
                counts = inside or key in keys or (looked_up and key == "value")
                yield from _addresses(member, keys, inside=counts)
