"""The headset page's visit on real sockets: what a person does, and what is kept."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from cases.page_cases import INSTANCE
from probes.browser_page.test_browser_check import HandMadeBrowser
from servers.udp_lab import make_context, run

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.browser_page.steps import HeadsetStage, MicrophoneTrouble, decode_step
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.failures import CannotGather
from natwizard.probes.headset import PATIENCE_S, HeadsetEvidence, gather

OTHER_TAB = "e" * 32
FIGURES = {
    "length_s": 4.02, "speech_s": 1.9, "peak_dbfs": -4.8, "silent": False, "speech_dbfs": -22.1,
    "noise_dbfs": -64.7, "clipped": 0, "hum_dbfs": -120, "hum_hz": 0, "bandwidth_hz": 10500,
}  # fmt: skip
RECORDED = {
    "device": "Kim's AirPods", "sample_rate_hz": 48000, "output_rate_hz": 44100, "channels": 1,
    "default_is_communications": None, "figures": FIGURES,
}  # fmt: skip
REFUSED = {"trouble": "denied", "error": "NotAllowedError: Permission denied"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for state in PATIENCE_S:
        monkeypatch.setitem(PATIENCE_S, state, 0.8)


def visited(
    behaviour: Callable[[HandMadeBrowser], None],
    targets: Targets | None = None,
    addresses: list[str] | None = None,
) -> tuple[HeadsetEvidence, list[str]]:
    """The evidence, and what the wizard said meanwhile."""
    told: list[str] = []
    broke: list[BaseException] = []
    browser = HandMadeBrowser("")

    def open_page(url: str) -> bool:
        browser.url = url
        if addresses is not None:
            addresses.append(url)

        def behave() -> None:
            try:
                browser.arrive()
                behaviour(browser)
            except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
                broke.append(error)

        threading.Thread(target=behave).start()
        return True

    def progress(_fraction: float, text: str, _columns: object = ()) -> None:
        told.append(text)

    context = replace(make_context(targets or Targets()), open_page=open_page, progress=progress)
    evidence = run(gather(context))
    if broke:
        raise broke[0]
    return evidence, told


def speaks(browser: HandMadeBrowser) -> None:
    for stage in ("asking", "recording"):
        browser.post("at_stage", stage=stage)
    browser.post("recorded", **RECORDED)
    for stage in ("playing", "question"):
        browser.post("at_stage", stage=stage)


def test_a_whole_test_brings_figures_and_an_answer() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        page = browser.ask()
        assert b"headset.js" in page.content  # type: ignore[attr-defined]
        task = json.loads(browser.hello().content)  # type: ignore[attr-defined]
        assert task["turn"] is None
        speaks(browser)
        browser.post("heard", yes=True)
        browser.post("done")
        assert set(browser.answers) == {200, 204}

    evidence, told = visited(behaviour)
    assert evidence.state is PageState.FINISHED
    assert evidence.recorded is not None
    assert evidence.recorded.figures.speech_dbfs == -22.1
    assert evidence.heard is True
    assert "Say: one, two, three, four" in told
    assert told[-1] == "The headset test is done"


TURN = Targets(turn="turn.example.com", turn_user="agent", turn_password="secret")
TRIED = {"transport": "udp", "connected": False, "setup_ms": 8000, "error": "Error: late"}


def test_the_page_is_told_every_way_to_the_relay_and_evidence_holds_no_password() -> None:
    tasks: list[dict[str, list[dict[str, str]]]] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        tasks.append(json.loads(browser.hello().content))  # type: ignore[attr-defined]
        speaks(browser)
        browser.post("heard", yes=True)
        for codec in ("opus", "pcmu", "opus"):
            browser.post("called", codec=codec, tried=[TRIED])
        browser.post("fallbacks", tried=[TRIED | {"transport": "tcp", "connected": True}])
        browser.post("done")

    evidence, _told = visited(behaviour, TURN)
    assert [(each.transport, each.connected) for each in evidence.fallbacks] == [("tcp", True)]
    assert [(each["transport"], each["urls"]) for each in tasks[0]["relays"]] == [
        ("udp", "turn:turn.example.com:3478?transport=udp"),
        ("tcp", "turn:turn.example.com:3478?transport=tcp"),
        ("tls", "turns:turn.example.com:443?transport=tcp"),
    ]
    assert evidence.call_target == TURN.turn
    assert [call.codec for call in evidence.calls] == ["opus", "pcmu"]
    assert len(evidence.loads) == 2
    assert b"secret" not in msgspec.json.encode(evidence)


def test_a_new_recording_forgets_the_call_of_the_last() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        speaks(browser)
        browser.post("heard", yes=True)
        browser.post("called", codec="opus", tried=[TRIED])
        browser.post("fallbacks", tried=[TRIED])
        speaks(browser)
        browser.post("done")

    evidence, _told = visited(behaviour, TURN)
    assert (evidence.heard, evidence.calls, evidence.loads) == (None, (), ())
    assert evidence.fallbacks == ()


def test_no_password_is_given_away_once_somebody_else_has_brought_the_address() -> None:
    tasks: list[dict[str, object]] = []

    addresses: list[str] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        [told] = addresses
        assert HandMadeBrowser(told).ask().status == 410
        tasks.append(json.loads(browser.hello().content))  # type: ignore[attr-defined]
        browser.post("done")

    visited(behaviour, TURN, addresses)
    assert tasks[0]["relays"] == []


def test_a_new_try_takes_the_place_of_the_last() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        browser.post("refused", **REFUSED)
        speaks(browser)
        browser.post("heard", yes=False)
        browser.post("refused", trouble="unplugged")
        browser.post("done")

    evidence, _told = visited(behaviour)
    assert evidence.refused is not None
    assert evidence.refused.trouble is MicrophoneTrouble.UNPLUGGED
    assert evidence.refused_load is not None
    assert evidence.recorded is None
    assert evidence.heard is None


def test_a_closed_tab_keeps_what_it_brought() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        speaks(browser)
        browser.post("closed")

    evidence, _told = visited(behaviour)
    assert evidence.state is PageState.CLOSED_EARLY
    assert evidence.stage is HeadsetStage.QUESTION
    assert evidence.recorded is not None
    assert evidence.heard is None


def test_a_reloaded_page_starts_over() -> None:
    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        speaks(browser)
        browser.post("closed")
        browser.hello(OTHER_TAB)
        browser.post("done", instance=OTHER_TAB)

    evidence, _told = visited(behaviour)
    assert (evidence.state, evidence.recorded) == (PageState.FINISHED, None)


def test_a_second_tab_is_told_and_spoils_nothing() -> None:
    statuses: list[int] = []

    def behaviour(browser: HandMadeBrowser) -> None:
        browser.hello()
        speaks(browser)
        statuses.append(browser.hello(OTHER_TAB).status)
        statuses.append(browser.post("refused", instance=OTHER_TAB, **REFUSED).status)
        browser.post("done")

    evidence, _told = visited(behaviour)
    assert statuses == [409, 409]
    assert evidence.recorded is not None


def test_a_person_who_does_nothing_ends_it_too() -> None:
    evidence, _told = visited(lambda browser: void(browser.ask(), browser.hello()))
    assert evidence.state is PageState.RUNNING
    assert evidence.stage is HeadsetStage.OFFERED


def test_a_run_that_opens_no_browser_tries_nothing() -> None:
    with pytest.raises(CannotGather) as missed:
        run(gather(make_context(Targets())))
    assert missed.value.failure.code is FailureCode.NOT_RUN


@pytest.mark.parametrize(
    "changed",
    [
        {"figures": FIGURES | {"clipped": 1.5}},
        {"figures": FIGURES | {"peak_dbfs": "loud"}},
        {"figures": FIGURES | {"hum_hz": 55}},
        {"figures": FIGURES | {"samples": [0.1] * 10}},
        {"device": "x" * 201},
        {"channels": 0},
        {"samples": [0.1, 0.2]},
    ],
)
def test_figures_that_make_no_sense_and_samples_are_refused(changed: dict[str, object]) -> None:
    step = {"step": "recorded", "instance": INSTANCE} | RECORDED
    decode_step(json.dumps(step).encode())
    with pytest.raises(msgspec.MsgspecError):
        decode_step(json.dumps(step | changed).encode())


def void(*_things: object) -> None:
    """For lambdas that do several things."""
