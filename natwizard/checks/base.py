"""What a check is, and what a rule may look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from natwizard.checks.shared.line import LineFacts, line_facts
from natwizard.model.finding import Judgement, Page
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.model.profile import Answers, LimitValue
from natwizard.probes.base import Probe

E = TypeVar("E")
L = TypeVar("L", bound=Struct)
T = TypeVar("T", int, float, str)


class NoLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For rules without a number to tune."""


class EvidenceMissing(Exception):
    """A rule asked for evidence that its probe could not bring."""

    def __init__(self, probe: str, failure: Failure) -> None:
        super().__init__(f"{probe}: {failure.code}")
        self.probe = probe
        self.failure = failure


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a rule may look at: what the probes brought, and what the person said.

    One for all rules of a moment: what the line does is read out of the evidence once.
    """

    outcomes: Mapping[str, Outcome[object]]
    answers: Answers = Answers()

    @cached_property
    def line(self) -> LineFacts:
        """What all evidence together tells of the line."""
        return line_facts(self.outcomes)

    def evidence(self, probe: Probe[E]) -> E:
        """A probe's evidence, typed. Raises EvidenceMissing, which settles as UNKNOWN."""
        match self.outcomes.get(probe.name):
            case Gathered(evidence=evidence) if isinstance(evidence, probe.evidence):
                return evidence
            case Missed(failure=failure):
                raise EvidenceMissing(probe.name, failure)
            case None:
                failure = Failure(code=FailureCode.NOT_RUN, operation=probe.name)
                raise EvidenceMissing(probe.name, failure)
            case other:
                raise TypeError(f"{probe.name} brought {other!r}, not {probe.evidence.__name__}")

    def told(self, figure: T, probe: Probe[E]) -> T:
        """A figure of a probe's evidence. Raises EvidenceMissing where it is 0: not told."""
        if not figure:
            raise EvidenceMissing(
                probe.name,
                Failure(code=FailureCode.NOT_SUPPORTED, operation=probe.name, detail="not told"),
            )
        return figure

    def evidence_or_none(self, probe: Probe[E]) -> E | None:
        """As `evidence`, for rules that can do without."""
        try:
            return self.evidence(probe)
        except EvidenceMissing:
            return None


class AnyCheck(Protocol):
    """A check whatever its limits are; what the catalogue, the run and the views need of it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def term(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def headline(self) -> str: ...
    @property
    def tile_title(self) -> str: ...
    @property
    def stands_for_page(self) -> bool: ...
    @property
    def about_service(self) -> bool: ...
    @property
    def settings(self) -> tuple[str, ...]: ...
    @property
    def page(self) -> Page: ...
    @property
    def needs(self) -> tuple[Probe[object], ...]: ...
    @property
    def limits(self) -> type[Struct]: ...
    @property
    def shares_limits_of(self) -> str: ...
    @property
    def reads_silence(self) -> bool: ...
    @property
    def asks_until_signed_in(self) -> bool: ...
    def bind(self, limits: Mapping[str, LimitValue]) -> Callable[[Inputs], Judgement]: ...
    def soak_probe(self, limits: Mapping[str, LimitValue]) -> Probe[object] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[L]):
    """One requirement and the rule that settles it.

    Attributes:
        name: the requirement's ID.
        title: a noun for tables and lists ("Packet loss"), with the term where there is one;
            marked for translation by the caller.
        term: the word that the vendor's documentation uses, in English: a helpdesk finds the row
            by it.
        meaning: what it is and what it does to calls, in a sentence or two for somebody who never
            heard of it: its paragraph in the guide; marked.
        method: how it is measured and after which standard, for the report's last chapter; marked.
        headline: name of the measured quantity that stands on a tile of its own, or empty.
        tile_title: what that tile is called, before the gauge is there and after; marked.
        stands_for_page: whether its measurement is the one to show where its page has one line.
        about_service: its texts hold the service's own addresses, which redaction may keep.
        settings: names of the targets that it is the test of: the settings try them out by it.
        needs: probes whose evidence the rule asks for.
        limits: a frozen Struct with defaults; the profile may set any of its fields.
        judge: pure; raises nothing but EvidenceMissing (by asking the case).
        soak: makes the probe (of Phase.SOAK) that may change the finding long after the verdict;
            `judge` asks for its evidence with `evidence_or_none`.
        shares_limits_of: another check whose limits hold here too, where the profile's row for
            this one does not set its own; both have the same Struct of limits.
        reads_silence: its rule takes what does not come for somebody's doing; where this computer
            itself could not try, nothing was silent. Others rest on what they were told.
        asks_until_signed_in: the row's question stands as long as nobody has signed in; of any
            other check it takes the place.
    """

    name: str
    title: str
    page: Page
    needs: tuple[Probe[object], ...]
    limits: type[L]
    judge: Callable[[Inputs, L], Judgement]
    term: str = ""
    meaning: str = ""
    method: str = ""
    headline: str = ""
    tile_title: str = ""
    stands_for_page: bool = False
    about_service: bool = False
    settings: tuple[str, ...] = ()
    soak: Callable[[L], Probe[object]] | None = None
    shares_limits_of: str = ""
    reads_silence: bool = False
    asks_until_signed_in: bool = False

    def bind(self, limits: Mapping[str, LimitValue]) -> Callable[[Inputs], Judgement]:
        """The rule with the profile's limits. Raises msgspec.ValidationError naming the key."""
        bound = msgspec.convert(dict(limits), type=self.limits)

        def judge(inputs: Inputs) -> Judgement:
            return self.judge(inputs, bound)

        return judge

    def soak_probe(self, limits: Mapping[str, LimitValue]) -> Probe[object] | None:
        """The probe that takes its time, with the profile's limits; None for most checks."""
        if self.soak is None:
            return None
        return self.soak(msgspec.convert(dict(limits), type=self.limits))
