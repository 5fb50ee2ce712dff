"""quality.call: a call's counts, delays and ways, as a table of cases."""

import pytest
from cases.page_cases import CHROME, INSTANCE, finished
from cases.udp_cases import figures, media
from msgspec.structs import replace

from natwizard.checks.base import Inputs
from natwizard.checks.quality_call import QUALITY_CALL, CallState, concealed_share, lost_share
from natwizard.model.address import RelayTransport
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Gathered, Outcome
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.load import ComputerLoad
from natwizard.probes.browser_page.steps import (
    CallDirection,
    Called,
    CallSecond,
    Dropout,
    RelayTried,
    RelayTry,
)
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.headset import HEADSET, HeadsetEvidence
from natwizard.probes.media.stream import MEDIA, MediaEvidence

SERVER = "turn.example.com:3478"
START = CallSecond(
    received=75, lost=0, jitter_ms=3, samples=72_000, concealed=900, inserted=0, removed=0,
    buffer_ms=45, round_trip_ms=0,
)  # fmt: skip


def direction(
    share: float = 0.0, delay_ms: float = 120, lost: int = 0, trip_ms: float = 30
) -> CallDirection:
    """Ten seconds of 48,000 samples, of which so many were made up."""
    end = replace(
        START,
        samples=72_000 + 480_000,
        concealed=900 + round(480_000 * share),
        received=75 + 500,
        lost=lost,
        round_trip_ms=trip_ms,
    )
    return CallDirection(seconds=(START, end), delay_ms=delay_ms, likeness=0.8, level_db=-0.3)


def call(
    *directions: CallDirection, ways: tuple[RelayTransport, ...] = ("udp",), lag_ms: float = 2,
    codec: str = "opus",
) -> Called:  # fmt: skip
    tried = tuple(
        RelayTried(
            transport=way,
            connected=bool(directions) and way == ways[-1],
            setup_ms=150,
            error="" if directions and way == ways[-1] else "Error: no relay",
        )
        for way in ways
    )
    return Called(
        instance=INSTANCE, codec=codec, tried=tried, directions=directions, lag_ms=lag_ms  # type: ignore[arg-type]
    )  # fmt: skip


def judge(
    *calls: Called,
    page: BrowserCheckEvidence | None = None,
    line: MediaEvidence | None = None,
    tested: bool = True,
    target: str = SERVER,
    loads: tuple[ComputerLoad, ...] = (),
    fallbacks: tuple[RelayTried, ...] = (),
) -> Judgement:
    outcomes: dict[str, Outcome[object]] = {}
    if tested:
        outcomes[HEADSET.name] = Gathered(
            evidence=HeadsetEvidence(
                state=PageState.FINISHED, product=CHROME, heard=True, call_target=target,
                calls=calls, loads=loads, fallbacks=fallbacks,
            )
        )  # fmt: skip
    if page is not None:
        outcomes[BROWSER_CHECK.name] = Gathered(evidence=page)
    if line is not None:
        outcomes[MEDIA.name] = Gathered(evidence=line)
    return QUALITY_CALL.bind({})(Inputs(outcomes=outcomes))


GOOD, LOSSY, LATE = direction(), direction(0.06, lost=30), direction(delay_ms=450, trip_ms=500)
SILENT = replace(
    GOOD, seconds=tuple(replace(START, samples=n * 48_000, concealed=n * 48_000) for n in range(11))
)
NO_WAY = call(ways=("udp", "tcp", "tls"))


@pytest.mark.parametrize(
    ("received_a_second", "counted_lost", "share"),
    [
        (50, 0, 0.0),
        (50, 25, 25 / 525),
        # the last count follows the one before at once: what is due by then was not sent yet
        (45, 0, 0.0),
        (40, 0, 50 / 450),
        (25, 0, 200 / 450),
        (0, 0, 1.0),
    ],
)
def test_packets_that_nobody_counted_are_those_that_were_due(
    received_a_second: int, counted_lost: int, share: float
) -> None:
    """Fifty a second, in ten seconds."""
    seconds = tuple(
        replace(
            START,
            received=START.received + received_a_second * number,
            lost=counted_lost * number // 10,
        )
        for number in range(11)
    )
    assert lost_share(replace(GOOD, seconds=seconds)) == pytest.approx(share)
    assert lost_share(replace(GOOD, seconds=seconds[:1])) == 0


