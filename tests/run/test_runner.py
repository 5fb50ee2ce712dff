"""The run: phases in order, findings as soon as they can be, one report whatever happens."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from languages.pseudo import PSEUDO, pseudo
from msgspec import Struct
from msgspec.structs import replace as replace_fields

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.model.events import (
    CheckJudged,
    Event,
    ProbeFinished,
    ProbeProgressed,
    ProbeStarted,
    RunFinished,
    RunPlanned,
    SoakFinished,
    SoakStarted,
)
from natwizard.model.finding import Judgement, Page, Source, Status
from natwizard.model.language import speak
from natwizard.model.line_change import LineChange, LineChangeKind
from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.profile import Answers, Profile, Requirement, Role, Targets
from natwizard.model.report import ComputerSummary, Readiness, Report
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.reachability import Looked, Reachability
from natwizard.probes.connection.websocket_client import Echoed, WebsocketReachability
from natwizard.probes.line import LineState, LineWay
from natwizard.probes.rate_limiter import NEW_FLOWS_PER_S
from natwizard.probes.websocket import WEBSOCKET, WebsocketAttempt, WebsocketEvidence
from natwizard.run.plan import PlannedRow, RunPlan, make_plan, planned_probe
from natwizard.run.runner import FLOWS_BESIDE_VOICE_PER_S, Environment, Run, line_failure
from natwizard.system.environment import system_host
from natwizard.system.network import SystemNetwork

Gather = Callable[[ProbeContext], Awaitable["Number"]]


class Number(Struct, frozen=True, kw_only=True):
    """Evidence of the probes in this file."""

    value: int


async def seven(_context: ProbeContext) -> Number:
    return Number(value=7)


async def forever(_context: ProbeContext) -> Number:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")


async def broken(_context: ProbeContext) -> Number:
    raise ZeroDivisionError("a defect")


async def impatient(_context: ProbeContext) -> Number:
    raise TimeoutError


async def without_target(context: ProbeContext) -> Number:
    require_target(context.targets.media, "targets.media")
    raise AssertionError("there is a target")


async def hasty(context: ProbeContext) -> Number:
    context.progress(0.8, "almost")
    context.progress(0.3, "back")
    return Number(value=1)


def make_probe(name: str, gather: Gather, *, phase: Phase = Phase.MACHINE) -> Probe[Number]:
    return Probe(
        name=name,
        title=f"Doing {name}",
        evidence=Number,
        phase=phase,
        typical_s=0.1,
        deadline_s=0.2,
        gather=gather,
    )


def make_row(
    probe: Probe[Number], *, applies: bool = True, soak: Probe[Number] | None = None
) -> PlannedRow:
    def judge(case: Inputs, _limits: NoLimits) -> Judgement:
        later = case.evidence_or_none(soak) if soak is not None else None
        value = (later or case.evidence(probe)).value
        status = Status.PASS if value == 7 else Status.FAIL
        return Judgement(status=status, summary="Seven.", observed=str(value), expected="7")

    check = Check(
        name=f"test.{probe.name}",
        title=probe.name,
        page=Page.COMPUTER,
        needs=(probe,),
        limits=NoLimits,
        judge=judge,
    )
    return PlannedRow(
        requirement=Requirement(id=check.name, text="seven", roles=(Role.WEBPHONE,)),
        check=check,
        judge=check.bind({}),
        applies=applies,
        required=True,
        source=None,
        soak=soak,
    )


def plan_of(*rows: PlannedRow) -> RunPlan:
    return RunPlan(
        profile=Profile(schema_version=1, name="t", version="1", sources={}, requirements=()),
        location="test",
        answers=Answers(),
        rows=rows,
    )


def environment() -> Environment:
    machine = ComputerSummary(host_name="h", user_name="u", system="s", architecture="a")
    return Environment(network=SystemNetwork(), host=system_host(), machine=machine)


def execute(
    *rows: PlannedRow,
    soak: bool = False,
    stop_on: type[object] | None = None,
    previous: Report | None = None,
    again: frozenset[str] = frozenset(),
) -> tuple[Report, list[Event]]:
    events: list[Event] = []
    plan = plan_of(*rows)

    async def main() -> Report:
        def happened(event: Event) -> None:
            events.append(event)
            if stop_on is not None and isinstance(event, stop_on):
                run.stop()

        run = Run(
            plan=plan,
            environment=environment(),
            happened=happened,
            previous=previous,
            again=again,
        )
        report = await run.execute()
        return await run.soak() if soak else report

    return asyncio.run(main()), events


def test_a_run_tells_its_plan_first_and_its_report_last() -> None:
    report, events = execute(make_row(make_probe("a", seven)))
    assert [type(event) for event in events] == [
        RunPlanned, ProbeStarted, ProbeFinished, CheckJudged, RunFinished,
    ]  # fmt: skip
    assert isinstance(events[-1], RunFinished)
    assert events[-1].report == report
    assert report.verdict is Readiness.READY
    assert bytes(report.outcomes[0].evidence) == b'{"value":7}'


def test_phases_follow_each_other_and_media_is_alone_on_the_line() -> None:
    media = [make_row(make_probe(name, seven, phase=Phase.MEDIA)) for name in ("m1", "m2")]
    machine = [make_row(make_probe(name, seven)) for name in ("a", "b")]
    _report, events = execute(*media, *machine)
    order = [event.probe for event in events if isinstance(event, (ProbeStarted, ProbeFinished))]
    assert set(order[:4]) == {"a", "b"}
    assert order[4:] == ["m1", "m1", "m2", "m2"]


def echoed(kbit_s: float) -> WebsocketEvidence:
    """A websocket's large message there and back at that rate, however long that took."""
    size = 70_000
    took_s = 2 * 8 * size / 1000 / kbit_s
    large = Attempt(
        operation="echo_large", target="t", started_s=0.0, duration_s=took_s,
        value=Echoed(size_bytes=size, frames=1),
    )  # fmt: skip
    lookup: Looked = Attempt(
        operation="look_up", target="t", started_s=0.0, duration_s=0.0, value=()
    )
    reach = Reachability(family="IPv4", connects=())
    way = WebsocketReachability(reach=reach, echoes=(large,))
    tried = WebsocketAttempt(url="wss://t/", secure=True, lookup=lookup, addresses=(way,))
    return WebsocketEvidence(tries=(tried,))


