"""A finished run as one frozen value. Everything a person sees is a view of it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Raw, Struct

from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Finding, Page
from natwizard.model.line_change import LineChange
from natwizard.model.outcome import Failure
from natwizard.model.plan import OrgPlan
from natwizard.model.privacy import (
    ComputerName,
    FilePath,
    PersonalName,
    Public,
    PublicText,
    QuotingText,
)
from natwizard.model.profile import Answers, Targets

# It rises only when an older program would misread what is new (decision 45)
SCHEMA_VERSION = 1


class Readiness(StrEnum):
    """The one answer; each has its exit code in `cli.exit_code`."""

    READY = "ready"
    READY_WITH_ADVICE = "ready_with_advice"
    READY_TO_PUBLIC = "ready_as_far_as_public_servers_can_tell"
    """All that could be measured is well, some of it only to public servers."""
    PARTLY_CHECKED = "partly_checked"
    """All that was run is well, but rows that concern this role were left out."""
    NOT_READY = "not_ready"
    COULD_NOT_TELL = "could_not_tell"


class ProfileUsed(Struct, frozen=True, kw_only=True):
    """Which profile judged, and where it was pointed at."""

    name: PublicText
    version: PublicText
    location: FilePath
    targets: Annotated[Targets, Public()]


class ComputerSummary(Struct, frozen=True, kw_only=True):
    """The computer, as far as a helpdesk needs it. Masked unless the person says otherwise."""

    host_name: ComputerName
    user_name: PersonalName
    system: PublicText
    architecture: PublicText


class RootCause(Struct, frozen=True, kw_only=True):
    """One cause behind several findings; `explains` holds their check names."""

    code: PublicText
    summary: QuotingText
    explains: tuple[PublicText, ...]


class ProbeRecord(Struct, frozen=True, kw_only=True):
    """What one probe brought: its evidence as JSON, or why it could not look.

    Attributes:
        evidence: JSON of the probe's evidence type; null where `failure` is set, unless that is
            LINE_CHANGED: then it is what was gathered, for whoever wants to see it, and void.
        started_s: seconds since the run started.
        log: lines the probe wrote, in order.
    """

    probe: PublicText
    started_s: float
    duration_s: float
    evidence: Raw
    failure: Failure | None = None
    log: tuple[QuotingText, ...] = ()


class LeftOut(Struct, frozen=True, kw_only=True):
    """A check that concerns this role and was not to be run."""

    check: PublicText
    title: QuotingText
    page: Page


class HandoverOutcome(StrEnum):
    """What became of a run at one place that it was to be sent to."""

    SENT = "sent"
    WAITING = "waiting"
    """It is kept on this computer and goes with a later run."""
    REFUSED = "refused"
    """The receiver will never take it."""
    LOST = "lost"
    """It could be neither sent nor kept."""


class Handover(Struct, frozen=True, kw_only=True):
    """Whether a run has reached whoever the profile names, when the report was written."""

    recipient: QuotingText
    outcome: HandoverOutcome


class Report(Struct, frozen=True, kw_only=True):
    """One run.

    Attributes:
        run_id: random UUID; run_code: four words made from it, for the telephone.
        started_at, finished_at: ISO 8601 with the offset from UTC.
        redacted: whether names and addresses are masked in it.
        language: ISO 639-1 code of the language its sentences are in.
        plan: what the administrator worked out for the org; None where nobody did.
        checklist: points that only people can settle, with their answers.
        left_out: checks that were not run on request; with any, the report is a part of one.
        reference: the name or ticket that a person wrote on what they hand over. Set only on a
            copy that is about to be saved, after masking; masking that copy again takes it off.
        handed_over: who it was sent to; empty where nobody was to get it.
        line_changes: what happened to this computer's connection meanwhile, in order.
    """

    schema_version: int
    app_version: PublicText
    run_id: PublicText
    run_code: PublicText
    started_at: PublicText
    finished_at: PublicText
    profile: ProfileUsed
    answers: Answers
    machine: ComputerSummary
    verdict: Readiness
    root_cause: RootCause | None
    findings: tuple[Finding, ...]
    outcomes: tuple[ProbeRecord, ...]
    redacted: bool = False
    language: PublicText = "en"
    plan: OrgPlan | None = None
    checklist: tuple[ChecklistItem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    reference: PersonalName = ""
    handed_over: tuple[Handover, ...] = ()
    line_changes: tuple[LineChange, ...] = ()
