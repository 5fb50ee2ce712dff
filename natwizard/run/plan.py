"""What one run will do: the rows that apply to a role, and the probes they need."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Self

from msgspec import structs

from natwizard.assets import asset
from natwizard.checks.base import AnyCheck, Check, Inputs, NoLimits
from natwizard.checks.catalogue import CHECKS
from natwizard.model.events import PlannedCheck, PlannedProbe
from natwizard.model.finding import Judgement, Page, Remedy, Source, Status
from natwizard.model.language import _
from natwizard.model.profile import Answers, LimitValue, Profile, Requirement, Role
from natwizard.model.report import LeftOut
from natwizard.probes.base import Phase, Probe


def question_check(requirement: Requirement) -> Check[NoLimits]:
    """A check that asks. The profile's reader has seen to it that title and page are set."""
    question = requirement.question
    if question is None:
        raise ValueError(f"{requirement.id} asks no question")

    def judge(_case: Inputs, _limits: NoLimits) -> Judgement:
        return Judgement(
            status=Status.MANUAL,
            summary=_(requirement.text),
            observed=_("no program can measure this"),
            expected=_("a person's answer"),
            remedy=Remedy(text=_(question.text), owner=question.owner),
        )

    return Check(
        name=requirement.id,
        meaning=requirement.text,
        title=requirement.title,
        page=requirement.page or Page.CONNECTION,
        needs=(),
        limits=NoLimits,
        judge=judge,
    )


# The first four bytes of a random UUID are all chance (RFC 9562, 5.4)
WORDS_PER_CODE = 4


@cache
def _words() -> tuple[str, ...]:
    return tuple(asset("run-code-words.txt").read_text("ascii").split())


def run_code(run_id: uuid.UUID) -> str:
    """The code of a run: one word of 256 for each of its first four bytes."""
    return " ".join(_words()[byte] for byte in run_id.bytes[:WORDS_PER_CODE])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One requirement, tied to the check that settles it and to its limits.

    Attributes:
        soak: the probe that may change the finding after the verdict, or None.
    """

    requirement: Requirement
    check: AnyCheck
    judge: Callable[[Inputs], Judgement]
    applies: bool
    required: bool
    source: Source | None
    soak: Probe[object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Everything a run needs to know before it starts.

    Attributes:
        rows: every row of the profile in report order; those for other roles do not apply.
        extra: probes to run though no row asks for them.
        location: where the profile came from.
        left_out: checks that apply and were not asked for; with any, this is a part of a run.
    """

    profile: Profile
    location: str
    answers: Answers
    rows: tuple[PlannedRow, ...]
    extra: tuple[Probe[object], ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def probes(self) -> tuple[Probe[object], ...]:
        """The probes that the rows which apply need, each once; those of the soak last."""
        rows = [row for row in self.rows if row.applies]
        needed = [probe for row in rows for probe in row.check.needs]
        needed += [row.soak for row in rows if row.soak is not None]
        return tuple({probe.name: probe for probe in (*needed, *self.extra)}.values())

    def for_probe(self, probe: Probe[object]) -> Self:
        """A plan of this one probe alone, whatever the role asks for; it judges nothing."""
        return replace(self, rows=(), extra=(probe,))

    def left_out_now(self) -> tuple[LeftOut, ...]:
        """What was left out, in the language of now."""
        return tuple(structs.replace(each, title=_(each.title)) for each in self.left_out)

    def planned_checks(self, running: frozenset[str] = frozenset()) -> tuple[PlannedCheck, ...]:
        """The rows as the first event of a run tells them.

        `running` are the probes of that run: what nobody asked for is not waited for.
        """
        return tuple(
            PlannedCheck(
                check=row.check.name,
                title=row.check.title,
                page=row.check.page,
                waits_for=_waited_for(row, running),
                headline=row.check.headline,
                tile_title=row.check.tile_title,
            )
            for row in self.rows
        )


def _waited_for(row: PlannedRow, running: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        probe.name
        for probe in row.check.needs
        if row.applies and (probe.phase is not Phase.ON_REQUEST or probe.name in running)
    )


def planned_probe(probe: Probe[object], answers: Answers) -> PlannedProbe:
    """A probe as the first event of a run tells it."""
    return PlannedProbe(
        probe=probe.name,
        title=probe.title,
        typical_s=probe.typical_for(answers) if probe.typical_for else probe.typical_s,
        deadline_s=probe.deadline_s,
        alone=probe.phase is Phase.MEDIA,
        on_request=probe.phase is Phase.ON_REQUEST,
    )


def make_plan(
    profile: Profile,
    answers: Answers,
    *,
    location: str,
    only: frozenset[str] = frozenset(),
    skip: frozenset[str] = frozenset(),
) -> RunPlan:
    """Tie each row to its check, in report order. `only` and `skip` hold requirement IDs."""
    order = {check.name: place for place, check in enumerate(CHECKS)}
    pages = {page: place for place, page in enumerate(Page)}
    every = [
        row
        for requirement in profile.requirements
        if _concerns(row := _plan_row(requirement, profile, answers), answers.role)
    ]
    every.sort(key=lambda row: (pages[row.check.page], order.get(row.check.name, len(order))))
    wanted = [
        row
        for row in every
        if (not only or row.requirement.id in only) and row.requirement.id not in skip
    ]
    return RunPlan(
        profile=profile,
        location=location,
        answers=answers,
        rows=tuple(wanted),
        left_out=tuple(
            LeftOut(check=row.check.name, title=row.check.title, page=row.check.page)
            for row in every
            if row.applies and row not in wanted
        ),
    )


def _concerns(row: PlannedRow, role: Role) -> bool:
    """Rows only for administrators are nobody else's business, not even as "not needed"."""
    return role in row.requirement.roles or row.check.page is not Page.ADMINISTRATOR


def _plan_row(requirement: Requirement, profile: Profile, answers: Answers) -> PlannedRow:
    check = _check_of(requirement)
    limits = _limits_of(requirement, check, profile)
    source = profile.sources.get(requirement.source)
    if source is not None and requirement.section:
        source = structs.replace(
            source, section=requirement.section, section_url=requirement.section_url
        )
    return PlannedRow(
        requirement=requirement,
        check=check,
        judge=check.bind(limits),
        applies=answers.role in requirement.roles,
        required=answers.role not in requirement.advice_for,
        source=source,
        soak=check.soak_probe(limits),
    )


def _limits_of(
    requirement: Requirement, check: AnyCheck, profile: Profile
) -> dict[str, LimitValue]:
    """The row's own limits, over those of the row that the check shares them with."""
    shared = (row.limits for row in profile.requirements if row.id == check.shares_limits_of)
    return next(shared, {}) | requirement.limits


def _check_of(requirement: Requirement) -> AnyCheck:
    """The check that settles a row, or a question for a person in its place."""
    check = next((check for check in CHECKS if check.name == requirement.id), None)
    asks = requirement.question is not None and not (check and check.asks_until_signed_in)
    return question_check(requirement) if asks or check is None else check
