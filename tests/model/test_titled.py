"""A line that begins with a finding's name says it once, in each language."""

import pytest
from gui.example_run import finding
from msgspec import structs

from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.languages import NAMES, language_of
from natwizard.model.finding import Finding, Page, titled
from natwizard.model.outcome import Failure, FailureCode


def jitter(summary: str, title: str = "Jitter") -> Finding:
    return finding("quality.jitter", Page.UDP_MEDIA, title, summary, "2 ms", "20 ms")


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("title", ["Jitter", "TCP 80 (http)", "Call quality"])
def test_what_could_not_be_measured_is_named_once(code: str, title: str) -> None:
    failure = Failure(code=FailureCode.MACHINE_BUSY, operation="media")
    with language_of(code):
        told = judge_missing(title, "", failure)
        line = titled(jitter(told.summary, title))
    assert line.count(title) == 1
    assert line == told.summary


def test_a_sentence_that_names_no_check_has_the_name_before_it() -> None:
    made = jitter("Your connection is steady.")
    assert titled(made) == "Jitter: Your connection is steady."
    with language_of("fr"):
        assert titled(made) == "Jitter\u00a0: Your connection is steady."
    assert titled(structs.replace(made, summary="Jitters are many.")).startswith("Jitter: ")
