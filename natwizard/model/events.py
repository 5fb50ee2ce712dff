"""What a run tells while it goes on; the same events feed the window and the terminal."""

from typing import TypeAlias

from msgspec import Struct

from natwizard.model.finding import ChartColumn, Finding, Page
from natwizard.model.outcome import Failure
from natwizard.model.report import Report


class PlannedCheck(Struct, frozen=True, kw_only=True):
    """A check that will be judged.

    Attributes:
        title: still to be translated: the language may change meanwhile.
        waits_for: names of its probes.
        headline: as of Finding.
        tile_title: what its tile is called; still to be translated.
    """

    check: str
    title: str
    page: Page
    waits_for: tuple[str, ...]
    headline: str = ""
    tile_title: str = ""


class PlannedProbe(Struct, frozen=True, kw_only=True):
    """A probe that will run; `typical_s` feeds the time left, `deadline_s` bounds it.

    Attributes:
        title: what it is doing, still to be translated: the language may change meanwhile.
        alone: it has the line to itself, so its time adds to that of the others.
        on_request: a person asked for it, and helps with it.
    """

    probe: str
    title: str
    typical_s: float
    deadline_s: float
    alone: bool = False
    on_request: bool = False


class RunPlanned(Struct, frozen=True, kw_only=True):
    """First event of every run."""

    run_id: str
    run_code: str
    checks: tuple[PlannedCheck, ...]
    probes: tuple[PlannedProbe, ...]


class ProbeStarted(Struct, frozen=True, kw_only=True):
    """A probe has begun to look."""

    probe: str


class ProbeProgressed(Struct, frozen=True, kw_only=True):
    """Where a probe stands: `fraction` 0 to 1, never falling; `columns` are new chart columns."""

    probe: str
    fraction: float
    text: str
    columns: tuple[ChartColumn, ...] = ()


class ProbeFinished(Struct, frozen=True, kw_only=True):
    """A probe is done; `failure` says why it could not look."""

    probe: str
    duration_s: float
    failure: Failure | None = None


class CheckJudged(Struct, frozen=True, kw_only=True):
    """A check has its finding; a later one for the same check replaces it."""

    finding: Finding


class RunFinished(Struct, frozen=True, kw_only=True):
    """The verdict stands; also of a run that was stopped. Only a soak may follow."""

    report: Report
    stopped: bool = False


class SoakStarted(Struct, frozen=True, kw_only=True):
    """After RunFinished, where the run is held on: these probes now wait what only time shows."""

    probes: tuple[PlannedProbe, ...]


class SoakFinished(Struct, frozen=True, kw_only=True):
    """Last event of a soak: the same report, with the findings that changed (told before it)."""

    report: Report


Event: TypeAlias = (
    RunPlanned
    | ProbeStarted
    | ProbeProgressed
    | ProbeFinished
    | CheckJudged
    | RunFinished
    | SoakStarted
    | SoakFinished
)
