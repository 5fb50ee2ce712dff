"""Certificates that a profile counts as public (`targets.extra_roots`): read, named, dated."""

import warnings
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from msgspec import Struct

from natwizard.model.language import _
from natwizard.probes.connection.presented_chain import NAME_LENGTH, UNREADABLE
from natwizard.probes.connection.public_roots import PEM_LIMIT
from natwizard.probes.printable import printable
from natwizard.profiles.mistake import ProfileMistake

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
DER_SEQUENCE = b"\x30"
"""First byte of a certificate that is not text. Source: X.690, 8.9."""


class ExtraRoot(Struct, frozen=True, kw_only=True):
    """One certificate.

    Attributes:
        pem: this certificate alone, as text.
        name: its common name, else its organisation, else its whole name.
        until: the last moment it counts, in UTC.
    """

    pem: str
    name: str
    until: datetime

    @property
    def expired(self) -> bool:
        """Whether it counts no more, by the clock of this computer."""
        return self.until < datetime.now(UTC)


def read_roots(path: Path) -> tuple[ExtraRoot, ...]:
    """The certificates in a file, at least one. Raises ProfileMistake."""
    return _roots_in(_text_of(path), str(path))


def roots_of(pem: str) -> tuple[ExtraRoot, ...]:
    """The certificates in one text of a profile, at least one. Raises ValueError."""
    try:
        return _roots_in(pem, "")
    except ProfileMistake as mistake:
        raise ValueError(mistake.problem) from mistake


def _text_of(path: Path) -> str:
    try:
        if not path.is_file():
            there = path.exists()
            problem = _("This is no file.") if there else _("There is no such file.")
            raise ProfileMistake(str(path), problem)
        with path.open("rb") as file:
            content = file.read(PEM_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise ProfileMistake(str(path), _("The file cannot be read.")) from error
    if len(content) > PEM_LIMIT:
        raise ProfileMistake(str(path), _("Too large: a file with certificates is below 256 KB."))
    if content.startswith(DER_SEQUENCE):
        problem = _("This certificate is in binary form (DER). Save it as text (PEM, Base64).")
        raise ProfileMistake(str(path), problem)
    return content.decode("utf-8", errors="replace")


def _roots_in(text: str, location: str) -> tuple[ExtraRoot, ...]:
    if len(text) > PEM_LIMIT:
        raise ProfileMistake(location, _("Too large: a file with certificates is below 256 KB."))
    blocks = [block.partition(END)[0] for block in text.split(BEGIN)[1:] if END in block]
    if not blocks:
        raise ProfileMistake(location, _("This holds no certificate as text (PEM)."))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some old authorities have a serial number of 0
        return tuple(_root(f"{BEGIN}{block}{END}\n", location) for block in blocks)


def _root(pem: str, location: str) -> ExtraRoot:
    try:
        read = x509.load_pem_x509_certificate(pem.encode())
        return ExtraRoot(pem=pem, name=_name(read.subject), until=read.not_valid_after_utc)
    except UNREADABLE as error:
        problem = _("A certificate in this cannot be read.")
        raise ProfileMistake(location, problem) from error


def _name(subject: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = subject.get_attributes_for_oid(kind)
        if found:
            return printable(str(found[0].value), NAME_LENGTH)
    return printable(subject.rfc4514_string(), NAME_LENGTH)