@pytest.mark.parametrize(
    ("kbit_s", "beside"),
    [(20_000.0, True), (1_001.0, True), (999.0, False), (None, False)],
    ids=["a fast line", "just room", "a thin line", "nobody knows"],
)
def test_small_exchanges_go_on_beside_the_stream_where_the_line_is_known_to_have_room(
    kbit_s: float | None, beside: bool
) -> None:
    """One that only ends once the stream has begun, or, where there is no room, never began."""
    streaming: list[asyncio.Event] = []

    async def look_on(_context: ProbeContext) -> Number:
        streaming.append(asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await streaming[0].wait()
        return Number(value=int(streaming[0].is_set()))

    async def stream(_context: ProbeContext) -> Number:
        streaming[0].set()
        return Number(value=7)

    async def websocket(_context: ProbeContext) -> WebsocketEvidence:
        assert kbit_s is not None
        return echoed(kbit_s)

    small = replace(
        make_probe("small", look_on, phase=Phase.REACHABILITY), shares_line=True, deadline_s=5.0
    )
    media = replace(make_probe("m", stream, phase=Phase.MEDIA), shares_line=True)
    alone = make_probe("calls", seven, phase=Phase.MEDIA)
    first = replace(WEBSOCKET, gather=websocket)
    rows = [make_row(small), make_row(media), make_row(alone)]
    if kbit_s is not None:
        rows.append(replace(rows[0], check=replace(rows[0].check, name="w", needs=(first,))))
    report, events = execute(*rows)
    order = [event.probe for event in events if isinstance(event, (ProbeStarted, ProbeFinished))]
    found = next(finding for finding in report.findings if finding.check == "test.small")
    assert found.observed == str(int(beside))
    # what needs the line to itself waits for all of them
    assert order[-2:] == ["calls", "calls"]


def test_a_probe_sees_what_this_very_run_found_and_no_earlier_one() -> None:
    seen: list[object] = []
    first = make_probe("first", seven)

    async def look_back(context: ProbeContext) -> Number:
        seen.append(context.found_by(first))
        return Number(value=7)

    second = make_row(make_probe("second", look_back, phase=Phase.MEDIA))
    report, _events = execute(make_row(first), second)
    execute(make_row(first), second, previous=report, again=frozenset({"second"}))
    assert seen == [Number(value=7), None]


@pytest.mark.parametrize(
    ("gather", "code", "status", "observed"),
    [
        (forever, FailureCode.DEADLINE, Status.UNKNOWN, "took too long"),
        (broken, FailureCode.DEFECT, Status.UNKNOWN, "fault in natwizard"),
        (without_target, FailureCode.NO_TARGET, Status.NOT_SET_UP, "not set up"),
    ],
)
def test_a_probe_that_cannot_look_makes_its_check_unknown(
    gather: Gather,
    code: FailureCode,
    status: Status,
    observed: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    report, _events = execute(make_row(make_probe("a", gather)), make_row(make_probe("b", seven)))
    assert report.outcomes[0].failure is not None
    assert report.outcomes[0].failure.code is code
    assert [finding.status for finding in report.findings] == [status, Status.PASS]
    assert observed in report.findings[0].observed
    assert report.verdict is Readiness.COULD_NOT_TELL
    # a defect keeps its traceback in the log; trouble with the world does not look like one
    assert bool(caplog.records) is (code is FailureCode.DEFECT)


def test_a_stopped_run_still_gives_a_whole_report() -> None:
    media = make_row(make_probe("m", forever, phase=Phase.MEDIA))
    report, events = execute(make_row(make_probe("a", seven)), media, stop_on=CheckJudged)
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped
    assert [finding.status for finding in report.findings] == [Status.PASS, Status.UNKNOWN]
    assert report.findings[1].observed == "you stopped the run"


def test_progress_never_runs_backwards() -> None:
    _report, events = execute(make_row(make_probe("a", hasty)))
    fractions = [event.fraction for event in events if isinstance(event, ProbeProgressed)]
    assert fractions == [0.8, 0.8]


def test_rows_of_other_roles_are_not_needed_and_their_probes_do_not_run() -> None:
    report, _events = execute(make_row(make_probe("a", forever), applies=False))
    assert report.findings[0].status is Status.NOT_APPLICABLE
    assert report.outcomes == ()


def test_a_rerun_keeps_the_evidence_of_the_other_probes() -> None:
    again, kept = make_row(make_probe("a", forever)), make_row(make_probe("b", seven))
    first, _events = execute(again, kept)
    report, events = execute(
        make_row(make_probe("a", seven)), kept, previous=first, again=frozenset({"a"})
    )
    started = [event for event in events if isinstance(event, ProbeStarted)]
    assert [event.probe for event in started] == ["a"]
    assert [finding.status for finding in first.findings] == [Status.UNKNOWN, Status.PASS]
    assert [finding.status for finding in report.findings] == [Status.PASS, Status.PASS]
    assert {record.probe for record in report.outcomes} == {"a", "b"}


def test_a_rule_that_breaks_is_unknown_and_keeps_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = make_row(make_probe("a", seven))

    def break_down(_case: Inputs) -> Judgement:
        raise KeyError("a defect")

    report, _events = execute(replace(row, judge=break_down))
    assert report.findings[0].status is Status.UNKNOWN
    assert caplog.records[0].exc_info is not None


def test_advice_never_makes_a_computer_not_ready() -> None:
    row = replace(make_row(make_probe("a", hasty)), required=False)
    report, _events = execute(row)
    assert report.findings[0].status is Status.WARN
    assert report.verdict is Readiness.READY_WITH_ADVICE


def soaked(gather: Gather) -> PlannedRow:
    soak = make_probe("s", gather, phase=Phase.SOAK)
    return make_row(make_probe("a", seven), soak=soak)


def test_a_soak_comes_after_the_verdict_and_replaces_the_finding_it_changes() -> None:
    report, events = execute(soaked(hasty), make_row(make_probe("b", seven)), soak=True)
    kinds = [type(event) for event in events]
    assert kinds[kinds.index(RunFinished) :] == [
        RunFinished, SoakStarted, ProbeStarted, ProbeProgressed, ProbeProgressed,
        ProbeFinished, CheckJudged, SoakFinished,
    ]  # fmt: skip
    finished = events[kinds.index(RunFinished)]
    assert isinstance(finished, RunFinished)
    assert [finding.status for finding in finished.report.findings] == [Status.PASS, Status.PASS]
    assert finished.report.verdict is Readiness.READY
    assert [finding.status for finding in report.findings] == [Status.FAIL, Status.PASS]
    assert report.verdict is Readiness.NOT_READY
    assert {record.probe for record in report.outcomes} == {"a", "b", "s"}
    assert (report.run_id, report.started_at) == (
        finished.report.run_id,
        finished.report.started_at,
    )
    last = events[-1]
    assert isinstance(last, SoakFinished)
    assert last.report == report


def test_a_run_does_not_wait_for_its_soak() -> None:
    report, events = execute(soaked(forever))
    assert isinstance(events[-1], RunFinished)
    assert report.verdict is Readiness.READY
    planned = events[0]
    assert isinstance(planned, RunPlanned)
    assert [probe.probe for probe in planned.probes] == ["a"]
    assert planned.checks[0].waits_for == ("a",)


def test_a_soak_that_finds_nothing_new_tells_no_finding_twice() -> None:
    report, events = execute(soaked(seven), soak=True)
    assert sum(isinstance(event, CheckJudged) for event in events) == 1
    assert report.verdict is Readiness.READY


def test_a_soak_that_is_stopped_changes_nothing() -> None:
    report, events = execute(soaked(forever), soak=True, stop_on=SoakStarted)
    assert isinstance(events[-1], SoakFinished)
    assert report.verdict is Readiness.READY
    assert [record.probe for record in report.outcomes] == ["a"]


def test_where_there_is_nothing_to_soak_nobody_waits() -> None:
    _report, events = execute(make_row(make_probe("a", seven)), soak=True)
    assert isinstance(events[-1], RunFinished)


def test_what_is_judged_is_said_anew_in_another_language() -> None:
    """The first check is judged while the second probe still looks."""
    told: list[CheckJudged] = []
    plan = plan_of(make_row(make_probe("a", seven)), make_row(make_probe("b", forever)))

    async def main() -> Report:
        def happened(event: Event) -> None:
            if isinstance(event, CheckJudged):
                told.append(event)
                if len(told) == 1:
                    speak(PSEUDO)
                    asyncio.get_running_loop().call_soon(run.announce_findings)
                else:
                    run.stop()

        run = Run(plan=plan, environment=environment(), happened=happened)
        return await run.execute()

    report = asyncio.run(main())
    first, anew = (event.finding for event in told[:2])
    assert anew.check == first.check
    assert anew.title == pseudo(first.title)
    assert report.language == PSEUDO.code
    assert all(finding.title == pseudo(finding.check[-1:]) for finding in report.findings)


def test_what_only_a_person_can_start_runs_when_it_is_asked_for_and_not_before() -> None:
    asked = make_row(make_probe("h", seven, phase=Phase.ON_REQUEST))
    other = make_row(make_probe("o", forever, phase=Phase.ON_REQUEST))
    first, events = execute(asked, other, make_row(make_probe("a", seven)))
    assert [each.probe for each in events if isinstance(each, ProbeStarted)] == ["a"]
    _report, events = execute(
        asked, other, make_row(make_probe("a", seven)), previous=first, again=frozenset({"h"})
    )
    assert [each.probe for each in events if isinstance(each, ProbeStarted)] == ["h"]


def test_a_time_limit_of_a_probes_own_is_not_its_deadline() -> None:
    report, _events = execute(make_row(make_probe("a", impatient)))
    assert report.outcomes[0].failure is not None
    assert report.outcomes[0].failure.code is FailureCode.TIMED_OUT


def test_a_plan_tells_what_needs_the_line_alone_and_what_waits_for_a_person() -> None:
    answers = Answers()

    def told(phase: Phase) -> tuple[bool, bool]:
        planned = planned_probe(make_probe("a", seven, phase=phase), answers)
        return planned.alone, planned.on_request

    assert {phase: told(phase) for phase in Phase if any(told(phase))} == {
        Phase.MEDIA: (True, False),
        Phase.ON_REQUEST: (False, True),
    }


def test_a_probe_sees_what_it_brought_in_earlier_runs_and_no_failures() -> None:
    first, _events = execute(make_row(make_probe("a", seven)), make_row(make_probe("b", broken)))
    world = replace(environment(), earlier_reports=lambda: (first, first))
    assert [each.evidence for each in world.earlier("a")] == [b'{"value":7}'] * 2
    assert world.earlier("a")[0].started_at == first.started_at
    assert world.earlier("b") == world.earlier("c") == environment().earlier("a") == ()


def test_a_section_is_told_with_its_source_alone() -> None:
    page = Source(title="t", url="https://page.example.com/", read_on="2026-11-01")
    row = Requirement(id="computer.ram", text="x", roles=(Role.WEBPHONE,), section="Memory")
    bare = replace_fields(row, section="")
    told = replace_fields(row, source="page")

    def source_of(requirement: Requirement) -> Source | None:
        profile = Profile(
            schema_version=1, name="t", version="1", sources={"page": page},
            requirements=(requirement,),
        )  # fmt: skip
        return make_plan(profile, Answers(), location="test").rows[0].source

    assert source_of(row) is None
    assert source_of(replace_fields(bare, source="page")) == page
    assert source_of(told) == replace_fields(page, section="Memory")


# ---- what a change of the line voids


CABLE = LineWay(interface="eth0", local_address="192.0.2.7")
WIFI = LineWay(interface="wlan0", local_address="198.51.100.7")


@dataclass
class Line:
    """A way out that a test changes; each look sees what stands there."""

    way: LineWay | None = CABLE

    def __call__(self) -> LineState:
        own = frozenset({self.way.local_address} if self.way else ())
        return LineState(ways={"v4": self.way}, addresses=own, clock_s=0.0, awake_s=0.0)


def changing(line: Line, *rows: PlannedRow, soak: bool = False) -> tuple[Report, list[Event]]:
    events: list[Event] = []

    async def main() -> Report:
        world = replace(environment(), line=line)
        run = Run(plan=plan_of(*rows), environment=world, happened=events.append)
        report = await run.execute()
        return await run.soak() if soak else report

    return asyncio.run(main()), events


def codes(report: Report) -> dict[str, FailureCode | None]:
    return {each.probe: each.failure.code if each.failure else None for each in report.outcomes}


def test_another_line_voids_what_crossed_it_and_nothing_else() -> None:
    """And says so of what was told already; a look at this computer itself stands."""
    line = Line()

    async def change(_context: ProbeContext) -> Number:
        line.way = WIFI
        return Number(value=7)

    machine = make_row(make_probe("machine", seven))
    crossed = make_row(make_probe("crossed", seven, phase=Phase.REACHABILITY))
    alone = make_row(
        replace(make_probe("alone", seven, phase=Phase.REACHABILITY), stands_alone=True)
    )
    untried = make_row(make_probe("untried", without_target, phase=Phase.REACHABILITY))
    failed = make_row(make_probe("failed", impatient, phase=Phase.REACHABILITY))
    last = make_row(make_probe("last", change, phase=Phase.MEDIA))
    report, events = changing(line, machine, crossed, alone, untried, failed, last)
    assert codes(report) == {
        "machine": None,
        "crossed": FailureCode.LINE_CHANGED,
        "alone": None,
        "untried": FailureCode.NO_TARGET,
        "failed": FailureCode.LINE_CHANGED,
        "last": FailureCode.LINE_CHANGED,
    }
    told = [
        event.finding.status
        for event in events
        if isinstance(event, CheckJudged) and event.finding.check == "test.crossed"
    ]
    assert told[0] is Status.PASS
    assert told[-1] is Status.UNKNOWN
    assert [each.kind for each in report.line_changes] == [LineChangeKind.OTHER_INTERFACE]
    # what was brought is kept, for whoever looks into it
    [kept] = [each for each in report.outcomes if each.probe == "crossed"]
    assert bytes(kept.evidence) == b'{"value":7}'


def test_a_line_that_stays_voids_nothing_and_is_no_change() -> None:
    report, _events = changing(Line(), make_row(make_probe("a", seven, phase=Phase.REACHABILITY)))
    assert codes(report) == {"a": None}
    assert report.line_changes == ()
    assert report.verdict is Readiness.READY


def test_a_line_that_goes_during_the_soak_leaves_the_verdict_alone() -> None:
    line = Line()

    async def unplug(_context: ProbeContext) -> Number:
        line.way = None
        return Number(value=1)

    first = make_probe("a", seven, phase=Phase.REACHABILITY)
    report, _events = changing(
        line, make_row(first, soak=make_probe("s", unplug, phase=Phase.SOAK)), soak=True
    )
    assert codes(report) == {"a": None, "s": FailureCode.LINE_CHANGED}
    assert report.findings[0].status is Status.PASS


def change(kind: LineChangeKind, *, at_s: float = 1.25, interface: str = "eth0") -> LineChange:
    return LineChange(kind=kind, at_s=at_s, since_s=1.0, interface=interface)


KIND = LineChangeKind


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ((KIND.DOWN, KIND.UP), FailureCode.LINE_CHANGED),
        ((), FailureCode.LINE_CHANGED),
        ((KIND.STOOD_STILL,), FailureCode.STOOD_STILL),
        ((KIND.STOOD_STILL, KIND.STOOD_STILL), FailureCode.STOOD_STILL),
        # whoever stood still may have lost the line for it; whoever slept surely has
        ((KIND.STOOD_STILL, KIND.INTERRUPTED), FailureCode.LINE_CHANGED),
        ((KIND.SUSPENDED,), FailureCode.SLEPT),
        ((KIND.STOOD_STILL, KIND.SUSPENDED, KIND.DOWN), FailureCode.SLEPT),
    ],
)
def test_what_happened_names_the_failure(
    kinds: tuple[LineChangeKind, ...], code: FailureCode
) -> None:
    assert line_failure("p", tuple(change(kind) for kind in kinds)).code is code