@pytest.mark.parametrize(
    ("calls", "state"),
    [
        ((call(GOOD, GOOD),), CallState.GOOD),
        ((call(direction(0.029), GOOD),), CallState.GOOD),
        ((call(GOOD, GOOD), call(GOOD, LOSSY, codec="pcmu")), CallState.GAPS),
        # nothing came at all, which no counter of losses tells
        ((call(GOOD, SILENT),), CallState.ONE_WAY),
        # nothing was lost, so the line is not accused
        ((call(GOOD, direction(0.11)),), CallState.HELD_UP),
        ((call(GOOD, LATE),), CallState.LATE),
        # packets were quick: the browser kept what they brought
        ((call(GOOD, direction(delay_ms=735, trip_ms=45)),), CallState.HELD_UP),
        ((call(LOSSY, GOOD, lag_ms=150),), CallState.COMPUTER_TOO_SLOW),
        # a computer that is late without harm is nobody's business
        ((call(GOOD, GOOD, lag_ms=150),), CallState.GOOD),
        ((call(GOOD, GOOD, ways=("udp", "tcp")),), CallState.NO_UDP),
        ((call(GOOD, GOOD, ways=("udp", "tcp", "tls")),), CallState.NO_UDP),
        ((call(LOSSY, GOOD, ways=("udp", "tcp")),), CallState.NO_UDP_HEARD),
        ((call(GOOD, LATE, ways=("udp", "tcp", "tls")),), CallState.NO_UDP_HEARD),
        ((NO_WAY,), CallState.NO_CALL),
        ((call(SILENT, GOOD, lag_ms=150),), CallState.ONE_WAY),
        ((call(SILENT, SILENT),), CallState.GAPS),
        ((call(GOOD, SILENT, ways=("udp", "tcp")),), CallState.ONE_WAY),
        ((call(GOOD, replace(GOOD, level_db=-35)),), CallState.FAINT),
        ((call(GOOD, replace(GOOD, level_db=-15)),), CallState.GOOD),
        # what is lost is told before how soft the rest is
        ((call(GOOD, replace(LOSSY, level_db=-35)),), CallState.GAPS),
    ],
)
def test_each_outcome_of_a_call_has_its_own_verdict(
    calls: tuple[Called, ...], state: CallState
) -> None:
    judged = judge(*calls)
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)


BUSY, WOKEN_LATE, IDLE = (
    ComputerLoad(busy_share=0.97),
    ComputerLoad(busy_share=0.5, late_ms=350),
    ComputerLoad(busy_share=0.85, late_ms=90),
)
UNEVEN, KEPT = direction(0.11), direction(delay_ms=735, trip_ms=45)
UNSENT = replace(
    GOOD,
    seconds=tuple(
        replace(
            START, received=75 + 40 * n, samples=72_000 + 48_000 * n, concealed=9_600 * n,
        )
        for n in range(11)
    ),
)  # fmt: skip
STOOD = replace(call(UNEVEN, GOOD), stood_ms=400)


@pytest.mark.parametrize(
    ("heard", "load", "state"),
    [
        (call(UNEVEN, GOOD), BUSY, CallState.COMPUTER_TOO_SLOW),
        (call(UNEVEN, GOOD), WOKEN_LATE, CallState.COMPUTER_TOO_SLOW),
        (call(UNEVEN, GOOD), IDLE, CallState.HELD_UP),
        (STOOD, IDLE, CallState.COMPUTER_TOO_SLOW),
        (call(GOOD, KEPT), BUSY, CallState.COMPUTER_TOO_SLOW),
        (call(GOOD, KEPT), IDLE, CallState.HELD_UP),
        # it wakes its programs in time, so it is not what lost packets
        (call(LOSSY, GOOD), BUSY, CallState.GAPS),
        # they may have gone missing in this computer as well as on the line
        (call(LOSSY, GOOD), WOKEN_LATE, CallState.COMPUTER_TOO_SLOW),
        # packets that were due and never counted were perhaps never sent
        (call(UNSENT, GOOD), BUSY, CallState.COMPUTER_TOO_SLOW),
        (call(UNSENT, GOOD), IDLE, CallState.GAPS),
        # a way there and back that is long is so whoever is busy
        (call(GOOD, LATE), BUSY, CallState.LATE),
        # that UDP was shut is known; what came of the detour may be this computer's
        (call(LOSSY, LATE, ways=("udp", "tcp")), BUSY, CallState.NO_UDP),
        (call(LOSSY, LATE, ways=("udp", "tcp")), IDLE, CallState.NO_UDP_HEARD),
        (call(GOOD, GOOD), BUSY, CallState.GOOD),
    ],
)
def test_a_busy_computer_accuses_nobody_else(
    heard: Called, load: ComputerLoad, state: CallState
) -> None:
    judged = judge(heard, loads=(load,))
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)
    [line] = [each.text for each in judged.details if each.label == "This computer"]
    assert f"{100 * load.busy_share:.0f}" in line


