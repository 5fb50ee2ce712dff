"""Signs Windows programs, and checks the signatures of whatever is about to be published.

Where the key comes from: NATWIZARD_SIGN_COMMAND, a command whose `{file}` is replaced (signtool or
a cloud signer in the release workflow); or, with osslsigncode, NATWIZARD_SIGN_P12 and
NATWIZARD_SIGN_PASSWORD_FILE, with a timestamp from NATWIZARD_TIMESTAMP (an RFC 3161 address), or
offline from NATWIZARD_TSA_CERTIFICATE and NATWIZARD_TSA_KEY. With none of them a build is unsigned
and says so.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from steps.environment import run
from steps.paths import OUTPUT, PACKAGING, WINDOWS, Layout, version

SIGNED_ENDS = (".exe", ".dll", ".pyd")
OURS = ("natwizard.exe", "natwizard-gui.exe")
SIGNED = "signed.json"
SEAL = "_internal/files-seal.dll"  # steps/file_list.py makes and signs it
SIGNATURE_STEP = 8
# osslsigncode is for other systems; Windows itself knows which roots it trusts
WINDOWS_CHECKS = (
    "$found = Get-AuthenticodeSignature -LiteralPath $env:NATWIZARD_CHECKED;"
    " exit [int](-not ($found.Status -eq 'Valid' -and $found.TimeStamperCertificate))"
)
LOUD = "*** UNSIGNED: no signing key was named; Windows will warn whoever starts this ***"


def wanted() -> bool:
    """Whether a key was named for this build."""
    return bool(os.environ.get("NATWIZARD_SIGN_COMMAND") or os.environ.get("NATWIZARD_SIGN_P12"))


def hook_command() -> str:
    """What makensis calls with the name of the installer or uninstaller."""
    return f'"{sys.executable}" "{PACKAGING / "sign_file.py"}"'


def sign(_target: str) -> None:
    """Sign our programs and every library that nobody else has signed."""
    if not wanted():
        print(LOUD)
        return
    layout = Layout(WINDOWS)
    files = signable(layout.frozen)
    for path in files:
        sign_file(path)
    names = [path.relative_to(layout.frozen).as_posix() for path in files]
    (layout.work / SIGNED).write_text(json.dumps(names, indent=0), "utf-8")


def signable(folder: Path) -> list[Path]:
    """Our two programs, and the libraries that came without a signature of their maker."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SIGNED_ENDS]
    return [path for path in found if path.name in OURS or not has_signature(path)]


def has_signature(path: Path) -> bool:
    """Whether a PE file carries an Authenticode signature."""
    content = path.read_bytes()
    return _signature(content) is not None


def without_signature(content: bytes) -> bytes:
    """A PE file as it was before it was signed; anything else as it is.

    Signing fills up to a multiple of 8 and writes a checksum: those are made alike, too, so that
    a signed and an unsigned copy of one program come out the same.
    """
    head = _pe_header(content)
    if head is None:
        return content
    found = _signature(content)
    body = bytearray(content[:found] if found is not None else content)
    body += bytes(-len(body) % SIGNATURE_STEP)
    entry = _signature_entry(content, head)
    body[entry : entry + 8] = bytes(8)
    body[head + 88 : head + 92] = bytes(4)  # CheckSum of the optional header
    return bytes(body)


def _signature(content: bytes) -> int | None:
    """Where the signature of a PE file begins; None if it has none."""
    head = _pe_header(content)
    if head is None:
        return None
    entry = _signature_entry(content, head)
    place = int.from_bytes(content[entry : entry + 4], "little")
    size = int.from_bytes(content[entry + 4 : entry + 8], "little")
    return place if size > 0 else None


def _pe_header(content: bytes) -> int | None:
    """Where the PE header stands; None if this is no such file."""
    head = int.from_bytes(content[0x3C:0x40], "little")
    return head if content[:2] == b"MZ" and content[head : head + 4] == b"PE\0\0" else None


def _signature_entry(content: bytes, head: int) -> int:
    """Entry 4 of the data directory: place and size of the signature."""
    optional = head + 24
    wide = int.from_bytes(content[optional : optional + 2], "little") == 0x20B
    return optional + (112 if wide else 96) + 4 * 8


def sign_file(path: Path) -> None:
    """Sign one file in its place."""
    command = os.environ.get("NATWIZARD_SIGN_COMMAND")
    if command:
        run(sign_command(command, path, windows=os.name == "nt"), quiet=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        signed = Path(folder) / path.name
        run(["osslsigncode", "sign", "-pkcs12", os.environ["NATWIZARD_SIGN_P12"],
             "-readpass", os.environ["NATWIZARD_SIGN_PASSWORD_FILE"], "-h", "sha256",
             "-n", "natwizard", *_timestamp(), "-in", path, "-out", signed],
            quiet=True)  # fmt: skip
        path.write_bytes(signed.read_bytes())


def sign_command(command: str, path: Path, *, windows: bool) -> list[str]:
    """The command's words, with the file in place; quotes hold words together, as in a shell.

    Where paths have backslashes, they are letters like others.
    """
    text = command.replace("\\", "\\\\") if windows else command
    return [part.replace("{file}", str(path)) for part in shlex.split(text)]


def _timestamp() -> list[str]:
    address = os.environ.get("NATWIZARD_TIMESTAMP")
    if address:
        return ["-ts", address]
    certificate = os.environ.get("NATWIZARD_TSA_CERTIFICATE")
    if certificate:
        return ["-TSA-certs", certificate, "-TSA-key", os.environ["NATWIZARD_TSA_KEY"]]
    raise SystemExit("a signature without a timestamp dies with its certificate: name one")


def verify(_target: str) -> None:
    """Check every signature of the frozen programs and the installer; unsigned builds say so.

    NATWIZARD_SIGN_ROOT names the root that they must end in (else those of this system).
    """
    if not wanted():
        print(LOUD)
        return
    layout = Layout(WINDOWS)
    if not (layout.work / SIGNED).is_file():
        raise SystemExit("nothing has been signed: run build.py sign first")
    names = json.loads((layout.work / SIGNED).read_text("utf-8"))
    installers = sorted(OUTPUT.glob(f"natwizard-{version()}-windows-*.exe"))
    # others' libraries must still carry their makers' signatures: all of them carry one now
    bare = [path for path in signable(layout.frozen) if not has_signature(path)]
    ours = [layout.frozen / name for name in (*names, SEAL)]
    files = list(dict.fromkeys([*ours, *installers, *bare]))
    wrong = [path for path in files if not is_good(path)]
    for path in wrong:
        print(f"NOT SIGNED AS IT SHOULD BE: {path}")
    if wrong:
        raise SystemExit(f"{len(wrong)} of {len(files)} files")
    print(f"{len(files)} signatures are good")


def is_good(path: Path) -> bool:
    """Signed, timestamped, unchanged since, and by a certificate that ends in the root."""
    if not path.is_file():
        return False
    if sys.platform == "win32":
        words = ["powershell", "-NoProfile", "-NonInteractive", "-Command", WINDOWS_CHECKS]
        settings = os.environ | {"NATWIZARD_CHECKED": str(path)}
        return subprocess.run(words, env=settings, check=False).returncode == 0
    root = os.environ.get("NATWIZARD_SIGN_ROOT")
    roots = ["-CAfile", root, "-TSA-CAfile", root] if root else []
    result = subprocess.run(
        ["osslsigncode", "verify", *roots, "-in", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.returncode == 0 and "Timestamp time:" in result.stdout
