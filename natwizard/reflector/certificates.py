"""A test authority and a server certificate of its own, made in memory. Source: RFC 5280."""

import datetime as dt
import ipaddress
import logging
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

LOG = logging.getLogger(__name__)

VALID_DAYS = 90
# A computer whose clock is behind would find the certificate not valid yet
BACKDATED = dt.timedelta(days=1)


class OwnCertificate(Struct, frozen=True, kw_only=True):
    """A server's certificate and key, and the authority that signed it; all PEM."""

    authority_pem: str
    certificate_pem: str
    key_pem: str


def make_certificate(names: tuple[str, ...]) -> OwnCertificate:
    """Make an authority, and with it a certificate for some names and addresses.

    The authority's key is forgotten on return: nobody can sign with it again.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("natwizard reflector test authority")
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key())
        # it can sign servers, but no further authority
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name("natwizard reflector"), authority_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    return OwnCertificate(
        authority_pem=authority.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii"),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def own_context(own: OwnCertificate) -> ssl.SSLContext:
    """A server's TLS context; the key touches the disk only inside a private folder, briefly.

    The ssl module loads keys from files alone; TemporaryDirectory makes its folder 0700.
    """
    with tempfile.TemporaryDirectory(prefix="natwizard-reflector-") as folder:
        chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_text(own.certificate_pem, "ascii")
        key.write_text(own.key_pem, "ascii")
        return file_context(str(chain), str(key))


def file_context(certificate: str, key: str) -> ssl.SSLContext:
    """A server's TLS context from PEM files, TLS 1.2 or later. Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


class CertificateFiles:
    """A server's TLS context that follows its PEM files, which somebody renews every few weeks.

    Who connects after a renewal gets the new certificate; connections that are open keep theirs.
    """

    def __init__(self, certificate: str, key: str) -> None:
        """Raises OSError, ssl.SSLError where they cannot be used."""
        self._paths = (certificate, key)
        self._seen = self._versions()
        self.context = file_context(certificate, key)

    def look(self) -> None:
        """Load what has been renewed. Files that are away or do not fit leave what there was.

        A renewal replaces two files, one after the other: a pair that does not fit yet is read
        again once either of them changes.
        """
        seen = self._versions()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            file_context(*self._paths)  # a pair that does not fit would spoil the one in use
            self.context.load_cert_chain(*self._paths)
        except OSError as error:  # ssl.SSLError is one, too
            LOG.warning("the certificate's files changed and cannot be used: %s", error)
        else:
            LOG.info("the certificate was renewed")

    def _versions(self) -> tuple[tuple[int, int, int], ...]:
        """Which files these are at the moment, behind whatever links; none where one is away."""
        try:
            found = [Path(path).stat() for path in self._paths]
        except OSError:
            return ()
        return tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)
