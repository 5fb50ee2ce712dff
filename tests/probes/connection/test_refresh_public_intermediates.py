"""The script that makes the shipped list of intermediates anew."""

import csv
import importlib.util
import json
import zipfile
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from servers.reach_lab import common_name, make_authority, make_intermediate

from natwizard.assets import asset
from natwizard.probes.connection.presented_chain import ASSET, IntermediatesFile

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "refresh_intermediates", ROOT / "packaging" / "refresh_public_intermediates.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def firefox(folder: Path) -> Path:
    """An omni.ja with two intermediates."""
    told = {
        "timestamp": 1_794_754_622_332,
        "data": [
            {"derHash": b64encode(sha256(name).digest()).decode()} for name in (b"one", b"two")
        ],
    }
    path = folder / "omni.ja"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("defaults/settings/security-state/intermediates.json", json.dumps(told))
    return path


def test_fingerprints_come_from_firefox_and_the_rest_from_ccadb(
    script: ModuleType, tmp_path: Path
) -> None:
    middle = make_intermediate(make_authority(), common_name("Example CA 1", "Example Reseller"))
    report = tmp_path / "ccadb.csv"
    with report.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("SHA-256 Fingerprint", "X.509 Certificate (PEM)"))
        pem = middle.certificate.public_bytes(serialization.Encoding.PEM).decode()
        writer.writerow(("x", pem))
        writer.writerow(("y", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"))
    output = tmp_path / "list.json"
    arguments = ["--firefox", str(firefox(tmp_path)), "--ccadb", str(report)]
    assert script.main([*arguments, "--output", str(output)]) == 0
    made = msgspec.json.decode(output.read_bytes(), type=IntermediatesFile)
    shipped = msgspec.json.decode(asset(ASSET).read_bytes(), type=IntermediatesFile)
    assert len(made.fingerprints) == 4 * 16  # base64 of three times 16 bytes
    assert len(made.key_identifiers) == len(shipped.key_identifiers) + 1
    assert set(made.organizations) == {*shipped.organizations, "Example Reseller"}
    known = middle.certificate.fingerprint(hashes.SHA256())[:16]
    assert known in msgspec.json.decode(f'"{made.fingerprints}"'.encode(), type=bytes)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_nothing_is_written_where_a_source_cannot_be_read(
    script: ModuleType, content: bytes, tmp_path: Path
) -> None:
    broken, output = tmp_path / "omni.ja", tmp_path / "list.json"
    broken.write_bytes(content)
    assert script.main(["--firefox", str(broken), "--output", str(output)]) == 1
    assert not output.exists()
