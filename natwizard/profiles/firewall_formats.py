"""A list of firewall rules as text, CSV, JSON, or rules for nftables (nft(8))."""

import csv
import io
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

import msgspec

from natwizard.model.encoding import FORMULA_SIGNS
from natwizard.model.language import _
from natwizard.profiles.firewall_rules import FirewallList, FirewallRule

COLUMNS = ("destination", "protocol", "ports", "requirement", "why", "source", "way")
OPEN, LOCKED = "open", "locked"
ANYONE = "any"
COMMENT_WIDTH = 90
UNSAFE = re.compile(r"[^\x20-\x7e]")


def as_text(listed: FirewallList) -> str:
    """For people: what, where to, why."""
    lines = [
        _("{profile}, version {version}, role {role}").format(
            profile=listed.profile, version=listed.version, role=listed.role.value
        ),
        _("Outgoing connections to allow. Answers to them have to come back."),
        *([_("By port, to any address: what the vendor asks for.")] if listed.locked_costs else []),
        *_rule_lines(listed.rules),
    ]
    if listed.locked_costs:
        lines += [
            "",
            "",
            _("The other way: a firewall that is locked to addresses"),
            _(listed.locked_costs),
            *_rule_lines(listed.locked),
        ]
    return "\n".join((*lines, ""))


def _rule_lines(rules: Sequence[FirewallRule]) -> list[str]:
    lines: list[str] = []
    for rule in rules:
        lines += ["", f"{rule.protocol.upper()} {', '.join(rule.ports)}  [{rule.requirement}]"]
        lines.append(f"    {_(rule.why)}")
        lines += [
            "    " + _("to {destination}").format(destination=each)
            for each in rule.destinations or (_("any"),)
        ]
        if rule.source:
            lines.append("    " + _("source: {source}").format(source=rule.source))
    return lines


def as_csv(listed: FirewallList) -> str:
    """One line for each destination of each rule of each way (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    ways = [(OPEN, rule) for rule in listed.rules]
    if listed.locked_costs:
        ways += [(LOCKED, rule) for rule in listed.locked]
    for way, rule in ways:
        for destination in rule.destinations or (ANYONE,):
            cells = (
                destination,
                rule.protocol,
                " ".join(rule.ports),
                rule.requirement,
                rule.why,
                rule.source,
                way,
            )
            writer.writerow([_as_words(cell) for cell in cells])
    return out.getvalue()


def _as_words(cell: str) -> str:
    """Spreadsheets run cells that begin like a formula; an apostrophe makes them words."""
    return f"'{cell}" if cell[:1] in FORMULA_SIGNS else cell


def as_json(listed: FirewallList) -> str:
    """As the values are called in this program."""
    return msgspec.json.format(msgspec.json.encode(listed), indent=2).decode() + "\n"


def as_nftables(listed: FirewallList) -> str:
    """A table with a chain for each way, to jump to from one of your own; it drops nothing."""
    lines = [
        f"# {_safe(listed.profile)}, version {_safe(listed.version)}, role {listed.role.value}",
        '# load with "nft -f", then jump to it: "jump allow_natwizard" in your forward chain',
        "table inet natwizard {",
        *_nft_chain("allow_natwizard", listed.rules),
    ]
    if listed.locked_costs:
        lines += [
            "  # the other way, locked to addresses; jump to one of the two",
            *(f"  # {line}" for line in textwrap.wrap(_safe(listed.locked_costs), COMMENT_WIDTH)),
            *_nft_chain("allow_natwizard_locked", listed.locked),
        ]
    return "\n".join((*lines, "}", ""))


def _nft_chain(name: str, rules: Sequence[FirewallRule]) -> list[str]:
    lines = [f"  chain {name} {{"]
    for rule in rules:
        lines.append(f"    # {_safe(rule.why)}")
        lines += [f"    {line}" for line in _nft_rules(rule)]
    return [*lines, "  }"]


def _nft_rules(rule: FirewallRule) -> Iterator[str]:
    ports = f"{rule.protocol} dport {{ {', '.join(rule.ports)} }}"
    # nft takes no comment of more than 128 bytes
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
