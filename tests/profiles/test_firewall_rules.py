"""What a firewall has to let out: drawn from the profile, and accepted by the real nft."""

import csv
import io
import os
import shutil
import subprocess

import msgspec
import pytest
from msgspec.structs import replace

from natwizard.checks.ip_ranges import VENDOR_RANGES
from natwizard.cli.main import main
from natwizard.model.address import parse_host_port, parse_ports
from natwizard.model.profile import Profile, PublicUse, Role, Targets
from natwizard.profiles.firewall_formats import FORMATS, as_csv, as_json, as_nftables, as_text
from natwizard.profiles.firewall_rules import (
    FOR_COMPARISON,
    FirewallList,
    FirewallRule,
    firewall_list,
)
from natwizard.profiles.read import shipped_profile

NFT = shutil.which("nft", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OWN_SERVERS = Targets(
    webphone="phone.example.com",
    stun=("192.0.2.7:3479", "185.185.76.9:5060"),
    media="[2001:db8::5]:18620",
    sip=("sip.example.com:5060",),
)


def own() -> Profile:
    return replace(shipped_profile(), targets=OWN_SERVERS)


def triples(listed: FirewallList) -> set[tuple[str, str, str]]:
    return {(rule.requirement, rule.protocol, " ".join(rule.ports)) for rule in listed.rules}


@pytest.mark.parametrize(
    ("role", "there", "absent"),
    [
        (
            Role.WEBPHONE,
            {
                ("port.tcp80", "tcp", "80"),
                ("port.tcp443", "tcp", "443"),
                ("port.dns", "udp", "53"),
                ("port.dns", "tcp", "53"),
                ("port.webphone", "tcp", "10062"),
                ("udp.stun", "udp", "3479 5060"),
                ("udp.range", "udp", "5000-64000"),
            },
            {"port.sip"},
        ),
        (
            Role.SIP_DEVICE,
            {("port.sip", "tcp", "5050 5060 5061"), ("port.sip", "udp", "5050 5060 5061")},
            {"port.webphone"},
        ),
        (
            Role.OVER_THE_TOP,
            {("port.tcp443", "tcp", "443")},
            {"port.webphone", "udp.stun", "udp.range", "port.sip"},
        ),
    ],
)
def test_each_role_needs_its_own(
    role: Role, there: set[tuple[str, str, str]], absent: set[str]
) -> None:
    listed = firewall_list(shipped_profile(), role)
    assert there <= triples(listed)
    assert not absent & {rule.requirement for rule in listed.rules}


def test_every_rule_says_where_it_comes_from() -> None:
    listed = firewall_list(shipped_profile(), Role.ADMINISTRATOR)
    for rule in (*listed.rules, *listed.locked):
        assert rule.why
        assert ("Technical Prerequisites, " in rule.source) is (rule.why != FOR_COMPARISON)


MEDIA = ("port.webphone", "udp.stun", "udp.range", "port.sip")


def test_the_open_way_comes_first_and_needs_no_address_of_the_service() -> None:
    listed = firewall_list(own(), Role.ADMINISTRATOR)
    first: dict[str, FirewallRule] = {}
    for rule in listed.rules:
        first.setdefault(rule.requirement, rule)
    assert all(first[name].destinations == () for name in MEDIA)
    destinations = {each for rule in listed.rules for each in rule.destinations}
    assert not destinations & set(VENDOR_RANGES)
    # every server that the profile names is let out by a port already
    assert "phone.example.com" not in destinations


def test_the_locked_way_is_the_ranges_and_what_the_profile_names_beside_them() -> None:
    rules = firewall_list(own(), Role.ADMINISTRATOR).locked
    webphone = [rule for rule in rules if rule.requirement == "port.webphone"]
    assert "185.185.76.0/22" in webphone[0].destinations
    assert webphone[1].destinations == ("phone.example.com",)
    stun = [rule.destinations for rule in rules if rule.requirement == "udp.stun"]
    assert ("192.0.2.7",) in stun
    assert ("185.185.76.9",) not in stun


def test_the_locked_way_says_what_it_costs_in_every_format() -> None:
    listed = firewall_list(shipped_profile(), Role.WEBPHONE)
    assert "advises against" in listed.locked_costs
    text = as_text(listed)
    assert text.index("TCP 10062") < text.index("advises against") < text.index("185.185.76.0/22")
    rules = as_nftables(listed)
    assert rules.index("chain allow_natwizard {") < rules.index("advises against")
    assert rules.index("advises against") < rules.index("chain allow_natwizard_locked {")
    ways = [row["way"] for row in csv.DictReader(io.StringIO(as_csv(listed)))]
    assert ways == sorted(ways, key=("open", "locked").index)
    assert set(ways) == {"open", "locked"}
    assert "advises against" in as_json(listed)


def test_a_role_without_media_has_nothing_to_lock() -> None:
    listed = firewall_list(shipped_profile(), Role.OVER_THE_TOP)
    assert listed.locked_costs == ""
    assert listed.locked == listed.rules
    assert "other way" not in as_text(listed)


def lets_out(rules: tuple[FirewallRule, ...], protocol: str, address: str) -> bool:
    host = parse_host_port(address)
    return any(
        rule.protocol == protocol
        and any(host.port in ports for ports in parse_ports(rule.ports))
        and (not rule.destinations or host.host in rule.destinations)
        for rule in rules
    )


@pytest.mark.parametrize("profile", [shipped_profile(), own()], ids=["shipped", "own servers"])
def test_whoever_follows_the_list_can_be_measured_by_this_program(profile: Profile) -> None:
    listed = firewall_list(profile, Role.ADMINISTRATOR)
    beacons = [each.address for each in profile.public if each.use is PublicUse.MEDIA_BEACON]
    for rules in (listed.rules, listed.locked):
        for control in (*profile.targets.stun_control, *beacons):
            assert lets_out(rules, "udp", control), control
        [port] = [each for each in profile.public if each.use is PublicUse.WEBPHONE_PORT]
        assert lets_out(rules, "tcp", port.address)


def test_public_servers_that_are_not_asked_are_not_let_out() -> None:
    profile = replace(shipped_profile(), public_servers=False)
    listed = firewall_list(profile, Role.ADMINISTRATOR)
    assert not lets_out(listed.locked, "udp", "gamelift-ping.eu-west-1.api.aws:7770")
    assert lets_out(listed.locked, "udp", "stun.l.google.com:19302")


def test_another_port_of_the_webphone_is_the_one_to_open() -> None:
    profile = replace(shipped_profile(), targets=Targets(webphone="phone.example.com:8443"))
    assert ("port.webphone", "tcp", "8443") in triples(firewall_list(profile, Role.WEBPHONE))


def test_desk_phones_fetch_their_settings_somewhere_else() -> None:
    rules = firewall_list(shipped_profile(), Role.SIP_DEVICE).rules
    [fetch] = [rule for rule in rules if "20.19.104.34" in rule.destinations]
    assert (fetch.protocol, fetch.ports) == ("tcp", ("80", "443"))


@pytest.mark.skipif(
    NFT is None or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root and nft"
)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("profile", [shipped_profile(), own()], ids=["shipped", "own servers"])
def test_nft_accepts_the_rules(profile: Profile, role: Role) -> None:
    rules = as_nftables(firewall_list(profile, role))
    done = subprocess.run(
        [NFT or "nft", "-c", "-f", "-"], input=rules, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + rules


HOSTILE = FirewallList(
    profile='evil"\n}\nflush ruleset',
    version="1",
    role=Role.WEBPHONE,
    rules=(
        FirewallRule(
            requirement='x" drop',
            destinations=("10.0.0.0/8", "10.1.0.0/16", "=cmd.example.com"),
            protocol="tcp",
            ports=("443",),
            why="=HYPERLINK(1)\nadd rule",
            source="",
        ),
    ),
)


def test_texts_of_a_profile_stay_inside_their_comments() -> None:
    rules = as_nftables(HOSTILE)
    bare = [line.strip() for line in rules.splitlines() if not line.strip().startswith("#")]
    assert bare == [
        "table inet natwizard {",
        "chain allow_natwizard {",
        'ip daddr { 10.0.0.0/8 } tcp dport { 443 } accept comment "x\' drop"',
        "}",
        "}",
    ]


def test_csv_holds_one_line_a_destination_and_no_formulas() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(HOSTILE))))
    assert [row["destination"] for row in rows] == [
        "10.0.0.0/8",
        "10.1.0.0/16",
        "'=cmd.example.com",
    ]
    assert rows[0]["why"].startswith("'=")


def test_json_reads_back_as_the_same_rules() -> None:
    listed = firewall_list(own(), Role.ADMINISTRATOR)
    assert msgspec.json.decode(as_json(listed), type=FirewallList) == listed


def test_text_names_every_range() -> None:
    text = as_text(firewall_list(shipped_profile(), Role.WEBPHONE))
    assert "to 103.73.186.0/23" in text
    assert "TCP 10062  [port.webphone]" in text


@pytest.mark.parametrize("name", FORMATS)
def test_the_command_prints_each_format(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["firewall", "--format", name]) == 0
    assert "10062" in capsys.readouterr().out
