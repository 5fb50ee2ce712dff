"""What a websocket is asked for with, and which answers browsers take for a yes."""

import asyncio
import base64
import hashlib
import re

import pytest
from servers.reach_lab import Handler, lab_context, make_authority, server_context, serving, silent

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes import webphone, websocket
from natwizard.probes.connection.websocket_client import WebsocketReachability
from natwizard.profiles.read import parse_profile

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
SWITCH = b"HTTP/1.1 101 Switching Protocols"
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def upgrading(answer: bytes, requests: list[str], needs: bytes = b"") -> Handler:
    """Sends this, with %s for the accept value; 400 to whoever does not say what is needed."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        requests.append(head.decode("latin-1"))
        found = re.search(rb"(?i)sec-websocket-key: (\S+)", head)
        assert found is not None
        accept = base64.b64encode(hashlib.sha1(found[1] + GUID).digest())  # noqa: S324 - RFC 6455
        ours = needs.lower() in head.lower()
        writer.write(answer.replace(b"%s", accept) if ours else REFUSED)
        await writer.drain()
        await silent(reader, writer)

    return handler


def opened(
    answer: bytes, *, needs: bytes = b"", **settings: str
) -> tuple[WebsocketReachability, str]:
    """The webphone's websocket at a server that answers so, and the request it got."""
    requests: list[str] = []

    async def scene() -> WebsocketReachability:
        authority = make_authority()
        tls = server_context(authority)
        async with serving(upgrading(answer, requests, needs), tls=tls) as port:
            targets = Targets(
                webphone=f"127.0.0.1:{port}", extra_roots=(authority.pem,), **settings
            )
            evidence = await webphone.gather(lab_context(targets))
            return evidence.direct.addresses[0]

    reached = asyncio.run(scene())
    return reached, requests[0]


GOOD = SWITCH + b"\r\n" + UPGRADE + b"\r\n\r\n"
CHOSEN = SWITCH + b"\r\n" + UPGRADE + b"\r\nSec-WebSocket-Protocol: sip\r\n\r\n"


@pytest.mark.parametrize(
    ("needs", "settings"),
    [
        (b"sec-websocket-protocol: sip", {}),
        (b"origin: https://127.0.0.1\r\n", {}),
        (b"origin: https://me.my.example\r\n", {"webphone_origin": "https://me.my.example"}),
        (b"sec-websocket-protocol: sip, xmpp", {"webphone_protocol": "sip,xmpp"}),
        (b"sec-websocket-protocol: janus", {"webphone_protocol": "janus"}),
    ],
)
def test_a_server_that_wants_what_browsers_send_lets_us_in(
    needs: bytes, settings: dict[str, str]
) -> None:
    reached, _request = opened(GOOD, needs=needs, **settings)
    assert reached.upgraded


def test_the_subprotocol_that_the_server_chose_is_kept() -> None:
    reached, request = opened(CHOSEN)
    assert reached.upgrade is not None
    assert reached.upgrade.value is not None
    assert reached.upgrade.value.subprotocol == "sip"
    assert "Sec-WebSocket-Protocol: sip\r\n" in request


def test_nothing_is_offered_where_the_profile_says_so() -> None:
    reached, request = opened(GOOD, webphone_protocol="")
    assert reached.upgraded
    assert "sec-websocket-protocol" not in request.lower()


def test_other_websockets_have_settings_of_their_own() -> None:
    requests: list[str] = []

    async def scene() -> bool:
        async with serving(upgrading(CHOSEN.replace(b"sip", b"echo"), requests)) as port:
            targets = Targets(
                websocket=(f"ws://127.0.0.1:{port}/",),
                websocket_protocol="echo",
                websocket_origin="https://page.example",
            )
            evidence = await websocket.gather(lab_context(targets))
            return evidence.tries[0].addresses[0].upgraded

    assert asyncio.run(scene())
    assert "Origin: https://page.example\r\n" in requests[0]
    assert "Sec-WebSocket-Protocol: echo\r\n" in requests[0]


EXTENSION = b"\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=15\r\n\r\n"
FORGIVEN = {
    "other letters": GOOD.replace(b"Upgrade: websocket", b"upgrade: WebSocket"),
    "more in Connection": GOOD.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"),
    "Connection twice": GOOD.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"),
    "no reason": GOOD.replace(b" Switching Protocols", b""),
    "blank before a colon": GOOD.replace(b"\r\n\r\n", b"\r\nX-Powered-By : balancer\r\n\r\n"),
    "blank before our colon": GOOD.replace(b"Upgrade: w", b"Upgrade : w"),
    "folded": GOOD.replace(b"\r\n\r\n", b"\r\nX-Long: a\r\n b\r\n\r\n"),
    "bare line feeds": GOOD.replace(b"\r\n", b"\n"),
    "letters outside ASCII": GOOD.replace(b"\r\n\r\n", b"\r\nServer: caf\xe9\r\n\r\n"),
    "controls": GOOD.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a\x01b\r\n\r\n"),
    "a large cookie": GOOD.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=" + b"x" * 9000 + b"\r\n\r\n"),
    "many headers": GOOD.replace(
        b"\r\n\r\n", b"".join(b"\r\nX-H%d: 1" % number for number in range(140)) + b"\r\n\r\n"
    ),
    "a line without a colon": GOOD.replace(b"\r\n\r\n", b"\r\nX-Portal\r\n\r\n"),
    "compression": GOOD.replace(b"\r\n\r\n", EXTENSION),
    "a greeting at once": GOOD + b"\x81\x05hello",
    "a ping at once": GOOD + b"\x89\x00",
}


@pytest.mark.parametrize("answer", FORGIVEN.values(), ids=FORGIVEN)
def test_what_browsers_forgive_is_a_yes(answer: bytes) -> None:
    reached, _request = opened(answer)
    assert reached.upgraded, reached.upgrade


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (GOOD.replace(b"%s", b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="), FailureCode.UPGRADE_REFUSED),
        (CHOSEN.replace(b"sip", b"other"), FailureCode.UPGRADE_REFUSED),
        (GOOD.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: x-own\r\n\r\n"),
         FailureCode.UPGRADE_REFUSED),
        (GOOD.replace(b"Connection: Upgrade\r\n", b""), FailureCode.UPGRADE_REFUSED),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", FailureCode.HTTP_STATUS),
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n",
         FailureCode.UPGRADE_REFUSED),
        (b"220 mail.example.com ESMTP\r\n\r\n", FailureCode.BAD_ANSWER),
    ],
)  # fmt: skip
def test_what_browsers_refuse_is_none(answer: bytes, code: FailureCode) -> None:
    reached, _request = opened(answer)
    assert reached.upgrade is not None
    assert reached.upgrade.failure is not None
    assert reached.upgrade.failure.code is code


def test_a_profile_says_what_is_asked_for() -> None:
    text = b"""
extends = "natterbox"
schema_version = 1
name = "t"
version = "1"
[targets]
webphone_protocol = "sip"
webphone_origin = "https://example.my.salesforce.com"
websocket_protocol = "echo"
websocket_origin = "https://example.com"
"""
    targets = parse_profile(text, "t").targets
    assert (targets.webphone_protocol, targets.websocket_protocol) == ("sip", "echo")
