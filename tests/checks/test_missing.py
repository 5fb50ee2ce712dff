"""Missing evidence: always unknown, in plain words, with an owner."""

import pytest
from words import faults_of

from natwizard.checks.base import AnyCheck
from natwizard.checks.catalogue import CHECKS
from natwizard.checks.shared import missing_evidence
from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.checks.shared.number_format import FAILURE_WORDS, failure_words
from natwizard.model.finding import Owner, Status
from natwizard.model.outcome import Failure, FailureCode


@pytest.mark.parametrize("code", FailureCode)
def test_every_failure_has_words_a_remedy_and_an_owner(code: FailureCode) -> None:
    failure = Failure(code=code, operation="look", detail="targets.media")
    judgement = judge_missing("Packet loss", "loss under 1 %", failure)
    assert judgement.status is Status.UNKNOWN
    assert judgement.expected == "loss under 1 %"
    assert judgement.remedy is not None
    assert len(judgement.summary.split()) <= 12
    assert judgement.summary.endswith(".")
    assert code.value in judgement.details[0].text


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_that_could_not_look_says_so_without_jargon(check: AnyCheck) -> None:
    failure = Failure(code=FailureCode.TIMED_OUT, operation="look", detail="")
    assert not faults_of(missing_evidence.judge_missing(check.title, "an answer", failure))


def test_no_failure_is_left_without_words() -> None:
    assert set(FAILURE_WORDS) == set(FailureCode)
    assert len({failure_words(code) for code in FailureCode}) == len(FailureCode)


def test_a_missing_target_names_its_setting_and_the_helpdesk() -> None:
    failure = Failure(code=FailureCode.NO_TARGET, operation="read", detail="targets.media")
    judgement = judge_missing("Packet loss", "", failure)
    assert "targets.media" in judgement.observed
    assert judgement.remedy is not None
    assert "targets.media" in judgement.remedy.text
    assert judgement.remedy.owner is Owner.HELPDESK