def test_a_failure_tells_when_and_where_and_stays_short() -> None:
    told = line_failure("p", (change(KIND.DOWN), change(KIND.SUSPENDED, at_s=9.04, interface="")))
    assert (told.operation, told.detail) == ("p", "1.2 s down eth0; 9.0 s suspended")
    flapping = line_failure("p", (change(KIND.DOWN),) * 100)
    assert len(flapping.detail) == 300


# ---- edges of a run


async def wordy(_context: ProbeContext) -> Number:
    raise ZeroDivisionError("x" * 5000)


def test_a_defect_fills_no_report(caplog: pytest.LogCaptureFixture) -> None:
    report, _events = execute(make_row(make_probe("a", wordy)))
    [record] = report.outcomes
    assert record.failure is not None
    assert len(record.failure.detail) == 300
    assert caplog.records


def test_progress_ends_at_the_whole() -> None:
    async def beyond(context: ProbeContext) -> Number:
        for fraction in (-1.0, 0.25, 1.5):
            context.progress(fraction, "on")
        return Number(value=7)

    _report, events = execute(make_row(make_probe("a", beyond)))
    fractions = [event.fraction for event in events if isinstance(event, ProbeProgressed)]
    assert fractions == [0.0, 0.25, 1.0]


def test_a_probe_lies_within_its_run_to_a_tenth_of_a_millisecond() -> None:
    async def waits(_context: ProbeContext) -> Number:
        await asyncio.sleep(0.05)
        return Number(value=7)

    rows = [
        make_row(replace(make_probe(name, waits, phase=Phase.MEDIA), deadline_s=30.0))
        for name in ("a", "b", "c")
    ]
    started_s = time.perf_counter()
    report, _events = execute(*rows)
    whole_s = time.perf_counter() - started_s
    for before, after in itertools.pairwise(report.outcomes):
        assert before.started_s + before.duration_s <= after.started_s + 0.0002
    last = report.outcomes[-1]
    assert last.started_s >= 0.09
    assert last.duration_s >= 0.04
    assert last.started_s + last.duration_s <= whole_s
    for record in report.outcomes:
        assert record.started_s == round(record.started_s, 4)
        assert record.duration_s == round(record.duration_s, 4)