def test_the_load_of_one_call_is_not_held_against_another() -> None:
    judged = judge(call(GOOD, GOOD), call(UNEVEN, GOOD, codec="pcmu"), loads=(IDLE, BUSY))
    assert judged.summary == CallState.COMPUTER_TOO_SLOW.verdict.summary
    unheard = call(ways=("udp", "tcp", "tls"))
    judged = judge(unheard, call(UNEVEN, GOOD, codec="pcmu"), loads=(BUSY, IDLE))
    assert judged.summary == CallState.HELD_UP.verdict.summary


def test_loss_that_the_packet_stream_saw_too_is_the_lines_on_a_busy_computer() -> None:
    for load in (BUSY, WOKEN_LATE):
        judged = judge(call(LOSSY, GOOD), loads=(load,), line=media(figures(lost=40)))
        assert judged.summary == CallState.GAPS.verdict.summary


def test_udp_that_worked_a_moment_ago_is_not_called_shut() -> None:
    through = RelayTry(
        instance=INSTANCE, opened=True, sent=10, round_trips_ms=(40.0,) * 10, duration_ms=900
    )
    page = finished(relay_target=SERVER, relay=through)
    judged = judge(call(GOOD, GOOD, ways=("udp", "tcp")), page=page)
    assert judged.summary == CallState.UDP_NOW_AND_THEN.verdict.summary
    assert judged.status is Status.UNKNOWN
    silent = replace(through, round_trips_ms=())
    judged = judge(
        call(GOOD, GOOD, ways=("udp", "tcp")), page=finished(relay_target=SERVER, relay=silent)
    )
    assert judged.summary == CallState.NO_UDP.verdict.summary


def test_a_way_beside_that_is_shut_changes_no_verdict_and_is_told() -> None:
    tried = (
        RelayTried(transport="tcp", connected=True, setup_ms=210),
        RelayTried(transport="tls", connected=False, setup_ms=8000, error="Error: late"),
    )
    judged = judge(call(GOOD, GOOD), fallbacks=tried)
    assert judged.summary == CallState.GOOD.verdict.summary
    told = {each.label: each.text.replace("\u00a0", " ") for each in judged.details}
    assert told["By UDP"] == "connected in 150 ms"
    assert told["By TCP"] == "a call would come about: connected in 210 ms"
    assert told["By TLS on port 443"] == "no call: Error: late"


def test_a_detour_names_the_server_and_the_way_and_what_it_costs() -> None:
    ways: tuple[RelayTransport, ...] = ("udp", "tcp", "tls")
    for end, told in ((2, "TCP"), (3, "TLS on port 443")):
        judged = judge(call(GOOD, GOOD, ways=ways[:end]))
        assert judged.observed.endswith(f"over {told}")
        [means] = [each.text for each in judged.details if each.label == "Without UDP"]
        assert "gap" in means
        assert judged.remedy is not None
        assert f"UDP to {SERVER}" in judged.remedy.request
        assert f"over {told} only" in judged.remedy.request
        assert "holds up those behind it" in judged.remedy.request


@pytest.mark.parametrize(
    ("lost", "state"),
    [
        (0, CallState.BROWSER_LOSES),
        (4, CallState.BROWSER_LOSES),
        (5, CallState.GAPS),
        (40, CallState.GAPS),
    ],
)
def test_voice_that_only_the_browser_loses_is_no_fault_of_the_line(
    lost: int, state: CallState
) -> None:
    judged = judge(call(LOSSY, GOOD), line=media(figures(lost=lost)))
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)
    assert any(detail.label == "Packets without browser" for detail in judged.details)


@pytest.mark.parametrize(
    ("page", "tested", "target", "status"),
    [
        (None, False, "", Status.NOT_APPLICABLE),
        (finished(), False, "", Status.NOT_APPLICABLE),
        (finished(relay_target=SERVER), False, "", Status.MANUAL),
        (None, True, "", Status.NOT_APPLICABLE),
        (None, True, SERVER, Status.MANUAL),
    ],
)
def test_without_a_call_it_is_a_question_or_nothing(
    page: BrowserCheckEvidence | None, tested: bool, target: str, status: Status
) -> None:
    assert judge(page=page, tested=tested, target=target).status is status


