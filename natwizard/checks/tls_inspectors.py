"""Names the product behind a certificate, where its issuer is known. Data: tls-inspectors.toml."""

from enum import StrEnum
from functools import cache

import msgspec
from msgspec import Struct

from natwizard.assets import asset


class Kind(StrEnum):
    """Where a product sits: on this computer, or on the way."""

    ANTIVIRUS = "antivirus"
    GATEWAY = "gateway"


class Product(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product that opens encrypted traffic.

    Attributes:
        issuers: parts of the issuer's name, in any case.
        source: where that issuer is known from.
    """

    name: str
    kind: Kind
    issuers: tuple[str, ...]
    source: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    product: tuple[Product, ...]


@cache
def products() -> tuple[Product, ...]:
    """All that are known, in the order they are looked for."""
    return msgspec.toml.decode(asset("tls-inspectors.toml").read_bytes(), type=_File).product


def product_of(issuer: str) -> Product | None:
    """The product that issues certificates under this name, or None."""
    lowered = issuer.lower()
    return next(
        (
            product
            for product in products()
            if any(pattern.lower() in lowered for pattern in product.issuers)
        ),
        None,
    )