def test_who_failed_in_this_run_has_found_nothing() -> None:
    seen: list[object] = []
    failing = make_probe("failing", without_target)

    async def look_back(context: ProbeContext) -> Number:
        seen.append(context.found_by(failing))
        return Number(value=7)

    execute(make_row(failing), make_row(make_probe("b", look_back, phase=Phase.MEDIA)))
    assert seen == [None]


def test_without_a_word_on_what_to_repeat_everything_runs_again() -> None:
    row = make_row(make_probe("a", seven))
    first, _events = execute(row)
    _report, events = execute(row, previous=first)
    assert [event.probe for event in events if isinstance(event, ProbeStarted)] == ["a"]


def test_a_stopped_run_soaks_nothing() -> None:
    report, events = execute(soaked(seven), soak=True, stop_on=ProbeStarted)
    assert not any(isinstance(event, SoakStarted) for event in events)
    assert [record.probe for record in report.outcomes if record.probe == "s"] == []


def test_what_a_stopped_run_was_never_asked_for_was_not_stopped() -> None:
    asked = make_row(make_probe("h", seven, phase=Phase.ON_REQUEST))
    media = make_row(make_probe("m", forever, phase=Phase.MEDIA))
    report, _events = execute(asked, media, make_row(make_probe("a", seven)), stop_on=CheckJudged)
    observed = {each.check: each.observed for each in report.findings}
    assert observed == {"test.h": "not tried", "test.m": "you stopped the run", "test.a": "7"}


