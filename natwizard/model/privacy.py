"""Marks that say of every text of a report whether it tells who and where.

A mark stands on the type of a field, `Annotated[str, Personal]` or one of the aliases below; on a
container or a struct it goes for all text inside. `natwizard.report.redact` follows the marks; a
text without one is masked whole, and `tests/model/test_privacy.py` fails on it.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Final,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from msgspec import Struct


class PersonalKind(StrEnum):
    """What a personal text is: each is masked in its own way, and found again in other texts."""

    NAME = "name"
    """Of a person, an account or an organisation: "CORP\\\\kim.lee", "kim.lee@acme.example"."""
    COMPUTER = "computer"
    """A host name, with its domain or without."""
    NETWORK = "network"
    """A wireless network (SSID, BSSID) or the name a person gave to a connection."""
    HARDWARE = "hardware"
    """A MAC address or a serial number."""
    DEVICE = "device"
    """What people name after themselves ("Kim's AirPods"): the owner is masked, the rest helps."""
    ADDRESS = "address"
    """An IP address of this side, alone or with a port; private ones name nobody and stay."""
    RANGE = "range"
    """`start` or `end` of a range; a wide one is a provider's and names nobody."""
    PATH = "path"
    """A file: the owner of a home folder is masked, the rest helps."""
    ORG = "org"
    """A host or URL of a Salesforce org: its own label is masked, the family's domain stays."""
    CREDENTIAL = "credential"
    """A password: no report shows it, whatever else it names."""


class Personal(Struct, frozen=True):
    """It tells who or where, and is masked wherever its value stands."""

    kind: PersonalKind = PersonalKind.NAME


class Public(Struct, frozen=True):
    """It is the same for everybody (a code, a version, a vendor's term): never touched.

    Not for what a person, a server or an operating system's message wrote: that is `Quoting`.
    """


class Server(Struct, frozen=True):
    """The far end, as a firewall's keeper needs it: its addresses stay, wherever they stand."""


class Quoting(Struct, frozen=True):
    """Free text that may quote a personal value: masked by value, word by word."""


Mark: TypeAlias = Personal | Public | Server | Quoting

PublicText: TypeAlias = Annotated[str, Public()]
ServerText: TypeAlias = Annotated[str, Server()]
QuotingText: TypeAlias = Annotated[str, Quoting()]
PersonalName: TypeAlias = Annotated[str, Personal(PersonalKind.NAME)]
ComputerName: TypeAlias = Annotated[str, Personal(PersonalKind.COMPUTER)]
NetworkName: TypeAlias = Annotated[str, Personal(PersonalKind.NETWORK)]
HardwareText: TypeAlias = Annotated[str, Personal(PersonalKind.HARDWARE)]
DeviceName: TypeAlias = Annotated[str, Personal(PersonalKind.DEVICE)]
OwnAddress: TypeAlias = Annotated[str, Personal(PersonalKind.ADDRESS)]
AddressRangeEnd: TypeAlias = Annotated[str, Personal(PersonalKind.RANGE)]
FilePath: TypeAlias = Annotated[str, Personal(PersonalKind.PATH)]
OrgAddress: TypeAlias = Annotated[str, Personal(PersonalKind.ORG)]
SecretText: TypeAlias = Annotated[str, Personal(PersonalKind.CREDENTIAL)]


class TextShape(Struct, frozen=True, kw_only=True):
    """What the texts of a type are, as its JSON lays them out; unions are put together.

    Attributes:
        text: of a text in this place; None where the type has none, or does not mark it.
        unmarked: whether the type has a text here that nobody marked.
        fields: of an object, by the name in JSON.
        items: of an array; `keys` and `values`: of an object with free keys.
    """

    text: Mark | None = None
    unmarked: bool = False
    fields: Mapping[str, "TextShape"] = {}
    items: "TextShape | None" = None
    keys: "TextShape | None" = None
    values: "TextShape | None" = None


NO_TEXT: Final = TextShape()
PUBLIC_TEXT: Final = TextShape(text=Public())

_MARKS: Final = (Personal, Public, Server, Quoting)


@cache
def shape_of(type_: object) -> TextShape:
    """The shape of a struct or of any type msgspec encodes; its marks are read once."""
    return _shape(type_, None, {})


def unmarked_texts(shape: TextShape, place: str) -> Iterator[str]:
    """Where a shape has texts without a mark: "evidence.tries[].url"."""
    if shape.unmarked:
        yield place
    for name, member in shape.fields.items():
        yield from unmarked_texts(member, f"{place}.{name}")
    for ending, below in (("[]", shape.items), ("{key}", shape.keys), ("{}", shape.values)):
        if below is not None:
            yield from unmarked_texts(below, place + ending)


