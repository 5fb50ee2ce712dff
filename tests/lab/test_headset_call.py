"""Real calls in Chromium and Firefox through coturn, over lines with known faults."""

import base64
import contextlib
import ctypes
import hashlib
import ipaddress
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import msgspec
import pytest
from computers.headset_lab import (
    ALLOWED,
    BrowserOnCall,
    SoundServer,
    at_level,
    needs,
    speech,
    until,
    write,
)
from computers.program import Program
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from natwizard.checks.base import Inputs
from natwizard.checks.quality_call import QUALITY_CALL, CallState, concealed_share
from natwizard.model.finding import Judgement
from natwizard.model.outcome import Gathered
from natwizard.probes.headset import HEADSET, HeadsetEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("headset"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or needs("ip", "nft", "turnserver", "espeak-ng", "pulseaudio", "chromium"),
        reason="needs root, ip, nft, coturn, espeak-ng, pulseaudio and chromium",
    ),
]
DESK, SERVER = "10.79.0.2", "10.79.0.1"
PORT = 3999
TARGETS = f'[targets]\nturn = "{SERVER}:{PORT}"\nturn_user = "agent"\nturn_password = "secret"\n'
CLONE_NEWNET = 0x40000000
HOOK = "type filter hook input priority 0;"  # a sender is told of what its own hook drops


def command(*words: str, text: str = "") -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=20, input=text.encode())


