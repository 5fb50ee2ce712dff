"""natwizard verify: is every file of this installation as it was when it was made?

The build writes the list (packaging/steps/file_list.py): one line a file, its SHA-256 first, as
`sha256sum --check` reads it. A signed build for Windows has a seal beside it, a library without
code that carries the list's own SHA-256 and the publisher's signature.

Nothing but the standard library is imported at the top: this also tells which file is broken when
the program cannot start, and that file may be any other library.
"""

import hashlib
import re
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from natwizard.model.language import N_, _

LIST = "_internal/files.sha256"
SEAL = "_internal/files-seal.dll"
LISTED = re.compile(r"([0-9a-f]{64})  (\S.*)")
SEALED = re.compile(rb"files\.sha256 = ([0-9a-f]{64})")
MOST_LIST_BYTES = 1_000_000  # ours has about 20 kB
INTACT, DAMAGED, NOT_KNOWN = 0, 1, 2
EX_SOFTWARE = 70  # ExitCode.FAULT, which needs libraries that may be the broken ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """What became of the installed files; names are relative to the program's folder.

    Attributes:
        intact: how many are as the list says.
        added: files below _internal that the list does not name. Windows loads libraries from
            the program's own folder first, so one more is not harmless.
        seal: "" if the build is unsigned, else "good" or "broken".
    """

    intact: int = 0
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    seal: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is to be said against it."""
        return not (self.damaged or self.missing or self.added or self.seal == "broken")


class NoListError(Exception):
    """There is no list to check against; `str()` says why."""


def add_arguments(_parser: ArgumentParser) -> None:
    """`natwizard verify` has none: it looks at the folder it was started from."""


def run(_arguments: Namespace) -> int:
    """Exits 0 if every file is as it was made, 1 if not, 2 if there is no list to check against."""
    try:
        integrity = check_files(program_folder())
    except NoListError as reason:
        sys.stderr.write(f"natwizard: {reason}\n")
        return NOT_KNOWN
    sys.stdout.write("\n".join(lines_of(integrity)) + "\n")
    return INTACT if integrity.whole else DAMAGED


def program_folder() -> Path:
    """Where the frozen programs lie. Raises NoListError for one that was not frozen, and on macOS,
    where signing changes the files after the list and `codesign` itself seals them."""
    if not getattr(sys, "frozen", False):
        raise NoListError(_("this natwizard came without a list of its files"))
    folder = Path(sys.executable).parent
    if sys.platform == "darwin":
        command = f'codesign --verify --deep --strict "{folder.parents[1]}"'
        raise NoListError(_("macOS checks the files itself: {command}").format(command=command))
    return folder


def check_files(folder: Path) -> Integrity:
    """Read every file of the installation and compare. Raises NoListError without a list."""
    try:
        with (folder / LIST).open("rb") as opened:
            content = opened.read(MOST_LIST_BYTES)
    except OSError as trouble:
        text = _("the list of files cannot be read: {trouble}")
        raise NoListError(text.format(trouble=trouble)) from trouble
    wanted = listed(content)
    intact, damaged, missing = 0, [], []
    for name, digest in wanted.items():
        try:
            with (folder / name).open("rb") as opened:
                same = hashlib.file_digest(opened, "sha256").hexdigest() == digest
        except FileNotFoundError:
            missing.append(name)
            continue
        except OSError:  # there, and unreadable: a bad sector, a scanner that holds it
            same = False
        if same:
            intact += 1
        else:
            damaged.append(name)
    return Integrity(
        intact=intact,
        damaged=tuple(damaged),
        missing=tuple(missing),
        added=_added(folder, wanted),
        seal=_seal(folder, content),
    )


def listed(content: bytes) -> dict[str, str]:
    """The list's names and digests. Raises NoListError for a line that is none.

    The list may itself be damaged: a name that leads out of the folder is never opened.
    """
    found = {}
    for line in content.decode("utf-8", "replace").splitlines():
        match = LISTED.fullmatch(line)
        name = PurePosixPath(match[2]) if match else None
        if match is None or name is None or name.is_absolute() or ".." in name.parts:
            raise NoListError(_("the list of files is damaged"))
        found[match[2]] = match[1]
    if not found:
        raise NoListError(_("the list of files is damaged"))
    return found


def lines_of(integrity: Integrity) -> list[str]:
    """What is told, a line a finding."""
    heads = (
        (N_("damaged: {name}"), integrity.damaged),
        (N_("missing: {name}"), integrity.missing),
        (N_("not part of natwizard: {name}"), integrity.added),
    )
    lines = [_(text).format(name=name) for text, names in heads for name in names]
    if integrity.seal == "broken":
        lines.append(_("the signature of the list does not hold: somebody may have changed it"))
    if integrity.whole:
        lines.append(
            _("{count} files, all as they were made").format(count=integrity.intact)
            + (_("; the list is signed") if integrity.seal else "")
        )
    else:
        lines.append(_("Install natwizard again: that puts its files right."))
    return lines


def explain_broken_start(trouble: BaseException) -> str:
    """What to tell of a program that could not load its own parts, naming the broken ones."""
    try:
        integrity = check_files(program_folder())
    except NoListError as reason:
        return f"natwizard: {trouble}\n{reason}"
    if integrity.whole:
        return f"natwizard: {trouble}"
    return "\n".join(("natwizard cannot start.", *lines_of(integrity), f"({trouble})"))


def _added(folder: Path, wanted: dict[str, str]) -> tuple[str, ...]:
    known = {*wanted, LIST, SEAL}
    inside = folder / "_internal"
    names = (path.relative_to(folder).as_posix() for path in inside.rglob("*") if path.is_file())
    return tuple(sorted(name for name in names if name not in known))


def _seal(folder: Path, content: bytes) -> str:
    """Compares the list with its seal, and has Windows check the seal's signature."""
    try:
        seal = (folder / SEAL).read_bytes()
    except OSError:
        return ""
    from natwizard.system.authenticode import windows_trusts

    match = SEALED.search(seal)
    if match is None or match[1].decode() != hashlib.sha256(content).hexdigest():
        return "broken"
    return "good" if windows_trusts(folder / SEAL) else "broken"
