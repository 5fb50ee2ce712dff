"""The reflector's own test authority, as strict verifiers see it."""

import os
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification

from natwizard.reflector.certificates import (
    CertificateFiles,
    OwnCertificate,
    file_context,
    make_certificate,
    own_context,
)


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


def served(context: ssl.SSLContext) -> bytes | None:
    """The certificate that a handshake with this context presents."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = anyone.wrap_bio(to_client, to_server)
    for _flight in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.getpeercert(binary_form=True)


def put(folder: Path, own: OwnCertificate, *, key_of: OwnCertificate | None = None) -> None:
    """As certbot does: new files, then links that are turned over to them."""
    for name, text in (
        ("chain.pem", own.certificate_pem),
        ("key.pem", (key_of or own).key_pem),
    ):
        new = folder / f"{len(list(folder.iterdir()))}-{name}"
        new.write_text(text)
        (folder / "turned").symlink_to(new)
        os.replace(folder / "turned", folder / name)


def der(own: OwnCertificate) -> bytes:
    return ssl.PEM_cert_to_DER_cert(own.certificate_pem)


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_a_renewed_certificate_is_served_without_a_restart(tmp_path: Path) -> None:
    old, new = make_certificate(("127.0.0.1",)), make_certificate(("127.0.0.1",))
    put(tmp_path, old)
    files = CertificateFiles(str(tmp_path / "chain.pem"), str(tmp_path / "key.pem"))
    files.look()
    assert served(files.context) == der(old)
    put(tmp_path, new)
    files.look()
    assert served(files.context) == der(new)


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_a_half_made_renewal_leaves_what_there_was(tmp_path: Path) -> None:
    old, new = make_certificate(("127.0.0.1",)), make_certificate(("127.0.0.1",))
    put(tmp_path, old)
    files = CertificateFiles(str(tmp_path / "chain.pem"), str(tmp_path / "key.pem"))
    put(tmp_path, new, key_of=old)
    files.look()
    assert served(files.context) == der(old)
    (tmp_path / "chain.pem").unlink()
    files.look()
    assert served(files.context) == der(old)
    put(tmp_path, new)
    files.look()
    assert served(files.context) == der(new)