@contextlib.contextmanager
def inside(namespace: str) -> Iterator[None]:
    """This thread in a network namespace, so that it reaches the browser's loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    with (
        open("/proc/thread-self/ns/net", "rb") as ours,
        open(f"/run/netns/{namespace}", "rb") as to,
    ):
        assert libc.setns(to.fileno(), CLONE_NEWNET) == 0
        try:
            yield
        finally:
            assert libc.setns(ours.fileno(), CLONE_NEWNET) == 0


@dataclass(frozen=True, kw_only=True)
class ServerCertificate:
    """A certificate that no authority has signed, and how to have a browser believe it."""

    path: Path
    key_path: Path
    key_hash: str
    fingerprint: str

    @classmethod
    def made(cls, home: Path, address: str) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TURN server of a test")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(names, critical=False)
            .sign(key, hashes.SHA256())
        )
        pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
        written, key_path = home / "turn.pem", home / "turn.key"
        written.write_bytes(certificate.public_bytes(pem))
        key_path.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        public = key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(
            path=written,
            key_path=key_path,
            key_hash=base64.b64encode(hashlib.sha256(public).digest()).decode(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        )

    def trust_in_firefox(self, profile: Path) -> None:
        """As its person does in the warning: an exception for this server."""
        line = f"{SERVER}:443:\tOID.2.16.840.1.101.3.4.2.1\t{self.fingerprint}\t\n"
        (profile / "cert_override.txt").write_text(line, "ascii")


class CallLab:
    """A desk and a TURN server, each in a namespace, with one line between them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.certificate = ServerCertificate.made(home, SERVER)
        self.desk, self.server = f"nwdesk{os.getpid()}", f"nwturn{os.getpid()}"

    @contextlib.contextmanager
    def built(self, delay_ms: int = 0) -> Iterator["CallLab"]:
        """Everything on the line takes so much longer, each way."""
        with contextlib.ExitStack() as opened:
            opened.callback(self._remove)
            for name in (self.desk, self.server):
                command("ip", "netns", "add", name)
                command("ip", "-n", name, "link", "set", "lo", "up")
            if delay_ms:
                opened.enter_context(self._long_line(delay_ms))
            else:
                command("ip", "-n", self.desk, "link", "add", "line", "type", "veth",
                        "peer", "name", "line", "netns", self.server)  # fmt: skip
            for name, address in ((self.desk, DESK), (self.server, SERVER)):
                command("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "line")
                command("ip", "-n", name, "link", "set", "line", "up")
            command("ip", "-n", self.desk, "route", "add", "default", "via", SERVER)
            opened.enter_context(self._turn())
            yield self

    def _remove(self) -> None:
        for name in (self.desk, self.server):
            subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True)

    @contextlib.contextmanager
    def _long_line(self, delay_ms: int) -> Iterator[None]:
        ends = (self.desk, "line", self.server, "line")
        words = (sys.executable, str(DELAY_LINE), *ends, str(delay_ms), "0")
        with subprocess.Popen(words, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            program.stdout.readline()
            try:
                yield
            finally:
                program.terminate()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        words = (
            "turnserver", "-n", "--listening-ip", SERVER, "--relay-ip", SERVER,
            "--listening-port", str(PORT), "--min-port", "49160", "--max-port", "49400",
            "--lt-cred-mech", "--user", "agent:secret", "--realm", "example.com", "--no-cli",
            "--tls-listening-port", "443", "--cert", str(self.certificate.path),
            "--pkey", str(self.certificate.key_path), "--no-dtls", "--log-file", "stdout",
            "--simple-log", "--pidfile", str(self.home / "turn.pid"),
            "--userdb", str(self.home / "turn.db"),
        )  # fmt: skip
        with (self.home / "turn.log").open("wb") as log:
            server = subprocess.Popen(
                ("ip", "netns", "exec", self.server, *words), stdout=log, stderr=log, cwd=self.home
            )
        try:
            until(self._listens, "coturn")
            yield
        finally:
            server.terminate()
            server.wait(10)

    def _listens(self) -> bool:
        told = subprocess.run(
            ("ip", "netns", "exec", self.server, "ss", "-Hlnut"), capture_output=True, text=True,
            check=True,
        ).stdout  # fmt: skip
        return f"{SERVER}:{PORT}" in told and f"{SERVER}:443" in told

    def firewall(self, *rules: str) -> None:
        """Rules on what reaches each end from the other."""
        lines = "".join(f'iifname "line" {rule}; ' for rule in rules)
        table = f"table inet wall {{\n chain out {{ {HOOK} {lines}}}\n}}\n"
        for name in (self.desk, self.server):
            command("ip", "netns", "exec", name, "nft", "-f", "-", text=table)

    @contextlib.contextmanager
    def stuttering(self) -> Iterator[None]:
        """UDP is lost for 300 ms of every two seconds."""
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(1.7):
                self.firewall("meta l4proto udp drop")
                ended.wait(0.3)
                for name in (self.desk, self.server):
                    command("ip", "netns", "exec", name, "nft", "flush", "ruleset")

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def call(self, browser: str = "chromium") -> HeadsetEvidence:
        """A person who speaks, hears themselves, and waits for the test call."""
        profile = self.home / "profile.toml"
        shipped = Path(__file__).parents[2] / "resources/profiles/natterbox.toml"
        text = shipped.read_text("utf-8")
        assert text.count("[targets]\n") == 1
        profile.write_text(text.replace("[targets]\n", TARGETS), "utf-8")
        voice = at_level(speech(self.home), -22)
        with contextlib.ExitStack() as opened:
            if browser == "chromium":
                heard = write(self.home / "heard.wav", voice)
                on_call = BrowserOnCall(self.home, browser)
                launcher = on_call.chromium(
                    *ALLOWED, "--use-fake-device-for-media-stream",
                    f"--use-file-for-fake-audio-capture={heard}",
                    f"--ignore-certificate-errors-spki-list={self.certificate.key_hash}",
                )  # fmt: skip
            else:
                server = opened.enter_context(SoundServer(self.home).hearing(voice))
                on_call = BrowserOnCall(self.home, browser, environment=server.environment)
                launcher = on_call.firefox(("media.navigator.permission.disabled", True))
                self.certificate.trust_in_firefox(self.home / "browser")
            opened.enter_context(on_call.ended())
            program = Program(self.home).start(
                "probe", "headset", "--profile", str(profile), "--browser", str(launcher),
                prefix=("ip", "netns", "exec", self.desk),
            )  # fmt: skip
            opened.callback(program.kill)
            with inside(self.desk):
                page = on_call.page()
                page.wait_for("offered")
                page.press("test")
                page.wait_for("question")
                page.press("yes")
                if page.wait_for("caller", "done") == "caller":
                    page.press("listen")
                    page.press("stop")
                page.wait_for("done")
            output, errors = program.communicate(timeout=60)
            assert not errors
        return msgspec.convert(json.loads(output)["evidence"], HeadsetEvidence)


DELAY_LINE = Path(__file__).parent / "topology/delay_line.py"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[CallLab]:
    with CallLab(tmp_path).built() as built:
        yield built


def judged(evidence: HeadsetEvidence) -> Judgement:
    return QUALITY_CALL.bind({})(Inputs(outcomes={HEADSET.name: Gathered(evidence=evidence)}))


def says(evidence: HeadsetEvidence, state: CallState) -> bool:
    judgement = judged(evidence)
    assert judgement.summary == state.verdict.summary, (judgement, evidence.calls)
    return judgement.status is state.verdict.status


def concealed(evidence: HeadsetEvidence) -> float:
    """The mean of all directions."""
    shares = [concealed_share(each) for call in evidence.calls for each in call.directions]
    return sum(shares) / len(shares)


def delays(evidence: HeadsetEvidence) -> list[float]:
    return [each.delay_ms for call in evidence.calls for each in call.directions]


@pytest.mark.parametrize("browser", ["chromium", pytest.param("firefox", marks=pytest.mark.voice)])
def test_a_healthy_line_carries_both_codecs_both_ways(lab: CallLab, browser: str) -> None:
    if browser == "firefox" and shutil.which("firefox-esr") is None:
        pytest.skip("needs firefox-esr")
    evidence = lab.call(browser)
    assert [call.codec for call in evidence.calls] == ["opus", "pcmu"]
    assert all(len(call.directions) == 2 for call in evidence.calls)
    assert {call.tried[-1].transport for call in evidence.calls} == {"udp"}
    assert says(evidence, CallState.GOOD)
    assert all(0 < delay < 400 for delay in delays(evidence))
    for call in evidence.calls:
        for direction in call.directions:
            assert direction.seconds[-1].received > direction.seconds[0].received
            assert abs(direction.level_db) < 6
            assert not direction.dropouts


def test_what_the_line_loses_the_browser_makes_up(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp numgen random mod 100 < 8 drop")
    evidence = lab.call()
    # what one end says crosses the line twice: 15 % of it is lost
    assert 0.06 < concealed(evidence) < 0.3
    assert says(evidence, CallState.GAPS)


def test_a_long_way_is_heard_as_late(tmp_path: Path) -> None:
    with CallLab(tmp_path).built(delay_ms=200) as lab:
        evidence = lab.call()
    # what one end says goes to the server and back: twice 200 ms
    assert all(delay > 400 for delay in delays(evidence))
    assert says(evidence, CallState.LATE)


def test_where_udp_is_shut_the_call_goes_by_tcp_and_says_so(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp drop")
    evidence = lab.call()
    assert [each.transport for each in evidence.calls[0].tried] == ["udp", "tcp"]
    assert [each.transport for each in evidence.calls[1].tried] == ["tcp"]
    assert says(evidence, CallState.NO_UDP)
    assert judged(evidence).observed.endswith("over TCP")


@pytest.mark.parametrize("browser", ["chromium", pytest.param("firefox", marks=pytest.mark.voice)])
def test_where_only_https_gets_out_the_call_goes_by_tls_and_says_so(
    lab: CallLab, browser: str
) -> None:
    lab.firewall("meta l4proto udp drop", f"tcp dport {PORT} drop")
    evidence = lab.call(browser)
    assert [each.transport for each in evidence.calls[0].tried] == ["udp", "tcp", "tls"]
    assert [each.transport for each in evidence.calls[1].tried] == ["tls"]
    assert says(evidence, CallState.NO_UDP)
    assert judged(evidence).observed.endswith("over TLS on port 443")


def test_where_all_is_shut_there_is_no_call(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp drop", "meta l4proto tcp reject with tcp reset")
    evidence = lab.call()
    assert [each.transport for each in evidence.calls[0].tried] == ["udp", "tcp", "tls"]
    assert says(evidence, CallState.NO_CALL)


def test_a_gap_in_the_line_is_a_gap_in_what_is_heard(lab: CallLab) -> None:
    with lab.stuttering():
        evidence = lab.call()
    assert says(evidence, CallState.GAPS)
    found = [each for call in evidence.calls for way in call.directions for each in way.dropouts]
    assert found
    assert all(0.06 <= each.length_s < 1 for each in found)
