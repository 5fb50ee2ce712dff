"""A redacted report tells nobody who and where, and stays as useful as it can."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.samples import not_ready, overlong, ready, record

from natwizard.model.finding import AttemptLine, Detail, Owner, Remedy
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.report import Report
from natwizard.report.as_json import report_json
from natwizard.report.redact import Redactor, redact

BASE = not_ready()
BASE_TEXT = report_json(BASE).decode().lower()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("seen as 198.51.100.7:5060", "seen as 198.51.*.*:5060"),
        ("router 192.168.1.1, 10.0.0.1, 172.31.0.9", "router 192.168.1.1, 10.0.0.1, 172.31.0.9"),
        ("127.0.0.1 100.64.1.2 224.0.0.1", "127.0.0.1 100.64.1.2 224.0.0.1"),
        ("172.32.0.1", "172.32.*.*"),
        ("server 203.0.113.24:443", "server 203.0.113.24:443"),
        ("range 185.185.76.0/22", "range 185.185.76.0/22"),
        ("mine 203.0.113.8/29", "mine 203.0.*.*/29"),
        ("mine 203.0.113.9/22", "mine 203.0.*.*/22"),
        ("7.100.51.198.in-addr.arpa", "*.*.*.*.in-addr.arpa"),
        ("dsl-198-51-100-7.example.net", "dsl-198-51-*-*.example.net"),
        ("ec2-198-51-100-7", "ec2-198-51-*-*"),
        ("[2001:db8:1::7]:443", "[2001:*]:443"),
        ("fe80::211:22ff:fe33:4455%eth0", "fe80:*"),
        ("::ffff:198.51.100.7", "0:*"),
        ("::1 and ::", "::1 and ::"),
        ("at 14:06:12.402, 12:30", "at 14:06:12.402, 12:30"),
        ("Chrome 158.0.8123.40", "Chrome 158.0.8123.40"),
        ("Windows 10.0.19045.3803", "Windows 10.0.19045.3803"),
        ("aa:bb:cc:dd:ee:0f AA-BB-CC-DD-EE-0F", "**:**:**:**:**:** **:**:**:**:**:**"),
        ("aabb.ccdd.ee0f", "**:**:**:**:**:**"),
        (r"C:\Users\First Last\AppData", r"C:\Users\***\AppData"),
        (r"c:\users\flast", r"c:\users\***"),
        ("/home/flast/.config", "/home/***/.config"),
        ("file:///Users/flast/x", "file:///Users/***/x"),
        ("/home/user/x C:/Users/Public/y", "/home/user/x C:/Users/Public/y"),
        ("https://example.com/home/page", "https://example.com/home/page"),
        ("first.last, FIRST.LAST@corp", "***, ***@corp"),
        ("first (first-laptop), not Firstly", "*** (***-laptop), not Firstly"),
        ("ws-0042 ws-0042.corp.example.org", "*** ***"),
        ("webphone.example.com:10062", "webphone.example.com:10062"),
        ("maple river", "maple river"),
        (r"HKU\S-1-5-21-11-22-33-1001\Software", r"HKU\S-1-5-21-***\Software"),
        ("wss://kim:pw@webphone.example.com/x", "wss://***@webphone.example.com/x"),
        ("https://example.com/a@b, a@b.example", "https://example.com/a@b, a@b.example"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_tells_is_masked_and_what_helps_stays(text: str, masked: str) -> None:
    masks = Redactor(
        names=("first", "first.last", "WS-0042", "WS-0042.corp.example.org", "maple", "webphone"),
        kept=("webphone.example.com", "maple river"),
        kept_addresses=("203.0.113.24",),
    )
    assert masks.text(text) == masked
    assert masks.text(masked) == masked


@pytest.mark.parametrize("report", [not_ready(), ready(), overlong()])
def test_redacting_twice_changes_nothing(report: Report) -> None:
    once = redact(report)
    assert once.redacted
    assert report_json(redact(once)) == report_json(once)


def test_the_profile_and_its_targets_stay() -> None:
    masked = redact(BASE)
    assert masked.profile == BASE.profile
    assert masked.run_code == BASE.run_code
    assert [finding.status for finding in masked.findings] == [
        finding.status for finding in BASE.findings
    ]


def test_servers_stay_and_our_own_address_goes() -> None:
    evidence = {
        "attempts": [{"operation": "connect_tcp", "target": "203.0.113.24:443"}],
        "lookup": {
            "operation": "look_up", "target": "stun.example.com:3478",
            "value": [{"address": "203.0.113.99", "port": 3478}],
        },
        "flows": [{"server": {"host": "203.0.113.98", "port": 1},
                   "public": {"host": "198.51.100.77", "port": 2},
                   "target": "198.51.100.77:2"}],
    }  # fmt: skip
    masked = redact(msgspec.structs.replace(BASE, outcomes=(record("stun", evidence),)))
    text = bytes(masked.outcomes[0].evidence).decode()
    for stays in ("203.0.113.24:443", "203.0.113.99", "203.0.113.98"):
        assert stays in text
    assert "198.51.100.77" not in text
    assert text.count("198.51.*.*") == 2


def test_alike_keys_keep_their_values() -> None:
    evidence = {"198.51.100.1": 1, "198.51.100.2": 2}
    masked = redact(msgspec.structs.replace(BASE, outcomes=(record("x", evidence),)))
    assert json.loads(bytes(masked.outcomes[0].evidence)) == {
        "198.51.*.*": 1,
        "198.51.*.* (2)": 2,
    }


def test_telling_keys_hide_even_short_and_common_values() -> None:
    evidence = {"ssid": "Home", "bssid": "x", "user_name": "pi", "ssids": ["a", ""], "rate": 1}
    masked = redact(msgspec.structs.replace(BASE, outcomes=(record("x", evidence),)))
    assert json.loads(bytes(masked.outcomes[0].evidence)) == {
        "ssid": "***", "bssid": "***", "user_name": "***", "ssids": ["***", ""], "rate": 1,
    }  # fmt: skip


NAMES = st.from_regex(r"[a-z]{2}[qxz][0-9a-z]{3,8}", fullmatch=True).filter(
    lambda name: name not in BASE_TEXT
)
ADDRESSES = st.ip_addresses(v=4).filter(
    lambda address: (
        address.is_global
        and not (address.is_multicast or address.is_reserved)
        and str(address) not in BASE_TEXT
    )
)
ADDRESSES_6 = st.ip_addresses(v=6, network="2001:db8::/32")
MACS = st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":"))
FRAMES = st.sampled_from(
    ("{}", "name {} here", "<{}>", "{}.", "({})", "a={};", "x/{}/y", '"{}"', "{}, {}", "@{}\n{}")
)  # fmt: skip


def planted(report: Report, texts: list[str], evidence: object) -> Report:
    """The report with texts in every place that takes free text."""
    said = " | ".join(texts)
    finding = msgspec.structs.replace(
        report.findings[0],
        summary=said,
        observed=said,
        expected=said,
        title=said,
        remedy=Remedy(text=said, owner=Owner.AGENT, request=said),
        details=(Detail(label=said, text=said),),
        tried=(AttemptLine(started_s=0.0, duration_s=0.0, target=said, result=said),),
    )
    failure = Failure(code=FailureCode.DEFECT, operation="gather", detail=said)
    probe = msgspec.structs.replace(
        record("planted", {"free": texts, "nested": [{said: said}], "kept": evidence}),
        failure=failure,
        log=(said,),
    )
    profile = msgspec.structs.replace(report.profile, location=said)
    return msgspec.structs.replace(report, findings=(finding,), outcomes=(probe,), profile=profile)


@given(
    user=NAMES, host=NAMES, ssid=NAMES, owner=NAMES, address=ADDRESSES, address_6=ADDRESSES_6,
    mac=MACS, frame=FRAMES, upper=st.booleans(),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_no_masked_value_survives_anywhere(
    user: str, host: str, ssid: str, owner: str, address: object, address_6: object, mac: str,
    frame: str, *, upper: bool,
) -> None:  # fmt: skip
    machine = msgspec.structs.replace(
        BASE.machine, user_name=f"CORP\\{user}", host_name=f"{host}.corp.example.org"
    )
    secrets = [user, host, ssid, str(address), str(address_6), mac]
    texts = [frame.format(secret, secret) for secret in secrets]
    texts += [f"/home/{owner}/x", f"C:\\Users\\{owner}\\y"]
    if upper:
        texts = [text.upper() for text in texts]
    report = planted(
        msgspec.structs.replace(BASE, machine=machine), texts, {"ssid": ssid, "local": str(address)}
    )
    masked = redact(report)
    written = report_json(masked).decode().lower()
    for secret in (*secrets, owner):
        assert secret.lower() not in written
    assert report_json(redact(masked)) == report_json(masked)


def test_no_password_and_no_user_of_a_server_stays() -> None:
    targets = msgspec.structs.replace(
        BASE.profile.targets,
        turn="turn.example.com",
        turn_user="site-berlin",
        turn_password="not for you",
        https="https://kim:not for you@www.example.com/x".replace(" ", "-"),
        websocket=("wss://not-for-you@echo.example.com/",),
    )
    profile = msgspec.structs.replace(BASE.profile, targets=targets)
    masked = redact(msgspec.structs.replace(BASE, profile=profile))
    assert masked.profile.targets.turn == "turn.example.com"
    text = report_json(masked).decode()
    assert "not for you" not in text
    assert "not-for-you" not in text
    assert masked.profile.targets.https == "https://***@www.example.com/x"
    assert "site-berlin" not in text
    assert redact(masked) == masked


def test_people_of_a_salesforce_org_are_masked_wherever_they_stand() -> None:
    people = ("kim.lee@acme.example", "sam.fox@acme.example")
    targets = msgspec.structs.replace(
        BASE.profile.targets,
        salesforce_login="https://acme.my.salesforce.com",
        salesforce_user=people[0],
        salesforce_cti_users=people,
    )
    profile = msgspec.structs.replace(BASE.profile, targets=targets)
    evidence = {"account": {"user_name": people[0]}, "some": [{"user_name": people[1]}]}
    report = planted(
        msgspec.structs.replace(BASE, profile=profile),
        [f"Give a full licence to {people[1]} and 8 more.", f"{people[0]}, who signed in"],
        evidence,
    )
    masked = redact(report)
    text = report_json(masked).decode()
    assert "https://***.my.salesforce.com" in text
    assert "acme" not in text
    assert "kim.lee" not in text
    assert "sam.fox" not in text
    assert len(masked.profile.targets.salesforce_cti_users) == 2
    assert redact(masked) == masked


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Internet", "Your network does not lead to the internet."),
        ("Network", "Your network blocks the webphone's port, 10062."),
        ("WLAN", "Sie sind im WLAN; ein Kabel gibt ruhigere Anrufe."),
        ("Netzwerk", "Ihr Netzwerk lässt Anrufe hinaus."),
        ("Benutzer", "Profil für Benutzer speichern"),
        ("Réseau", "Votre réseau laisse sortir les appels."),
        ("Compte", "Votre compte n'a pas de licence."),
        ("Red", "Su red deja salir las llamadas."),
        ("Usuario", "Guardar para este usuario"),
    ],
)
def test_a_network_or_account_that_is_named_by_its_kind_leaves_sentences_whole(
    name: str, text: str
) -> None:
    """In every language: systems, routers and people name them so."""
    assert Redactor([name]).text(text) == text
    assert Redactor([name, "Kim's Phone"]).text(f"{text} Kim's Phone") == f"{text} ***"


@pytest.mark.parametrize("name", ["Headset", "Microphone", "Speakers", "Mikrofon", "Casque"])
def test_a_device_that_is_named_by_its_kind_turns_no_prose_into_stars(name: str) -> None:
    text = f"You heard yourself in your {name.lower()}: {name} (Jabra Evolve2 65)."
    assert Redactor([name]).text(text) == text
    assert Redactor([name, "Jabra Evolve2 65"]).text(text) == text.replace(
        "Jabra Evolve2 65", "***"
    )