def _shape(hint: object, mark: Mark | None, variables: Mapping[object, object]) -> TextShape:
    """`mark` is the one of the container; one on the text itself goes before it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _shape(arguments[0], _mark_of(arguments[1:]) or mark, variables)
    if isinstance(hint, TypeVar):
        return _shape(variables.get(hint, object), mark, variables)
    if origin in {Union, UnionType}:
        return _together([_shape(each, mark, variables) for each in arguments])
    if origin is Literal:
        return PUBLIC_TEXT
    plain = origin or hint
    if isinstance(plain, type) and issubclass(plain, Struct):
        bound = [variables.get(each, each) for each in arguments]
        return _struct_shape(plain, mark, dict(zip(_parameters(plain), bound, strict=False)))
    if isinstance(plain, type) and issubclass(plain, (Mapping, tuple, list, set, frozenset)):
        return _container_shape(plain, arguments, mark, variables)
    return _leaf_shape(plain, mark)


def _leaf_shape(plain: object, mark: Mark | None) -> TextShape:
    if isinstance(plain, type) and issubclass(plain, Enum):
        return PUBLIC_TEXT
    if isinstance(plain, type) and issubclass(plain, (bool, int, float, NoneType)):
        return NO_TEXT
    # str, and all that JSON writes as one (bytes, dates) or that may hold one (Raw, object)
    return TextShape(text=mark, unmarked=mark is None)


def _container_shape(
    plain: type,
    arguments: tuple[object, ...],
    mark: Mark | None,
    variables: Mapping[object, object],
) -> TextShape:
    if issubclass(plain, Mapping):
        key, value = arguments or (str, object)
        return TextShape(keys=_shape(key, mark, variables), values=_shape(value, mark, variables))
    members = [_shape(each, mark, variables) for each in arguments if each is not Ellipsis]
    return TextShape(items=_together(members) if members else _shape(object, mark, variables))


def _parameters(struct: type[Struct]) -> tuple[object, ...]:
    parameters: tuple[object, ...] = getattr(struct, "__parameters__", ())
    return parameters


def _struct_shape(
    struct: type[Struct], mark: Mark | None, variables: Mapping[object, object]
) -> TextShape:
    hints = get_type_hints(struct, include_extras=True)
    fields = {
        field.encode_name: _shape(hints[field.name], mark, variables)
        for field in msgspec.structs.fields(struct)
    }
    tag_field = struct.__struct_config__.tag_field
    return TextShape(fields={tag_field: PUBLIC_TEXT, **fields} if tag_field else fields)


def _mark_of(metadata: tuple[object, ...]) -> Mark | None:
    for each in metadata:
        if isinstance(each, _MARKS):
            return each
        if isinstance(each, type) and issubclass(each, _MARKS):
            return each()
    return None


_STRICTEST: Final = (Personal, Quoting, Server, Public)


def _together(shapes: list[TextShape]) -> TextShape:
    """One shape for a union: where members differ, the mark that masks most."""
    if len(shapes) == 1:
        return shapes[0]
    marks = [shape.text for shape in shapes if shape.text is not None]
    fields: dict[str, TextShape] = {}
    for shape in shapes:
        for name, member in shape.fields.items():
            fields[name] = _together([fields[name], member]) if name in fields else member
    return TextShape(
        text=min(marks, key=lambda mark: _STRICTEST.index(type(mark))) if marks else None,
        unmarked=any(shape.unmarked for shape in shapes),
        fields=fields,
        items=_either([shape.items for shape in shapes]),
        keys=_either([shape.keys for shape in shapes]),
        values=_either([shape.values for shape in shapes]),
    )


def _either(shapes: list[TextShape | None]) -> TextShape | None:
    found = [shape for shape in shapes if shape is not None]
    return _together(found) if found else None


_EVIDENCE: Final[dict[str, object]] = {}


def register_evidence(probe: str, evidence: object) -> None:
    """Make a probe's type known to views, which must not import probes; the first one stays."""
    _EVIDENCE.setdefault(probe, evidence)


def evidence_shape(probe: str) -> TextShape | None:
    """The shape of a probe's evidence; None for a probe that this program does not have."""
    evidence = _EVIDENCE.get(probe)
    return None if evidence is None else shape_of(evidence)


_PUBLISHED: Final[set[str]] = set()


def register_published(addresses: Iterable[str]) -> None:
    """Addresses and ranges (CIDR) that a vendor prints for everybody: reports may name them."""
    _PUBLISHED.update(addresses)


def published_addresses() -> frozenset[str]:
    """All of them, as they were printed."""
    return frozenset(_PUBLISHED)
