"""Set-up files: written so that they are read back, told before they are taken, hostile ones not
even offered."""

import os
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from growth import assert_time_grows_with_input
from servers.tls_server import TlsServer

from natwizard.model.profile import Role, Site, Targets
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import SIZE_LIMIT_BYTES, parse_profile
from natwizard.profiles.setup_file import (
    PEM,
    SetupAnswers,
    SetupRefusedError,
    offer_of,
    read_offer,
    setup_link,
    setup_toml,
    typed_site,
)
from natwizard.profiles.write import BARE
from natwizard.system import profile_download
from natwizard.system.profile_download import fetch_profile

HEAD = 'extends = "natterbox"\nname = "Example Ltd"\nversion = "1"\n'
SETUP = HEAD + '[targets]\nwebphone = "webphone.example.com"\nmedia = "media.example.com:18620"\n'


def refusal(content: bytes) -> str:
    with pytest.raises(SetupRefusedError) as refused:
        offer_of(content, "x.natwizard")
    return str(refused.value)


def is_one_sentence(text: str) -> bool:
    return "\n" not in text and text.endswith(".") and len(text) < 400


def test_the_offer_names_the_company_and_every_server_that_is_new() -> None:
    text = SETUP + (
        'stun_control = ["stun.l.google.com:19302", "stun.example.com:3478"]\n'
        'websocket = ["wss://echo.example.com/x"]\n'
        'resolver_control = "192.0.2.53"\n'
        '[updates]\naddress = "https://updates.example.com/natwizard.toml"\n'
        '[share]\notlp = "https://results.example.com/v1/logs"\n'
        '[[public]]\nuse = "webphone-port"\naddress = "tester.example.com:10062"\n'
        'witness = "witness.example.com:443"\noperator = "x"\nsource = "x"\n'
        'read_on = "2026-01-01"\n'
    )
    offer = offer_of(text.encode(), "x.natwizard")
    assert offer.company == "Example Ltd"
    assert offer.servers == (
        "webphone.example.com", "stun.example.com", "media.example.com", "192.0.2.53",
        "echo.example.com", "tester.example.com", "witness.example.com", "updates.example.com",
        "results.example.com",
    )  # fmt: skip
    assert offer.results_to == "results.example.com"


def test_every_target_that_is_an_address_is_named() -> None:
    """A target that is added later has to be put on one of the two sides."""
    from natwizard.profiles.setup_file import NO_SERVERS

    for key in Targets.__struct_fields__:
        if key in NO_SERVERS or key in {"turn", "extra_roots"}:
            continue
        web = {
            "http": "http://",
            "https": "https://",
            "salesforce_login": "https://",
            "websocket_test": "https://",
        }
        address = web.get(key, "") + "new.example.com" + ("" if key in web else ":5000")
        if key == "websocket":
            address = "wss://new.example.com/"
        several = isinstance(getattr(Targets(), key), tuple)
        value = f'["{address}"]' if several else f'"{address}"'
        offer = offer_of(f"{HEAD}[targets]\n{key} = {value}\n".encode(), "x")
        assert offer.servers == ("new.example.com",), key


def test_what_is_written_is_read_back() -> None:
    answers = SetupAnswers(
        company='Smith & "Sons" Ltd', version="2026-12-01", role=Role.SIP_DEVICE,
        targets=Targets(webphone="phone.example.com", stun=("stun.example.com:5060",)),
        sites=(Site(name="Leeds", subnets=("10.20.0.0/22", "2001:db8:20::/48")),),
    )  # fmt: skip
    profile = parse_profile(setup_toml(answers), "x")
    assert (profile.name, profile.version, profile.role) == (
        answers.company, answers.version, answers.role,
    )  # fmt: skip
    assert profile.targets.webphone == "phone.example.com"
    assert profile.targets.stun == ("stun.example.com:5060",)
    assert profile.targets.media == ""
    assert profile.sites == answers.sites


def test_each_line_of_a_new_file_can_be_filled_in_by_taking_its_mark_away() -> None:
    text = setup_toml(SetupAnswers(company="Example Ltd", version="1")).decode()
    for line in text.splitlines():
        key = line.removeprefix("# ").partition(" = ")[0]
        if line.startswith("# ") and key in Targets.__struct_fields__:
            parse_profile(text.replace(line, line.removeprefix("# ")).encode(), "x")
    assert text.count("\n# ") > 8, "it is commented"


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        (SetupAnswers(company=" ", version="1"), "name"),
        (SetupAnswers(company="x", version="1", targets=Targets(media="m")), "targets.media"),
    ],
)
def test_a_file_that_would_be_none_is_not_written(answers: SetupAnswers, key: str) -> None:
    with pytest.raises(ProfileMistake) as told:
        setup_toml(answers)
    assert told.value.key == key


