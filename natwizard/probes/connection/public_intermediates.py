"""Intermediate certificates that public authorities have issued, as far as the shipped list knows.

Made from Mozilla's list of intermediates, which Firefox preloads, and from what authorities report
to the CCADB (docs/decisions/0101-public-intermediates.md). It tells a server that leaves its
intermediate out from a filter that signs with an authority of its own; it trusts nobody.
"""

from base64 import b64decode
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct

from natwizard.assets import asset

ASSET: Final = "public-intermediates.json"
KEPT_BYTES: Final = 16
"""Of a SHA-256: nobody finds a second certificate with the same 128 bits."""


class PublicIntermediates(Struct, frozen=True, kw_only=True):
    """What is known.

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
