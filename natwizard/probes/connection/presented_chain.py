"""Certificates a server presents, read and verified offline. Source: RFC 5280."""

import ssl
import warnings
from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from itertools import pairwise, zip_longest
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID
from msgspec import Struct

from natwizard.assets import asset
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.probes.failures import BadAnswer
from natwizard.probes.printable import printable

# A server can present what it likes, and each certificate costs time to read
CHAIN_LIMIT = 10
# Usual ones have 1 to 2 kB
CERTIFICATE_LIMIT_BYTES = 64 * 1024
# Servers of content networks are named in hundreds; a report shows a few
NAMES_LIMIT = 30
NAME_LENGTH = 120

UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class Certificate(Struct, frozen=True, kw_only=True):
    """One certificate as it was presented; texts are printable and cut at 120 characters.

    Attributes:
        issuer_organization: empty where the issuer has none.
        names: DNS names and addresses it is for; at most 30 of them.
        not_before, not_after: ISO 8601, in UTC.
        fingerprint: SHA-256, in hexadecimal.
        self_issued: whether issuer and subject are the same.
        authority_key: identifier of the key that signed it, in hexadecimal, or empty.
        signed_by_next: whether the next one of the chain really signed it.
    """

    subject: QuotingText
    issuer: QuotingText
    issuer_organization: QuotingText
    names: tuple[QuotingText, ...]
    not_before: PublicText
    not_after: PublicText
    fingerprint: PublicText
    self_issued: bool
    size_bytes: int
    authority_key: PublicText = ""
    signed_by_next: bool = False


