"""Every text of evidence, of a report and of a watch is marked, in whatever it is wrapped."""

from enum import StrEnum
from typing import Annotated, Generic, Literal, TypeVar

import pytest
from msgspec import Meta, Raw, Struct
from report.typed_report import all_probes

from natwizard.model.address import HostPort
from natwizard.model.privacy import (
    Mark,
    NetworkName,
    Personal,
    PersonalKind,
    PersonalName,
    Public,
    PublicText,
    Quoting,
    QuotingText,
    Server,
    ServerText,
    TextShape,
    evidence_shape,
    shape_of,
    unmarked_texts,
)
from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord

T = TypeVar("T")


@pytest.mark.parametrize("name", sorted(all_probes()))
def test_every_text_of_evidence_is_marked(name: str) -> None:
    shape = evidence_shape(name)
    assert shape is not None
    assert shape == shape_of(all_probes()[name].evidence)
    assert list(unmarked_texts(shape, name)) == [], "mark it: see docs/adding-a-check.md"


def test_every_text_of_a_report_and_of_a_watch_is_marked() -> None:
    # evidence has the shape of its probe, which the test above looks at
    assert list(unmarked_texts(shape_of(Report), "report")) == ["report.outcomes[].evidence"]
    assert list(unmarked_texts(shape_of(WatchRecord), "watch")) == []


class Colour(StrEnum):
    RED = "red"


class Inner(Struct, frozen=True):
    text: str


class Holder(Struct, Generic[T], frozen=True):
    value: T | None = None


class Tagged(Struct, frozen=True, tag_field="kind", tag="tagged"):
    label: QuotingText


class Renamed(Struct, frozen=True, rename="camel"):
    long_name: PersonalName


@pytest.mark.parametrize(
    ("hint", "places"),
    [
        (str, ["x"]),
        (str | None, ["x"]),
        (int | str, ["x"]),
        (tuple[str, ...], ["x[]"]),
        (list[str], ["x[]"]),
        (tuple[int, str], ["x[]"]),
        (tuple, ["x[]"]),
        (dict[str, int], ["x{key}"]),
        (dict[PublicText, str], ["x{}"]),
        (dict, ["x{key}", "x{}"]),
        (Inner, ["x.text"]),
        (tuple[Inner, ...] | None, ["x[].text"]),
        (dict[PublicText, tuple[Inner, ...]], ["x{}[].text"]),
        (Holder[str], ["x.value"]),
        (Holder[Holder[str]], ["x.value.value"]),
        (Holder[Inner], ["x.value.text"]),
        (Tagged | None, []),
        (Annotated[str, Meta(max_length=9)], ["x"]),
        (HostPort, ["x.host"]),
        (bytes, ["x"]),
        (object, ["x"]),
        (Raw, ["x"]),
        (int | float | bool | None, []),
        (Colour, []),
        (Literal["a", "b"], []),
        (Annotated[str, Personal], []),
        (Annotated[str, Public], []),
        (Annotated[PublicText, Meta(max_length=9)], []),
        (Annotated[tuple[str, ...], Server()], []),
        (Annotated[HostPort, Server()], []),
        (Holder[tuple[ServerText, ...]], []),
        (Annotated[Holder[Inner], Quoting()], []),
    ],
    ids=str,
)
def test_a_text_without_a_mark_is_found_wherever_it_is(hint: object, places: list[str]) -> None:
    assert list(unmarked_texts(shape_of(hint), "x")) == places


@pytest.mark.parametrize(
    ("hint", "mark"),
    [
        (Annotated[str, Personal], Personal(PersonalKind.NAME)),
        (Annotated[str, Public], Public()),
        (NetworkName, Personal(PersonalKind.NETWORK)),
        # the mark next to the text goes before that of what it stands in
        (Annotated[PublicText, Quoting()], Public()),
        # of two, the one that masks more
        (PublicText | PersonalName, Personal()),
        (PublicText | QuotingText, Quoting()),
        (ServerText | QuotingText, Quoting()),
        (Literal["a"] | QuotingText, Quoting()),
    ],
    ids=str,
)
def test_which_mark_counts(hint: object, mark: Mark) -> None:
    assert shape_of(hint).text == mark


def test_shapes_follow_the_names_in_json() -> None:
    assert shape_of(Renamed).fields["longName"].text == Personal()
    assert shape_of(Tagged).fields["kind"].text == Public()
    both = shape_of(Renamed | Inner)
    assert set(both.fields) == {"longName", "text"}
    assert both.fields["text"] == TextShape(unmarked=True)
