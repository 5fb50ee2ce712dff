"""Whom a TLS handshake trusts: public authorities, this computer's own store, or anyone."""

import ssl
import warnings
from functools import lru_cache

import certifi
import truststore

from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.failures import CannotGather

# A profile may come from elsewhere, and OpenSSL reads what it is given to the end
PEM_LIMIT = 256 * 1024


def public_pem(extra_roots: tuple[str, ...]) -> str:
    """Mozilla's list of public authorities, and what the profile counts as public."""
    with open(certifi.where(), encoding="ascii", errors="replace") as bundle:
        return "\n".join((bundle.read(), *extra_roots))


@lru_cache(maxsize=4)
def trusting_public(extra_roots: tuple[str, ...]) -> ssl.SSLContext:
    """Verifies against public authorities only. CannotGather if an extra root is no PEM.

    Shared by all probes of a run: reading the list takes 30 ms, which the event loop would
    add to whatever is being timed. Callers must not change it.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    # Python 3.13 made this a default; browsers are not that strict, and 3.11 was not either
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        for pem in extra_roots:
            context.load_verify_locations(cadata=pem[:PEM_LIMIT])
    except (ssl.SSLError, ValueError) as error:
        raise CannotGather(
            Failure(
                code=FailureCode.BAD_ANSWER,
                operation="read_profile",
                detail=f"targets.extra_roots: {error}",
            )
        ) from error
    return context


def trusting_system() -> ssl.SSLContext:
    """Verifies as browsers of this computer do: with the operating system's own store."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def trusting_anyone() -> ssl.SSLContext:
    """Verifies nothing: only to see how far a connection comes and what is presented."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def limited_to(version: ssl.TLSVersion) -> ssl.SSLContext:
    """As `trusting_anyone`, offering one version of TLS only, old ones too."""
    context = trusting_anyone()
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # their signatures are SHA-1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # offering old ones is the question
        context.minimum_version = version
        context.maximum_version = version
    return context
