"""A desk with a real browser and a TURN server behind one line, each in a network namespace."""

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

from natwizard.probes.headset import HeadsetEvidence

MISSING = (
    not hasattr(os, "geteuid")
    or os.geteuid() != 0
    or needs("ip", "nft", "turnserver", "certutil", "espeak-ng", "pulseaudio", "chromium")
)
NEEDS = "needs root, ip, nft, coturn, certutil, espeak-ng, pulseaudio and chromium"
DESK, SERVER = "10.79.0.2", "10.79.0.1"
HOST = "turn.example.com"
"""Firefox speaks TLS to TURN servers only by name, which is how the public ones are set."""

PORT = 3999
TARGETS = f'[targets]\nturn = "{{host}}:{PORT}"\nturn_user = "agent"\nturn_password = "secret"\n'
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
    """A certificate of an authority that nobody knows, and how to have a browser believe it."""

    path: Path
    key_path: Path
    authority: Path
    key_hash: str

    @classmethod
    def made(cls, home: Path) -> Self:
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
        root = _signed("Authority of a test", root_key, root_key)
        certificate = _signed("TURN server of a test", key, root_key, HOST)
        pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
        made = cls(
            path=home / "turn.pem",
            key_path=home / "turn.key",
            authority=home / "authority.pem",
            key_hash=base64.b64encode(
                hashlib.sha256(
                    key.public_key().public_bytes(
                        der, serialization.PublicFormat.SubjectPublicKeyInfo
                    )
                ).digest()
            ).decode(),
        )
        made.path.write_bytes(certificate.public_bytes(pem))
        made.authority.write_bytes(root.public_bytes(pem))
        plain = serialization.NoEncryption()
        made.key_path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        return made

    def trust_in_firefox(self, profile: Path) -> None:
        """As an administrator does."""
        database = ("-d", f"sql:{profile}")
        command("certutil", "-N", *database, "--empty-password")
        added = ("-n", "test", "-t", "C,,", "-i", str(self.authority))
        command("certutil", "-A", *database, *added)


def _signed(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    host: str = "",
) -> x509.Certificate:
    """Of the authority by itself; with a host, of a server."""
    name, authority = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)])
        for each in (subject, "Authority of a test")
    )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=not host, path_length=None), critical=True)
    )
    if host:
        address = x509.IPAddress(ipaddress.ip_address(SERVER))
        names = x509.SubjectAlternativeName([x509.DNSName(host), address])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


DELAY_LINE = Path(__file__).parent / "delay_line.py"
SHIPPED = Path(__file__).parents[3] / "resources/profiles/natterbox.toml"


class CallLab:
    """A desk and a TURN server, each in a namespace, with one line between them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.certificate = ServerCertificate.made(home)
        self.desk, self.server = f"nwdesk{os.getpid()}", f"nwturn{os.getpid()}"

    @contextlib.contextmanager
    def built(self, delay_ms: int = 0, jitter_ms: int = 0) -> Iterator["CallLab"]:
        """Everything on the line takes so much longer, each way, and up to `jitter_ms` more."""
        with contextlib.ExitStack() as opened:
            opened.callback(self._remove)
            # `ip netns exec` lays this folder's files over those of /etc
            names = Path("/etc/netns") / self.desk
            names.mkdir(parents=True)
            (names / "resolv.conf").write_text("nameserver 127.0.0.1\n", "ascii")  # says no at once
            (names / "hosts").write_text(f"127.0.0.1 localhost\n{SERVER} {HOST}\n", "ascii")
            for name in (self.desk, self.server):
                command("ip", "netns", "add", name)
                command("ip", "-n", name, "link", "set", "lo", "up")
            if delay_ms or jitter_ms:
                opened.enter_context(self._long_line(delay_ms, jitter_ms))
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
        shutil.rmtree(Path("/etc/netns") / self.desk, ignore_errors=True)

    @contextlib.contextmanager
    def _long_line(self, delay_ms: int, jitter_ms: int) -> Iterator[None]:
        ends = (self.desk, "line", self.server, "line")
        words = (sys.executable, str(DELAY_LINE), *ends, str(delay_ms), str(jitter_ms))
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

    def profile(self, host: str = SERVER) -> Path:
        """The shipped one with this TURN server."""
        profile = self.home / "profile.toml"
        text = SHIPPED.read_text("utf-8")
        assert text.count("[targets]\n") == 1
        profile.write_text(text.replace("[targets]\n", TARGETS.format(host=host)), "utf-8")
        return profile

    def call(self, browser: str = "chromium", host: str = SERVER) -> HeadsetEvidence:
        """A person who speaks, hears themselves, and waits for the test call."""
        profile = self.profile(host)
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
            opened.callback(program.communicate)
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
