"""A list of firewall rules as text, CSV, JSON, or rules for nftables (nft(8))."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

import msgspec

from natwizard.model.language import _
from natwizard.profiles.firewall_rules import FirewallList, FirewallRule

COLUMNS = ("destination", "protocol", "ports", "requirement", "why", "source")
ANYONE = "any"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UNSAFE = re.compile(r"[^\x20-\x7e]")


def as_text(listed: FirewallList) -> str:
    """For people: what, where to, why."""
    lines = [
        _("{profile}, version {version}, role {role}").format(
            profile=listed.profile, version=listed.version, role=listed.role.value
        ),
        _("Outgoing connections to allow. Answers to them have to come back."),
    ]
    for rule in listed.rules:
        lines += ["", f"{rule.protocol.upper()} {', '.join(rule.ports)}  [{rule.requirement}]"]
        lines.append(f"    {_(rule.why)}")
        lines += [
            "    " + _("to {destination}").format(destination=each)
            for each in rule.destinations or (_("any"),)
        ]
        if rule.source:
            lines.append("    " + _("source: {source}").format(source=rule.source))
    return "\n".join((*lines, ""))


def as_csv(listed: FirewallList) -> str:
    """One line for each destination of each rule (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for rule in listed.rules:
        for destination in rule.destinations or (ANYONE,):
            cells = (
                destination,
                rule.protocol,
                " ".join(rule.ports),
                rule.requirement,
                rule.why,
                rule.source,
            )
            writer.writerow([_as_words(cell) for cell in cells])
    return out.getvalue()


def _as_words(cell: str) -> str:
    """Spreadsheets run cells that begin like a formula; an apostrophe makes them words."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def as_json(listed: FirewallList) -> str:
    """As the values are called in this program."""
    return msgspec.json.format(msgspec.json.encode(listed), indent=2).decode() + "\n"


def as_nftables(listed: FirewallList) -> str:
    """A table with one chain to jump to from a forward chain of your own; it drops nothing."""
    lines = [
        f"# {_safe(listed.profile)}, version {_safe(listed.version)}, role {listed.role.value}",
        '# load with "nft -f", then jump to it: "jump allow_natwizard" in your forward chain',
        "table inet natwizard {",
        "  chain allow_natwizard {",
    ]
    for rule in listed.rules:
        lines.append(f"    # {_safe(rule.why)}")
        lines += [f"    {line}" for line in _nft_rules(rule)]
    return "\n".join((*lines, "  }", "}", ""))


def _nft_rules(rule: FirewallRule) -> Iterator[str]:
    ports = f"{rule.protocol} dport {{ {', '.join(rule.ports)} }}"
    ends = f'{ports} accept comment "{_safe(rule.requirement)[:100]}"'
    if not rule.destinations:
        yield ends
    networks, names = _split(rule.destinations)
    yield from (f"# {_safe(name)}: a name; put its addresses here: {ports}" for name in names)
    for family, version in (("ip", 4), ("ip6", 6)):
        members = ", ".join(str(each) for each in networks if each.version == version)
        if members:
            yield f"{family} daddr {{ {members} }} {ends}"


def _split(
    destinations: tuple[str, ...],
) -> tuple[tuple[IPv4Network | IPv6Network, ...], tuple[str, ...]]:
    """Networks without overlap, which a set must not have; and names."""
    ipv4: list[IPv4Network] = []
    ipv6: list[IPv6Network] = []
    names = []
    for text in destinations:
        try:
            network = ip_network(text)
        except ValueError:
            names.append(text)
            continue
        if isinstance(network, IPv4Network):
            ipv4.append(network)
        else:
            ipv6.append(network)
    return (*collapse_addresses(ipv4), *collapse_addresses(ipv6)), tuple(names)


def _safe(text: str) -> str:
    """A text of the profile inside a comment: one line, no quotes."""
    return UNSAFE.sub(" ", text).replace('"', "'")


FORMATS: Mapping[str, Callable[[FirewallList], str]] = {
    "text": as_text,
    "csv": as_csv,
    "nftables": as_nftables,
    "json": as_json,
}