def presented_ders(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The chain as the peer sent it, leaf first, each certificate as DER.

    Python 3.13 has SSLObject.get_unverified_chain; before it, the same call is only on the
    private object underneath (bpo-18233). When 3.13 is the floor, ask `tls` itself.
    """
    chain = tls._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001
    encoding_der = 2  # _ssl.ENCODING_DER
    return tuple(certificate.public_bytes(encoding_der) for certificate in chain or ())


def read_chain(ders: tuple[bytes, ...]) -> tuple[Certificate, ...]:
    """At most ten certificates as values. BadAnswer if the first is none, or too large."""
    if not ders:
        raise BadAnswer("no certificate was presented")
    if any(len(der) > CERTIFICATE_LIMIT_BYTES for der in ders[:CHAIN_LIMIT]):
        raise BadAnswer(f"a certificate of over {CERTIFICATE_LIMIT_BYTES} bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of odd lengths are the peer's business
        return tuple(
            _read(der, next_der)
            for der, next_der in zip_longest(ders[:CHAIN_LIMIT], ders[1:CHAIN_LIMIT])
        )


def top_of(chain: tuple[Certificate, ...]) -> Certificate:
    """The last one of a chain that its leaf leads to; the leaf itself where nothing follows."""
    top = chain[0]
    # bounded by its length: certificates can name each other in a circle
    for _number in chain:
        above = [each for each in chain if each.subject == top.issuer and each is not top]
        if not above:
            break
        top = above[0]
    return top


def _read(der: bytes, next_der: bytes | None) -> Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=_name(certificate.subject),
            issuer=_name(certificate.issuer),
            issuer_organization=organization_of(certificate.issuer),
            names=_alternative_names(certificate),
            not_before=certificate.not_valid_before_utc.isoformat(),
            not_after=certificate.not_valid_after_utc.isoformat(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            self_issued=certificate.issuer == certificate.subject,
            size_bytes=len(der),
            authority_key=_authority_key(certificate),
            signed_by_next=next_der is not None and _is_signed_by(certificate, next_der),
        )
    except UNREADABLE as error:
        raise BadAnswer(f"a certificate that cannot be read: {printable(str(error))}") from error


def _name(name: x509.Name) -> str:
    return printable(name.rfc4514_string(), NAME_LENGTH)


def organization_of(name: x509.Name) -> str:
    """The organisation (O) of a name, printable, or empty."""
    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return printable(str(found[0].value), NAME_LENGTH) if found else ""


def _authority_key(certificate: x509.Certificate) -> str:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ""
    return (found.key_identifier or b"").hex()


def _is_signed_by(certificate: x509.Certificate, issuer_der: bytes) -> bool:
    try:
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(issuer_der))
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    found = [
        *names.get_values_for_type(x509.DNSName),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    ]
    return tuple(printable(name, NAME_LENGTH) for name in found[:NAMES_LIMIT])


ASSET: Final = "public-intermediates.json"
KEPT_BYTES: Final = 16
"""Of a SHA-256: nobody finds a second certificate with the same 128 bits."""


class PublicIntermediates(Struct, frozen=True, kw_only=True):
    """Intermediates that public authorities issued, as far as the shipped list knows.

    Made by packaging/refresh_public_intermediates.py (docs/decisions/0101). It tells a server that
    leaves its intermediate out from a filter that signs by itself; it trusts nobody.

    Attributes:
        fingerprints: the first 16 bytes of the SHA-256 of each certificate.
        key_identifiers: subject key identifiers (RFC 5280, 4.2.1.2), in hexadecimal.
        organizations: organisations (O) in the subjects: resellers and brands too, whose names
            stand in no root.
        as_of: ISO 8601 day of the newest source.
    """

    fingerprints: frozenset[bytes]
    key_identifiers: frozenset[str]
    organizations: frozenset[str]
    as_of: str

    def holds(self, fingerprint: str) -> bool:
        """Whether a certificate is one of them, by its whole SHA-256 in hexadecimal."""
        return bytes.fromhex(fingerprint)[:KEPT_BYTES] in self.fingerprints


class IntermediatesFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As the file has it; `fingerprints` is base64 of all of them, one after another."""

    as_of: str
    sources: tuple[str, ...]
    fingerprints: str
    key_identifiers: tuple[str, ...]
    organizations: tuple[str, ...]


@cache
def public_intermediates() -> PublicIntermediates:
    """The shipped list, read once."""
    file = msgspec.json.decode(asset(ASSET).read_bytes(), type=IntermediatesFile)
    packed = b64decode(file.fingerprints)
    return PublicIntermediates(
        fingerprints=frozenset(
            packed[place : place + KEPT_BYTES] for place in range(0, len(packed), KEPT_BYTES)
        ),
        key_identifiers=frozenset(file.key_identifiers),
        organizations=frozenset(file.organizations),
        as_of=file.as_of,
    )


class PublicAuthorities:
    """The authorities that count as public, ready to verify chains against."""

    def __init__(self, pem: str) -> None:
        """Read them; one that cannot be read is left out. ValueError if none can."""
        roots = _readable_roots(pem)
        self._store = verification.Store(roots)
        self._organizations = {organization_of(root.subject) for root in roots} - {""}

    def knows(self, issuer_organization: str) -> bool:
        """Whether an organisation of this name runs an authority, or has an intermediate of one."""
        known = public_intermediates().organizations
        return issuer_organization in self._organizations or issuer_organization in known

    def proves(self, chain: tuple[Certificate, ...]) -> bool:
        """Whether a public intermediate signed the leaf, or whatever was presented above it.

        By the intermediate itself where it was presented, else by the identifier of its key.
        """
        known = public_intermediates()
        for below, above in pairwise(chain):
            if not below.signed_by_next:
                return False
            if known.holds(above.fingerprint):
                return True
        return chain[-1].authority_key in known.key_identifiers

    def verify(self, ders: tuple[bytes, ...], server_name: str, at: datetime) -> str:
        """Verify a chain for a name at a time; what is wrong with it, or empty."""
        try:
            leaf, *others = [x509.load_der_x509_certificate(der) for der in ders[:CHAIN_LIMIT]]
            verifier = (
                verification.PolicyBuilder()
                .store(self._store)
                .time(at.astimezone(UTC))
                .build_server_verifier(_subject(server_name))
            )
            verifier.verify(leaf, others)
        except (verification.VerificationError, *UNREADABLE) as error:
            return printable(str(error)) or type(error).__name__
        return ""


def _readable_roots(pem: str) -> list[x509.Certificate]:
    end = "-----END CERTIFICATE-----"
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some old authorities have a serial number of 0
        for block in pem.split(end)[:-1]:
            with suppress(*UNREADABLE):
                roots.append(x509.load_pem_x509_certificate((block + end).encode()))
    return roots


def _subject(server_name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ip_address(server_name))
    except ValueError:
        return x509.DNSName(server_name)