def test_one_probe_alone_runs_whatever_it_usually_waits_for() -> None:
    row = make_row(make_probe("a", seven))
    asked = make_probe("h", seven, phase=Phase.ON_REQUEST)
    plan = plan_of(row).for_probe(asked)
    run = Run(plan=plan, environment=environment(), happened=lambda _event: None)
    report = asyncio.run(run.execute())
    assert [record.probe for record in report.outcomes] == ["h"]
    assert report.findings == ()


def test_a_run_that_is_over_is_said_anew_with_its_conclusion() -> None:
    """What hangs on all findings together is not lost by another language."""
    events: list[Event] = []

    async def main() -> Report:
        run = Run(
            plan=plan_of(make_row(make_probe("a", seven))),
            environment=environment(),
            happened=events.append,
        )
        report = await run.execute()
        before = len(events)
        run.announce_findings()
        assert len(events) == before  # nothing is different
        speak(PSEUDO)
        run.announce_findings()
        return report

    report = asyncio.run(main())
    last = events[-1]
    assert isinstance(last, CheckJudged)
    assert last.finding.title == pseudo(report.findings[0].title)


def test_rows_that_are_still_measured_are_not_judged_by_another_language() -> None:
    told: list[str] = []
    plan = plan_of(make_row(make_probe("a", seven)), make_row(make_probe("b", forever)))

    async def main() -> None:
        def happened(event: Event) -> None:
            if not isinstance(event, CheckJudged):
                return
            told.append(event.finding.check)
            if len(told) == 1:
                asyncio.get_running_loop().call_soon(again)

        def again() -> None:
            speak(PSEUDO)
            run.announce_findings()
            assert told == ["test.a", "test.a"]
            run.stop()

        run = Run(plan=plan, environment=environment(), happened=happened)
        await run.execute()

    asyncio.run(main())