def test_what_was_made_up_before_the_first_count_does_not_matter() -> None:
    assert concealed_share(direction(0.05)) == pytest.approx(0.05)
    assert concealed_share(replace(GOOD, seconds=())) == 0


def test_a_call_that_plays_nothing_has_lost_all() -> None:
    assert concealed_share(replace(GOOD, seconds=(START, START))) == 1


def test_the_mos_is_that_of_the_call_that_has_one() -> None:
    opus = judge(call(GOOD, GOOD))
    assert "mos" not in {each.name for each in opus.measured}
    both = judge(call(GOOD, GOOD), call(GOOD, direction(0.02), codec="pcmu"))
    found = {each.name: each.value for each in both.measured}
    assert isinstance(found["mos"], float)
    assert 3.5 < found["mos"] < 4.4


def test_dropouts_are_told_with_start_and_length() -> None:
    broken = replace(GOOD, dropouts=(Dropout(start_s=4.2, length_s=0.18),))
    [line] = [d.text for d in judge(call(broken)).details if d.label == "Speech missing"]
    assert line.replace("\u00a0", " ") == "180 ms at 4.2 s"


def test_the_chart_shows_when_voice_was_made_up() -> None:
    counts = [0, 0, 24_000, 24_480, 24_480]
    seconds = tuple(
        replace(START, received=50 * index, samples=48_000 * index, concealed=count)
        for index, count in enumerate(counts)
    )
    chart = judge(call(GOOD, replace(GOOD, seconds=seconds))).chart
    assert chart is not None
    assert [column.median for column in chart.columns] == [0, 50, 1, 0]
    assert (chart.limit_ms, chart.unit) == (3, "%")


def test_losses_before_the_first_count_are_none_of_the_calls() -> None:
    """A browser counts from before the call's own test began."""
    seconds = tuple(replace(START, received=50 * n, lost=30) for n in range(11))
    assert lost_share(replace(GOOD, seconds=seconds)) == 0
    later = replace(seconds[-1], lost=80)
    assert lost_share(replace(GOOD, seconds=(*seconds[:-1], later))) == pytest.approx(50 / 550)


STOPPED = replace(
    SILENT,
    seconds=(SILENT.seconds[0], *(replace(each, received=100) for each in SILENT.seconds[1:])),
)
A_QUARTER = direction(0.25, lost=32)
A_QUARTER = replace(
    A_QUARTER,
    seconds=(START, replace(A_QUARTER.seconds[-1], received=START.received + 480)),
)
"""32 of 512 packets lost, and four times that made up, to the last bit."""


@pytest.mark.parametrize(
    ("heard", "load", "state"),
    [
        # each at its limit, and just over it; voice that was made up
        (call(direction(0.03), GOOD), None, CallState.GOOD),
        (call(direction(0.0301), GOOD), None, CallState.HELD_UP),
        # delay, on a quick line and on a slow one
        (call(GOOD, direction(delay_ms=400, trip_ms=500)), None, CallState.GOOD),
        (call(GOOD, direction(delay_ms=401, trip_ms=400)), None, CallState.HELD_UP),
        (call(GOOD, direction(delay_ms=401, trip_ms=401)), None, CallState.LATE),
        # the page's clock, sound that stood still, programs that waited, the processor
        (call(UNEVEN, GOOD, lag_ms=100), None, CallState.HELD_UP),
        (call(UNEVEN, GOOD, lag_ms=101), None, CallState.COMPUTER_TOO_SLOW),
        (replace(call(UNEVEN, GOOD), stood_ms=200), None, CallState.HELD_UP),
        (replace(call(UNEVEN, GOOD), stood_ms=201), None, CallState.COMPUTER_TOO_SLOW),
        (call(UNEVEN, GOOD), ComputerLoad(busy_share=0.5, late_ms=200), CallState.HELD_UP),
        (
            call(UNEVEN, GOOD),
            ComputerLoad(busy_share=0.5, late_ms=201),
            CallState.COMPUTER_TOO_SLOW,
        ),
        (call(UNEVEN, GOOD), ComputerLoad(busy_share=0.9), CallState.HELD_UP),
        (call(UNEVEN, GOOD), ComputerLoad(busy_share=0.901), CallState.COMPUTER_TOO_SLOW),
        # how loud it came out
        (call(GOOD, replace(GOOD, level_db=-20)), None, CallState.GOOD),
        (call(GOOD, replace(GOOD, level_db=-20.1)), None, CallState.FAINT),
        # a side that heard well beside one that heard nothing
        (call(direction(0.03), SILENT), None, CallState.ONE_WAY),
        (call(direction(0.0301), SILENT), None, CallState.GAPS),
        # two counts are too few to say that nothing came
        (call(GOOD, replace(SILENT, seconds=SILENT.seconds[:3])), None, CallState.ONE_WAY),
        (call(GOOD, replace(SILENT, seconds=SILENT.seconds[:2])), None, CallState.HELD_UP),
        # nor is nothing what came in the first second, and then no more
        (call(GOOD, STOPPED), None, CallState.GAPS),
        # a quarter of what was made up got lost: 8 of 408 packets, and 4 * 0.0196 = 0.0784
        (call(direction(0.0784, lost=10), GOOD), None, CallState.GAPS),
        (call(direction(0.0785, lost=10), GOOD), None, CallState.HELD_UP),
        (call(A_QUARTER, GOOD), None, CallState.HELD_UP),
    ],
)
def test_a_value_at_its_limit_is_within_it(
    heard: Called, load: ComputerLoad | None, state: CallState
) -> None:
    judged = judge(heard, loads=(load,) if load is not None else ())
    assert (judged.status, judged.summary) == (state.verdict.status, state.verdict.summary)


