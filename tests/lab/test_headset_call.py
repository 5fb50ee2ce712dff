"""Real calls in Chromium and Firefox through coturn, over lines with known faults."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.topology.call_lab import HOST, MISSING, NEEDS, PORT, SERVER, CallLab

from natwizard.checks.base import Inputs
from natwizard.checks.quality_call import QUALITY_CALL, CallLimits, CallState, concealed_share
from natwizard.model.finding import Judgement
from natwizard.model.outcome import Gathered
from natwizard.probes.headset import HEADSET, HeadsetEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("calls"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(MISSING, reason=NEEDS),
]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[CallLab]:
    with CallLab(tmp_path).built() as built:
        yield built


def judged(evidence: HeadsetEvidence) -> Judgement:
    return QUALITY_CALL.bind({})(Inputs(outcomes={HEADSET.name: Gathered(evidence=evidence)}))


def was_busy(evidence: HeadsetEvidence) -> bool:
    limits = CallLimits()
    return any(
        load.busy_share > limits.most_busy
        or max(load.late_ms, call.stood_ms) > limits.most_stood_ms
        or call.lag_ms > limits.most_lag_ms
        for call, load in zip(evidence.calls, evidence.loads, strict=True)
    )


def says(evidence: HeadsetEvidence, state: CallState) -> bool:
    """This verdict; on a computer that was busy with other tests it may be that, and only that."""
    judgement = judged(evidence)
    if was_busy(evidence) and judgement.summary == CallState.COMPUTER_TOO_SLOW.verdict.summary:
        return judgement.status is CallState.COMPUTER_TOO_SLOW.verdict.status
    assert judgement.summary == state.verdict.summary, (judgement, evidence.calls)
    return judgement.status is state.verdict.status


def concealed(evidence: HeadsetEvidence) -> float:
    """The mean of all directions."""
    shares = [concealed_share(each) for call in evidence.calls for each in call.directions]
    return sum(shares) / len(shares)


def delays(evidence: HeadsetEvidence) -> list[float]:
    return [each.delay_ms for call in evidence.calls for each in call.directions]


@pytest.mark.parametrize("browser", ["chromium", pytest.param("firefox", marks=pytest.mark.voice)])
def test_a_healthy_line_carries_both_codecs_both_ways(lab: CallLab, browser: str) -> None:
    if browser == "firefox" and shutil.which("firefox-esr") is None:
        pytest.skip("needs firefox-esr")
    evidence = lab.call(browser, HOST if browser == "firefox" else SERVER)
    assert [call.codec for call in evidence.calls] == ["opus", "pcmu"]
    assert all(len(call.directions) == 2 for call in evidence.calls)
    assert {call.tried[-1].transport for call in evidence.calls} == {"udp"}
    assert says(evidence, CallState.GOOD)
    beside = [each.transport for each in evidence.fallbacks if each.connected]
    assert beside == ["tcp", "tls"], evidence.fallbacks
    assert all(0 < delay < 400 for delay in delays(evidence))
    for call in evidence.calls:
        for direction in call.directions:
            assert direction.seconds[-1].received > direction.seconds[0].received
            assert abs(direction.level_db) < 6
            assert not direction.dropouts


def test_what_the_line_loses_the_browser_makes_up(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp numgen random mod 100 < 8 drop")
    evidence = lab.call()
    # what one end says crosses the line twice: 15 % of it is lost
    assert 0.06 < concealed(evidence) < 0.3
    assert says(evidence, CallState.GAPS)


def test_a_long_way_is_heard_as_late(tmp_path: Path) -> None:
    with CallLab(tmp_path).built(delay_ms=200) as lab:
        evidence = lab.call()
    # what one end says goes to the server and back: twice 200 ms
    assert all(delay > 400 for delay in delays(evidence))
    assert says(evidence, CallState.LATE)


def test_a_line_that_is_too_narrow_for_one_codec_loses_packets(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp limit rate over 16 kbytes/second burst 3 kbytes drop")
    evidence = lab.call()
    opus, pcmu = (max(map(concealed_share, each.directions)) for each in evidence.calls)
    assert opus < pcmu
    assert pcmu > CallLimits().most_concealed
    assert says(evidence, CallState.GAPS)


def test_an_uneven_line_is_not_taken_for_one_that_loses(tmp_path: Path) -> None:
    """Packets overtake each other by up to 120 ms each way, and all of them arrive."""
    with CallLab(tmp_path).built(delay_ms=10, jitter_ms=120) as lab:
        evidence = lab.call()
    assert max(second.buffer_ms for call in evidence.calls for each in call.directions
               for second in each.seconds) > 60  # fmt: skip
    innocent = {CallState.GAPS, CallState.BROWSER_LOSES, CallState.NO_UDP, CallState.ONE_WAY}
    said = judged(evidence).summary
    assert said not in {each.verdict.summary for each in innocent}, evidence.calls


def test_a_detour_that_loses_packets_is_told_as_the_detour(lab: CallLab) -> None:
    """By TCP nothing is lost to a call: it comes late."""
    lab.firewall("meta l4proto udp drop", "meta l4proto tcp numgen random mod 100 < 5 drop")
    evidence = lab.call()
    detours = {CallState.NO_UDP.verdict.summary, CallState.NO_UDP_HEARD.verdict.summary}
    assert judged(evidence).summary in detours, evidence.calls
    assert judged(evidence).observed.endswith("over TCP")


def test_where_udp_is_shut_the_call_goes_by_tcp_and_says_so(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp drop")
    evidence = lab.call()
    assert [each.transport for each in evidence.calls[0].tried] == ["udp", "tcp"]
    assert [each.transport for each in evidence.calls[1].tried] == ["tcp"]
    assert says(evidence, CallState.NO_UDP)
    assert judged(evidence).observed.endswith("over TCP")


@pytest.mark.parametrize("browser", ["chromium", pytest.param("firefox", marks=pytest.mark.voice)])
def test_where_only_https_gets_out_the_call_goes_by_tls_and_says_so(
    lab: CallLab, browser: str
) -> None:
    lab.firewall("meta l4proto udp drop", f"tcp dport {PORT} drop")
    evidence = lab.call(browser, HOST if browser == "firefox" else SERVER)
    assert [each.transport for each in evidence.calls[0].tried] == ["udp", "tcp", "tls"]
    assert evidence.calls[0].directions, evidence.calls
    assert [each.transport for each in evidence.calls[1].tried] == ["tls"]
    assert says(evidence, CallState.NO_UDP)
    assert judged(evidence).observed.endswith("over TLS on port 443")


def test_where_all_is_shut_there_is_no_call(lab: CallLab) -> None:
    lab.firewall("meta l4proto udp drop", "meta l4proto tcp reject with tcp reset")
    evidence = lab.call()
    assert [each.transport for each in evidence.calls[0].tried] == ["udp", "tcp", "tls"]
    assert says(evidence, CallState.NO_CALL)


def test_a_gap_in_the_line_is_a_gap_in_what_is_heard(lab: CallLab) -> None:
    with lab.stuttering():
        evidence = lab.call()
    assert says(evidence, CallState.GAPS)
    found = [each for call in evidence.calls for way in call.directions for each in way.dropouts]
    assert found
    assert all(0.06 <= each.length_s < 1 for each in found)
