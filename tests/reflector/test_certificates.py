"""The reflector's own test authority, as strict verifiers see it."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification

from natwizard.reflector.certificates import file_context, make_certificate, own_context


def test_the_certificate_is_good_for_its_names_and_no_others() -> None:
    own = make_certificate(("reflector.example.com", "127.0.0.1"))
    authority = x509.load_pem_x509_certificate(own.authority_pem.encode())
    leaf = x509.load_pem_x509_certificate(own.certificate_pem.encode())
    store = verification.Store([authority])
    good = verification.PolicyBuilder().store(store)
    good.build_server_verifier(x509.DNSName("reflector.example.com")).verify(leaf, [])
    with pytest.raises(verification.VerificationError):
        good.build_server_verifier(x509.DNSName("example.com")).verify(leaf, [])


def test_two_authorities_have_nothing_in_common() -> None:
    first, second = make_certificate(("a.example",)), make_certificate(("a.example",))
    assert first.authority_pem != second.authority_pem
    assert first.key_pem != second.key_pem


def test_no_file_of_the_key_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    context = own_context(make_certificate(("127.0.0.1",)))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert list(tmp_path.iterdir()) == []


def test_certificates_of_files_are_used_as_they_are(tmp_path: Path) -> None:
    own = make_certificate(("127.0.0.1",))
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_text(own.certificate_pem)
    key.write_text(own.key_pem)
    assert file_context(str(chain), str(key)).cert_store_stats()["x509"] == 0
    with pytest.raises(FileNotFoundError):
        file_context(str(chain), str(tmp_path / "none.pem"))
    with pytest.raises(ssl.SSLError):
        file_context(str(key), str(key))