def test_one_packet_that_a_browser_counted_as_lost_tells_a_loss_from_what_was_never_sent() -> None:
    """Sequence numbers that are missing were sent."""
    one_lost = replace(UNSENT.seconds[-1], lost=1)
    lost = replace(UNSENT, seconds=(*UNSENT.seconds[:-1], one_lost))
    for heard, state in ((UNSENT, CallState.COMPUTER_TOO_SLOW), (lost, CallState.GAPS)):
        judged = judge(call(heard, GOOD), loads=(BUSY,))
        assert judged.summary == state.verdict.summary


def test_a_gap_that_began_before_the_first_count_is_not_counted_lost() -> None:
    """What was lost before is in both counts."""
    before = tuple(replace(each, lost=7) for each in UNSENT.seconds)
    judged = judge(call(replace(UNSENT, seconds=before), GOOD), loads=(BUSY,))
    assert judged.summary == CallState.COMPUTER_TOO_SLOW.verdict.summary


@pytest.mark.parametrize(("count", "told", "more"), [(8, 8, False), (9, 8, True)])
def test_only_the_first_dropouts_are_told(count: int, told: int, *, more: bool) -> None:
    missing = tuple(Dropout(start_s=float(number), length_s=0.1) for number in range(count))
    heard = judge(call(replace(GOOD, dropouts=missing)))
    [line] = [each.text for each in heard.details if each.label == "Speech missing"]
    assert line.count(" at ") == told
    assert line.endswith(", ...") is more


def test_a_second_without_a_sample_draws_no_column_and_more_than_all_is_all() -> None:
    counts = [(0, 0, 0), (0, 0, 0), (48_000, 60_000, 3), (96_000, 50_000, 1)]
    seconds = tuple(
        replace(START, received=50 * index, samples=samples, concealed=concealed, lost=lost)
        for index, (samples, concealed, lost) in enumerate(counts)
    )
    chart = judge(call(GOOD, replace(GOOD, seconds=seconds))).chart
    assert chart is not None
    columns = [
        (each.start_s, each.low, each.median, each.high, each.lost) for each in chart.columns
    ]
    # a browser's counter that goes back tells of nothing
    assert columns == [(1, 100, 100, 100, 3), (2, 0, 0, 0, 0)]
    assert chart.length_s == 2
    assert judge(call(replace(GOOD, seconds=seconds[:2]))).chart is None


@pytest.mark.parametrize(
    ("samples", "concealed", "share"), [(0, 0, 1.0), (1, 0, 0.0), (1, 1, 1.0), (2, 1, 0.5)]
)
def test_one_sample_is_something_that_was_played(
    samples: int, concealed: int, share: float
) -> None:
    after = replace(START, samples=START.samples + samples, concealed=START.concealed + concealed)
    assert concealed_share(replace(GOOD, seconds=(START, after))) == share


def test_nothing_made_up_is_nothing() -> None:
    assert concealed_share(GOOD) == 0
    # a counter that a browser began anew
    assert concealed_share(replace(GOOD, seconds=(GOOD.seconds[-1], START))) == 1