@pytest.mark.parametrize("text", ["Leeds", "=10.0.0.0/8", "Leeds=", "Leeds=10.0.0.0/99"])
def test_a_site_that_cannot_be_read_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        typed_site(text)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"x" * (SIZE_LIMIT_BYTES + 1), "larger than 1 MB", id="huge"),
        pytest.param(b"<!doctype html><p>Sign in", "a web page", id="a page"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "UTF-8", id="a PDF"),
        pytest.param(b"PK\x03\x04\xff\xfe", "UTF-8", id="an archive"),
        pytest.param(b'{"name": "x"}', "TOML", id="JSON"),
        pytest.param(b"", "missing", id="empty"),
        pytest.param(SETUP.encode() + b'webphnoe = "x"', "webphone", id="misspelt"),
        pytest.param(("[a" * 50_000).encode(), "", id="nested"),
        pytest.param(
            (HEAD + "[targets]\ntls = [" + ", ".join(
                f'"s{place}.example.com"' for place in range(10_000)) + "]").encode(),
            "10000 servers", id="10,000 targets",
        ),
        pytest.param(
            HEAD.replace("Example Ltd", "<script>alert(1)</script>").encode(), "name holds markup",
            id="script in a name",
        ),
        pytest.param(
            HEAD.replace("Example Ltd", "Example <b>Ltd").encode(), "name holds markup", id="markup"
        ),
        pytest.param(
            HEAD.replace("Example Ltd", "Example \u202edtL").encode(), "cannot be seen",
            id="text that turns round",
        ),
        pytest.param(
            HEAD.replace("Example Ltd", "Example \\u001b[2J Ltd").encode(), "cannot be seen",
            id="terminal codes",
        ),
        pytest.param(
            HEAD.replace(
                "Example Ltd", "-----BEGIN CERTIFICATE-----<b>\\u202eExample Ltd" + "x" * 3000
            ).encode(),
            "name is longer", id="a name that begins as a certificate",
        ),
        pytest.param(
            (HEAD + '[share]\nrecipient = "<img src=x>"\n').encode(), "recipient holds markup",
            id="markup in a recipient",
        ),
        pytest.param(
            (HEAD + '[sources."<a>"]\ntitle = "x"\nurl = ""\nread_on = "2026-01-01"\n').encode(),
            "markup", id="markup in a key",
        ),
        pytest.param(HEAD.replace("Example Ltd", "x" * 5000).encode(), "longer", id="long name"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_in_one_sentence(content: bytes, words: str) -> None:
    began = time.monotonic()
    said = refusal(content)
    assert time.monotonic() - began < 20
    assert is_one_sentence(said), said
    assert words in said


def test_spaces_behind_a_certificate_are_read_once() -> None:
    """A pattern that could part them in many ways would try them all: minutes for this one."""
    certificate = "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----"
    assert PEM.fullmatch(f" {certificate}\n {certificate}  ")

    def refused(spaces: int) -> None:
        assert PEM.fullmatch(certificate + " " * spaces + "x") is None

    assert_time_grows_with_input(refused, 4_000_000)


def test_the_shipped_profile_itself_passes() -> None:
    assert offer_of(BARE, "x").servers == ()


def test_what_is_no_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    places = [tmp_path, tmp_path / "missing.natwizard"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.natwizard")  # reading it would wait for ever
        places.append(tmp_path / "pipe.natwizard")
    for place in places:
        with pytest.raises(SetupRefusedError) as refused:
            read_offer(str(place))
        assert is_one_sentence(str(refused.value))


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("https://help.example.com/example.natwizard", True),
        (" HTTPS://help.example.com/a/Example.NATWIZARD?x=1 ", True),
        ("https://help.example.com/natwizard.toml", True),
        ("http://help.example.com/example.natwizard", True),
        ("https://webphone.example.com/", False),
        ("https://webphone.example.com:10062/ws", False),
        ("webphone.example.com", False),
        ("https://[broken.natwizard", False),
        ("file:///etc/example.natwizard", False),
        ("", False),
    ],
)
def test_a_link_to_a_set_up_file_is_told_from_the_webphones_address(
    text: str, *, is_link: bool
) -> None:
    assert bool(setup_link(text)) is is_link


class Handler(BaseHTTPRequestHandler):
    """A helpdesk's web server, and what somebody may make of it."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        name = self.path.strip("/").removesuffix(".natwizard")
        if name == "away":
            self.send_response(302)
            self.send_header("Location", "http://localhost/good.natwizard")
            self.end_headers()
            return
        if name == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        kinds = {"page": "text/html"}
        self.send_header("Content-Type", kinds.get(name, "application/octet-stream"))
        self.end_headers()
        try:
            if name == "good":
                self.wfile.write(SETUP.encode())
            elif name == "page":
                self.wfile.write(b"\n <html><title>Sign in</title></html>")
            elif name == "huge":
                while True:
                    self.wfile.write(b"# " + b"x" * 65_536 + b"\n")
            else:
                while True:
                    self.wfile.write(b"#")
                    self.wfile.flush()
                    time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def helpdesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = TlsServer(("localhost",), Handler)
    roots = tmp_path / "roots.pem"
    roots.write_text(server.authority_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))  # this computer's own store, to OpenSSL
    monkeypatch.setattr(profile_download, "FETCH_TIMEOUT_S", 2.0)
    server.begin()
    yield f"https://localhost:{server.port}"
    server.end()


@pytest.mark.skipif(os.name == "nt", reason="Windows has its own store, which tests do not touch")
def test_a_link_brings_what_a_file_brings(helpdesk: str) -> None:
    offer = read_offer(f"{helpdesk}/good.natwizard", fetch_profile)
    assert offer.content == SETUP.encode()
    assert offer.servers == ("webphone.example.com", "media.example.com")


@pytest.mark.skipif(os.name == "nt", reason="Windows has its own store, which tests do not touch")
@pytest.mark.parametrize("what", ["away", "missing", "page", "huge", "slow"])
def test_hostile_links_are_refused_in_one_sentence(helpdesk: str, what: str) -> None:
    began = time.monotonic()
    with pytest.raises(SetupRefusedError) as refused:
        read_offer(f"{helpdesk}/{what}.natwizard", fetch_profile)
    assert is_one_sentence(str(refused.value)), str(refused.value)
    assert time.monotonic() - began < 30


def test_links_without_encryption_are_refused() -> None:
    with pytest.raises(SetupRefusedError, match="https only"):
        read_offer("http://help.example.com/example.natwizard", fetch_profile)
