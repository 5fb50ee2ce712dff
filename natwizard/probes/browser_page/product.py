"""Which browser a page runs in, from what the browser says of itself."""

import re
from collections.abc import Iterable

from msgspec import Struct

from natwizard.model.privacy import PublicText, QuotingText
from natwizard.probes.browser_page.steps import Brand, PageHello
from natwizard.probes.printable import printable

SUPPORTED = ("Chrome", "Edge", "Firefox", "Chromium")
"""The three that the vendor names, and Chromium, which two of them are made of."""

# The most particular name comes first: Edge calls itself Chromium and Chrome, too.
BRANDS = (
    ("Microsoft Edge", "Edge"),
    ("Opera", "Opera"),
    ("Brave", "Brave"),
    ("Vivaldi", "Vivaldi"),
    ("Google Chrome", "Chrome"),
    ("Chromium", "Chromium"),
)
USER_AGENT_NAMES = (
    (r"Edg(?:A|iOS)?/([\d.]+)", "Edge"),
    (r"OPR/([\d.]+)", "Opera"),
    (r"Vivaldi/([\d.]+)", "Vivaldi"),
    (r"(?:Firefox|FxiOS)/([\d.]+)", "Firefox"),
    (r"(?:Chrome|CriOS)/([\d.]+)", "Chrome"),
    (r"Version/([\d.]+).*Safari/", "Safari"),
    (r"(?:MSIE |Trident/.*rv:)([\d.]+)", "Internet Explorer"),
)

# Firefox on Android, Safari, Chrome, Edge and Firefox on iPhones; tablets say Android alone
MOBILE_USER_AGENT = r"\b(?:Android|iPhone|iPad|iPod|Mobile)\b"


class BrowserProduct(Struct, frozen=True, kw_only=True):
    """A browser by its own account; `version` may be cut to its first number.

    Attributes:
        user_agent: the whole text it sends everywhere.
        mobile: it is one of a phone or tablet.
    """

    name: PublicText
    version: PublicText
    user_agent: QuotingText
    mobile: bool = False

    @property
    def supported(self) -> bool:
        """Whether the vendor's page names it."""
        return self.name in SUPPORTED


def product_of(hello: PageHello) -> BrowserProduct:
    """Name and version: from the list of brands, else from the user agent's text."""
    name, version = _from_brands(hello.brands) or _from_user_agent(hello.user_agent)
    return BrowserProduct(
        name=name,
        version=printable(version, 40),
        user_agent=printable(hello.user_agent, 512),
        mobile=hello.mobile or re.search(MOBILE_USER_AGENT, hello.user_agent) is not None,
    )


def _from_brands(brands: Iterable[Brand]) -> tuple[str, str] | None:
    versions = {brand.brand: brand.version for brand in brands}
    return next(((name, versions[brand]) for brand, name in BRANDS if brand in versions), None)


def _from_user_agent(text: str) -> tuple[str, str]:
    for pattern, name in USER_AGENT_NAMES:
        if (match := re.search(pattern, text)) is not None:
            return name, match[1]
    return "", ""
