"""Proof that the one who asks for the token is the one who asked for the sign-in (RFC 7636)."""

import base64
import hashlib
import secrets

from msgspec import Struct

VERIFIER_BYTES = 48
"""64 characters; RFC 7636 asks for 43 to 128."""
STATE_BYTES = 24


class Proof(Struct, frozen=True):
    """Drawn anew for each sign-in. `verifier` is a secret until the token is asked for."""

    verifier: str
    state: str

    def __repr__(self) -> str:
        return "Proof(***)"

    @property
    def challenge(self) -> str:
        """S256: base64url of the SHA-256 of the verifier, without padding."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def new_proof() -> Proof:
    """From the system's random numbers."""
    return Proof(
        verifier=secrets.token_urlsafe(VERIFIER_BYTES), state=secrets.token_urlsafe(STATE_BYTES)
    )