def test_roots_of_a_world_of_ours_are_added_and_the_profile_stays_as_it_is() -> None:
    profile = plan_of().profile
    ours = replace_fields(profile, targets=Targets(extra_roots=("one",)))
    assert environment().targets_of(ours) is ours.targets
    world = replace(environment(), public_roots=("two",))
    assert world.targets_of(ours).extra_roots == ("one", "two")
    assert ours.targets.extra_roots == ("one",)


def test_a_history_that_cannot_be_read_costs_no_run(caplog: pytest.LogCaptureFixture) -> None:
    def unreadable() -> tuple[Report, ...]:
        raise PermissionError("not yours")

    assert replace(environment(), earlier_reports=unreadable).earlier("a") == ()
    assert "earlier reports" in caplog.text


def test_new_flows_are_few_while_voice_is_counted_and_only_then() -> None:
    """22 kbit/s of STUN each way beside the 100 of a call; before and after, as many as ever."""
    gaps_s: dict[str, float] = {}
    over = asyncio.Event()

    def looking(name: str) -> Gather:
        async def look(context: ProbeContext) -> Number:
            gaps_s[name] = context.rate_limiter._gap_s
            return Number(value=7)

        return look

    async def small(context: ProbeContext) -> Number:
        await over.wait()
        # until others had every chance to go on without it
        for _turn in range(50):
            await asyncio.sleep(0)
        return await looking("small's end")(context)

    async def stream(context: ProbeContext) -> Number:
        over.set()
        return await looking("stream")(context)

    async def websocket(_context: ProbeContext) -> WebsocketEvidence:
        return echoed(20_000.0)

    shares = {"shares_line": True, "deadline_s": 30.0}
    first = make_row(make_probe("first", looking("first")))
    web = replace(WEBSOCKET, gather=websocket)
    rows = [
        first,
        replace(first, check=replace(first.check, name="w", needs=(web,))),
        make_row(replace(make_probe("small", small, phase=Phase.REACHABILITY), **shares)),
        make_row(replace(make_probe("m", stream, phase=Phase.MEDIA), **shares)),
        make_row(make_probe("calls", looking("calls"), phase=Phase.MEDIA)),
    ]
    _report, events = execute(*rows)
    order = [event.probe for event in events if isinstance(event, ProbeStarted | ProbeFinished)]
    assert order.index("small") < order.index("m")
    # whoever needs the line alone begins when the last of the others is done
    assert order[-4:] == ["m", "small", "calls", "calls"]
    assert gaps_s["first"] == gaps_s["calls"] == 1 / NEW_FLOWS_PER_S
    assert gaps_s["stream"] == 1 / FLOWS_BESIDE_VOICE_PER_S
    binding_bytes, headers = 80, 28
    assert FLOWS_BESIDE_VOICE_PER_S * (binding_bytes + headers) * 8 <= 25_000
