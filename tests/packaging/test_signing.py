"""Signing with a chain made here: good signatures pass, anything else is noticed."""

import datetime as dt
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from compare_builds import differences
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from steps import paths, signing, wine
from steps.environment import python, reproducible
from steps.generated import generate
from steps.installer import compile_installer
from steps.paths import PACKAGING
from wine_lab import Windows

from natwizard.cli import verify

pytestmark = [pytest.mark.windows, pytest.mark.xdist_group("wine"), pytest.mark.timeout(3000)]

PASSWORD = "only for this test"
KEY_BITS = 2048


class Authority:
    """A root and what it signs, all in a folder that the test throws away."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        folder.mkdir()
        self._key = rsa.generate_private_key(65537, KEY_BITS)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._root = self._sign(self._name, self._key, None)
        self.root = folder / "root.pem"
        self.root.write_bytes(self._root.public_bytes(Encoding.PEM))

    def settings(self) -> dict[str, str]:
        """A signer and a timestamper of it, as the build reads them."""
        key, certificate = self._leaf("signer", ExtendedKeyUsageOID.CODE_SIGNING)
        (self.folder / "signer.p12").write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"signer",
                key,
                certificate,
                [self._root],
                BestAvailableEncryption(PASSWORD.encode()),
            )
        )
        (self.folder / "password").write_text(PASSWORD)
        key, certificate = self._leaf("timestamper", ExtendedKeyUsageOID.TIME_STAMPING)
        (self.folder / "tsa.pem").write_bytes(
            certificate.public_bytes(Encoding.PEM) + self._root.public_bytes(Encoding.PEM)
        )
        (self.folder / "tsa.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return {
            "NATWIZARD_SIGN_P12": str(self.folder / "signer.p12"),
            "NATWIZARD_SIGN_PASSWORD_FILE": str(self.folder / "password"),
            "NATWIZARD_TSA_CERTIFICATE": str(self.folder / "tsa.pem"),
            "NATWIZARD_TSA_KEY": str(self.folder / "tsa.key"),
            "NATWIZARD_SIGN_ROOT": str(self.root),
        }

    def _leaf(
        self, name: str, usage: x509.ObjectIdentifier
    ) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        key = rsa.generate_private_key(65537, KEY_BITS)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return key, self._sign(subject, key, usage)

    def _sign(
        self, subject: x509.Name, key: rsa.RSAPrivateKey, usage: x509.ObjectIdentifier | None
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
        )
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture
def program(tmp_path: Path) -> Path:
    made = tmp_path / "program.exe"
    source = PACKAGING / "windows/python_exe.c"
    subprocess.run([wine.COMPILER, "-O2", "-municode", "-o", made, source], check=True)
    return made


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path / "authority", "A root for this test")
    for name in list(os.environ):
        if name.startswith("NATWIZARD_"):
            monkeypatch.delenv(name)
    for name, value in made.settings().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.mark.usefixtures("authority")
def test_a_signed_program_is_good_and_timestamped(program: Path) -> None:
    assert not signing.has_signature(program)
    assert not signing.is_good(program)
    signing.sign_file(program)
    assert signing.has_signature(program)
    assert signing.is_good(program)


@pytest.mark.usefixtures("authority")
def test_one_changed_byte_is_noticed(program: Path) -> None:
    signing.sign_file(program)
    content = bytearray(program.read_bytes())
    content[0x450] ^= 1
    program.write_bytes(content)
    assert signing.has_signature(program)
    assert not signing.is_good(program)


@pytest.mark.usefixtures("authority")
def test_another_authority_is_noticed(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing.sign_file(program)
    other = Authority(tmp_path / "other", "Somebody else's root")
    monkeypatch.setenv("NATWIZARD_SIGN_ROOT", str(other.root))
    assert not signing.is_good(program)


@pytest.mark.usefixtures("authority")
def test_a_signature_without_a_timestamp_is_never_made(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NATWIZARD_TSA_CERTIFICATE")
    with pytest.raises(SystemExit, match="timestamp"):
        signing.sign_file(program)


@pytest.mark.usefixtures("authority")
def test_libraries_that_their_makers_signed_keep_that_signature(
    program: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "frozen"
    folder.mkdir()
    for name in ("natwizard.exe", "theirs.dll", "nobodys.dll"):
        shutil.copyfile(program, folder / name)
    signing.sign_file(folder / "theirs.dll")
    names = [path.name for path in signing.signable(folder)]
    assert names == ["natwizard.exe", "nobodys.dll"]


@pytest.mark.usefixtures("authority")
def test_a_signed_build_is_signed_throughout_and_one_bare_file_stops_it(
    program: Path, windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    monkeypatch.setattr(signing, "OUTPUT", tmp_path)
    layout = paths.Layout(paths.WINDOWS)
    (layout.frozen / "_internal").mkdir(parents=True)
    for name in ("natwizard.exe", "natwizard-gui.exe", "_internal/ours.pyd", "_internal/more.dll"):
        shutil.copyfile(program, layout.frozen / name)
    generate(layout, python(), reproducible())
    signing.sign(paths.WINDOWS)
    setup = tmp_path / f"natwizard-{paths.version()}-windows-x64-setup.exe"
    icon = layout.generated / "natwizard.ico"
    compile_installer(layout.frozen, paths.version(), setup, icon)
    signing.verify(paths.WINDOWS)
    other = tmp_path / "as released.exe"
    compile_installer(layout.frozen, paths.version(), other, icon, kind="x86-unicode")
    assert signing.is_good(other)

    assert windows.run(setup, "/S")[0] == 0
    installed = sorted((windows.programs / "natwizard").rglob("*.*"))
    signed = [path for path in installed if path.suffix in signing.SIGNED_ENDS]
    assert [path.name for path in signed] == [
        "Uninstall.exe", "files-seal.dll", "more.dll", "ours.pyd", "natwizard-gui.exe",
        "natwizard.exe",
    ]  # fmt: skip
    assert all(signing.is_good(path) for path in signed)
    listed = (windows.programs / "natwizard" / verify.LIST).read_bytes()
    sealed = verify.SEALED.search((windows.programs / "natwizard" / verify.SEAL).read_bytes())
    assert sealed is not None
    assert sealed[1].decode() == hashlib.sha256(listed).hexdigest()
    assert "_internal/more.dll" in verify.listed(listed)

    bare = layout.frozen / "_internal/more.dll"
    shutil.copyfile(program, bare)
    with pytest.raises(SystemExit, match="1 of 6 files"):
        signing.verify(paths.WINDOWS)


@pytest.mark.usefixtures("authority")
def test_two_signed_builds_are_the_same_but_for_their_signatures(
    program: Path, tmp_path: Path
) -> None:
    program.write_bytes(program.read_bytes() + b"odd")  # signing fills up to 8 bytes
    first, second, bare = (tmp_path / name for name in ("first", "second", "bare"))
    for folder in (first, second, bare):
        folder.mkdir()
        shutil.copyfile(program, folder / "natwizard.exe")
    for folder in (first, second):
        signing.sign_file(folder / "natwizard.exe")
    assert differences(first, second)[0].startswith("natwizard.exe: ")
    assert differences(first, second, unsigned=True) == []
    assert differences(first, bare, unsigned=True) == []
    content = bytearray((second / "natwizard.exe").read_bytes())
    content[0x450] ^= 1
    (second / "natwizard.exe").write_bytes(content)
    assert differences(first, second, unsigned=True) != []


def test_a_build_without_a_key_says_loudly_that_it_is_unsigned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("NATWIZARD_SIGN_P12", "NATWIZARD_SIGN_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    signing.sign("windows")
    assert "UNSIGNED" in capsys.readouterr().out
