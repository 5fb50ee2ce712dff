"""The verdict table of a check: how it can stand, in which words, and what to do then."""

from collections.abc import Mapping
from enum import Enum
from typing import Self

from msgspec import Struct

from natwizard.model.finding import (
    AttemptLine,
    Chart,
    ConnectionStage,
    Detail,
    Gauge,
    Judgement,
    Owner,
    Remedy,
    Status,
)
from natwizard.model.language import Plural, _
from natwizard.model.quantity import Interval, Quantity


class Verdict(Struct, frozen=True, kw_only=True):
    """One row. Its texts are English, marked with N_, and may hold fields for str.format.

    Attributes:
        summary: one plain sentence; a Plural where it depends on a count.
        remedy: what to do, verb first; empty where nothing is to be done.
        request: a paragraph to paste to the owner; empty where they need none.
        link: a page of the vendor, or empty.
    """

    status: Status
    summary: str | Plural
    remedy: str = ""
    request: str = ""
    owner: Owner = Owner.AGENT
    link: str = ""

    def what_to_do(self, texts: Mapping[str, object] | None = None) -> Remedy | None:
        """The remedy in the language of now; None where nothing is to be done."""
        if not self.remedy:
            return None
        filled = dict(texts or {})
        return Remedy(
            text=_(self.remedy).format(**filled),
            owner=self.owner,
            request=_(self.request).format(**filled) if self.request else "",
            link=self.link,
        )

    def judgement(
        self,
        *,
        observed: str,
        expected: str,
        texts: Mapping[str, object] | None = None,
        count: int = 1,
        measured: tuple[Quantity, ...] = (),
        details: tuple[Detail, ...] = (),
        tried: tuple[AttemptLine, ...] = (),
        stages: tuple[ConnectionStage, ...] = (),
        interval: Interval | None = None,
        gauge: Gauge | None = None,
        chart: Chart | None = None,
        facts: Struct | None = None,
    ) -> Judgement:
        """This row in the language of now, with what was measured.

        Args:
            texts: what stands in the fields of all its texts, by name.
            count: chooses the form of a summary in the plural.
        """
        filled = dict(texts or {})
        summary = self.summary
        words = summary.of(count) if isinstance(summary, Plural) else _(summary)
        return Judgement(
            status=self.status,
            summary=words.format(**filled),
            observed=observed,
            expected=expected,
            measured=measured,
            interval=interval,
            remedy=self.what_to_do(filled),
            details=details,
            stages=stages,
            tried=tried,
            gauge=gauge,
            chart=chart,
            facts=facts,
        )


def passed(summary: str | Plural) -> Verdict:
    """All is well."""
    return Verdict(status=Status.PASS, summary=summary)


def warned(
    summary: str | Plural, remedy: str = "", request: str = "", *, owner: Owner | None = None
) -> Verdict:
    """Advice. A request is for the network team, where nobody else is named to do it."""
    return _row(Status.WARN, summary, remedy, request, owner)


def failed(
    summary: str | Plural, remedy: str = "", request: str = "", *, owner: Owner | None = None
) -> Verdict:
    """A problem. Needs proof that what it accuses is to blame; owner as with `warned`."""
    return _row(Status.FAIL, summary, remedy, request, owner)


def unknown(
    summary: str | Plural, remedy: str = "", request: str = "", *, owner: Owner | None = None
) -> Verdict:
    """Could not be told, and what would settle it; owner as with `warned`."""
    return _row(Status.UNKNOWN, summary, remedy, request, owner)


def not_set_up(
    summary: str | Plural, remedy: str, request: str = "", *, owner: Owner = Owner.HELPDESK
) -> Verdict:
    """The profile names nothing to measure against; the helpdesk does, where nobody else is named.

    Neither summary nor remedy names a setting: they are read by the person at the screen.
    """
    return _row(Status.NOT_SET_UP, summary, remedy, request, owner)


def _row(
    status: Status, summary: str | Plural, remedy: str, request: str, owner: Owner | None
) -> Verdict:
    usual = Owner.NETWORK_TEAM if request else Owner.AGENT
    return Verdict(
        status=status, summary=summary, remedy=remedy, request=request, owner=owner or usual
    )


class VerdictTable(Enum):
    """The kinds of outcome of one check, each with its row: REWRITES = failed(N_("...")).

    A member's value is its place in the table, so that two rows may say the same: an Enum takes
    an equal value for another name of the first.
    """

    verdict: Verdict

    def __new__(cls, verdict: Verdict) -> Self:
        """Number the rows in the order of the table."""
        member = object.__new__(cls)
        member._value_ = len(cls.__members__)
        member.verdict = verdict
        return member
