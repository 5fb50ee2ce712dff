"""Lets one browser in, by an address that is worth nothing once it has been used.

Every user of a computer can read the command lines of all programs, and a browser is started with
the page's address on its own. So that address holds a nonce, and whoever brings it first gets the
secret path that all the rest lies under, by a redirect that no command line shows. A cookie goes
with it. A browser that keeps cookies has to bring it from then on, so that the path alone, as read
off a shared screen, opens nothing. One that refuses cookies is let in by the path alone: that it
refuses them is what the page is there to find out.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

# 192 bits: nobody guesses one while the page is open
SECRET_BYTES = 24
COOKIE = "natwizard_visit"


def _secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


@dataclass(slots=True)
class Admission:
    """The secrets of one visit, and how far they have been used.

    Attributes:
        nonce: first part of the address that is opened; good once.
        session: first part of every path after that.
        contested: the nonce was brought again: somebody else has read the address, before or
            after the browser did. No password is given away in such a visit.
    """

    nonce: str = field(default_factory=_secret)
    session: str = field(default_factory=_secret)
    contested: bool = False
    _cookie: str = field(default_factory=_secret)
    _redeemed: bool = False
    _needs_cookie: bool | None = None

    def is_nonce(self, token: str) -> bool:
        """Whether a path begins with the nonce, used or not."""
        return _same(token, self.nonce)

    def is_session(self, token: str) -> bool:
        """Whether a path begins with the secret that the nonce was exchanged for."""
        return self._redeemed and _same(token, self.session)

    def redeem(self) -> str | None:
        """The Set-Cookie line for whoever brought the nonce first; None for all who come later."""
        if self._redeemed:
            self.contested = True
            return None
        self._redeemed = True
        # by path, because cookies know no ports: other servers of this computer must not get it
        return f"{COOKIE}={self._cookie}; Path=/{self.session}/; HttpOnly; SameSite=Lax"

    def admits(self, cookies: str) -> bool:
        """Whether the Cookie header of a request under the session's path is good enough.

        The first request tells whether this browser keeps cookies at all.
        """
        brought = _same(cookie_of(cookies, COOKIE), self._cookie)
        if self._needs_cookie is None:
            self._needs_cookie = brought
        return brought or not self._needs_cookie


def _same(told: str, secret: str) -> bool:
    return hmac.compare_digest(told.encode(), secret.encode())


def cookie_of(header: str, name: str) -> str:
    """The value of a cookie; other programs on loopback may have left odd ones of their own."""
    jar: SimpleCookie = SimpleCookie()
    for part in header.split(";"):
        if part.strip().startswith(f"{name}="):
            try:
                jar.load(part.strip())
            except CookieError:
                return ""
    return jar[name].value if name in jar else ""
