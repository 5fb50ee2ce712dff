"""Makes resources/public-intermediates.json anew, whole or not at all.

Run before a release:

    python packaging/refresh_public_intermediates.py --firefox /usr/lib/firefox-esr/browser/omni.ja

Firefox carries Mozilla's list of intermediates, of which fingerprints are taken. Where there is
internet, add what authorities report to the CCADB (https://www.ccadb.org/resources: "All
Certificate Information", with PEM, a file a year): --ccadb FILE ... gives fingerprints, key
identifiers and organisations. What the file had of the last two stays.
Exit codes: 0 written, 1 a source could not be read (nothing is written).
"""

import argparse
import base64
import csv
import json
import sys
import warnings
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from natwizard.probes.connection.presented_chain import (
    KEPT_BYTES,
    UNREADABLE,
    IntermediatesFile,
    organization_of,
)

PLACE = Path(__file__).resolve().parents[1] / "resources" / "public-intermediates.json"
LIST = "defaults/settings/security-state/intermediates.json"
PEM_LIMIT = 256 * 1024


def read_firefox(archive: Path) -> tuple[set[bytes], str]:
    """Fingerprints of Mozilla's list in a Firefox, and its day."""
    with zipfile.ZipFile(archive) as omni:
        told = json.loads(omni.read(LIST))
    prints = {base64.b64decode(each["derHash"])[:KEPT_BYTES] for each in told["data"]}
    return prints, datetime.fromtimestamp(told["timestamp"] / 1000, UTC).date().isoformat()


def certificates_of(report: Path) -> Iterator[x509.Certificate]:
    """Every certificate of a CCADB report; one that cannot be read is left out."""
    csv.field_size_limit(PEM_LIMIT)
    with report.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            pem = next((cell for cell in row.values() if cell and "BEGIN CERT" in cell), "")
            if pem:
                try:
                    yield x509.load_pem_x509_certificate(pem.strip("' ").encode())
                except UNREADABLE as error:
                    print(f"left out: {error}", file=sys.stderr)


def key_identifier_of(certificate: x509.Certificate) -> str:
    """In hexadecimal, or empty."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return ""
    return found.value.digest.hex()


def main(arguments: list[str] | None = None) -> int:
    """Read all, then replace the file in one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firefox", type=Path, required=True, help="browser/omni.ja of a Firefox")
    parser.add_argument("--ccadb", type=Path, nargs="*", default=(), help="CCADB reports with PEM")
    parser.add_argument("--output", type=Path, default=PLACE)
    options = parser.parse_args(arguments)
    today = datetime.now(UTC)
    sources = [
        "Mozilla's list of intermediates, as Firefox carries it (security-state/intermediates)"
    ]
    try:
        before = msgspec.json.decode(PLACE.read_bytes(), type=IntermediatesFile)
        fingerprints, day = read_firefox(options.firefox)
        identifiers = set(before.key_identifiers)
        organizations = set(before.organizations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old serial numbers
            for report in options.ccadb:
                for each in certificates_of(report):
                    if each.not_valid_after_utc > today:
                        fingerprints.add(each.fingerprint(hashes.SHA256())[:KEPT_BYTES])
                        identifiers.add(key_identifier_of(each))
                        organizations.add(organization_of(each.subject))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        print(f"nothing written: {error or type(error).__name__}", file=sys.stderr)
        return 1
    if options.ccadb:
        sources.append("CCADB, all certificate information with PEM")
        day = max(day, today.date().isoformat())
    made = IntermediatesFile(
        as_of=day,
        sources=tuple(dict.fromkeys((*sources, *before.sources))),
        fingerprints=base64.b64encode(b"".join(sorted(fingerprints))).decode(),
        key_identifiers=tuple(sorted(identifiers - {""})),
        organizations=tuple(sorted(organizations - {""})),
    )
    part = options.output.with_suffix(".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
    part.replace(options.output)
    print(
        f"{len(fingerprints)} certificates, {len(made.key_identifiers)} keys, "
        f"{len(made.organizations)} organisations, as of {day}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
