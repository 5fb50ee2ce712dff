"""Lists the files of a frozen folder, for upgrades and for `natwizard verify`; seals signed ones.

Written at the end of the freeze, again once libraries have been signed, and by the installer: the
list must tell the bytes that people get. What reads it is natwizard/cli/verify.py.
"""

import hashlib
import struct
from pathlib import Path, PurePosixPath

from steps import signing
from steps.signing import SEAL

NAMES = "_internal/installed-files.txt"  # read by the next version's setup, Windows only
DIGESTS = "_internal/files.sha256"
_SECTION = 0x200


def write_file_list(folder: Path) -> None:
    """(Re)write the lists; a seal that still holds for them is kept, with its signature."""
    for_windows = any(folder.glob("*.exe"))
    others = [name for name in installed_files(folder) if name not in (NAMES, DIGESTS, SEAL)]
    sealed = for_windows and signing.wanted()
    if for_windows:
        names = [*others, NAMES, DIGESTS, *([SEAL] if sealed else [])]
        (folder / NAMES).write_text(upgrade_list(sorted(names)), "ascii", newline="\r\n")
        others = sorted([*others, NAMES])
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
             for name in others]  # fmt: skip
    text = "".join(lines).encode("utf-8")
    (folder / DIGESTS).write_bytes(text)
    seal, wanted = folder / SEAL, f"files.sha256 = {hashlib.sha256(text).hexdigest()}".encode()
    if not sealed:
        seal.unlink(missing_ok=True)
    elif not seal.is_file() or wanted not in seal.read_bytes() or not signing.has_signature(seal):
        seal.write_bytes(library_holding(wanted))
        signing.sign_file(seal)


def installed_files(folder: Path) -> list[str]:
    """Every file below a folder, with / between the names, in order."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    )


def upgrade_list(files: list[str]) -> str:
    """What an upgrade removes of this version: F file, D folder, below _internal."""
    inside = [name.removeprefix("_internal/") for name in files if name.startswith("_internal/")]
    lines = [f"F {windows(name)}" for name in inside]
    return "\n".join(lines + [f"D {windows(name)}" for name in folders(inside)]) + "\n"


def folders(files: list[str]) -> list[str]:
    """Every folder that holds one of the files, the innermost first."""
    found = {str(parent) for name in files for parent in PurePosixPath(name).parents} - {"."}
    return sorted(found, key=lambda name: (-name.count("/"), name))


def windows(name: str) -> str:
    """A relative name as Windows writes it."""
    return name.replace("/", "\\")


def library_holding(text: bytes) -> bytes:
    """A Windows library without code that holds a text: what every Authenticode signer can sign.

    Signers of cloud key services take programs and libraries, not texts (PE/COFF specification,
    sections 2 to 4).
    """
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    optional = struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII",
        0x20B, 0, 0, 0, _SECTION, 0, 0, 0,  # PE32+, sizes, no entry point
        0x180000000, 0x1000, _SECTION, 6, 0, 0, 0, 6, 0, 0,  # base, alignments, versions
        0x2000, _SECTION, 0, 2, 0x160,  # image, headers, checksum, subsystem, NX and ASLR
        0x100000, 0x1000, 0x100000, 0x1000, 0, 16,
    )  # fmt: skip
    section = struct.pack("<8sIIIIIIHHI", b".rdata", len(text), 0x1000, _SECTION, _SECTION,
                          0, 0, 0, 0, 0x40000040)  # fmt: skip
    headers = (dos + coff + optional + bytes(16 * 8) + section).ljust(_SECTION, b"\0")
    if len(text) > _SECTION:
        raise ValueError(f"{len(text)} bytes do not fit into one section of {_SECTION}")
    return headers + text.ljust(_SECTION, b"\0")
