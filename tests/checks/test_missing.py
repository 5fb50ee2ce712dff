"""Missing evidence: unknown or not set up, in plain words, with an owner."""

import pytest
from languages.writing_rules import faults_of

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
    unset = code is FailureCode.NO_TARGET
    assert judgement.status is (Status.NOT_SET_UP if unset else Status.UNKNOWN)
    assert judgement.expected == "loss under 1 %"
    assert judgement.remedy is not None
    assert len(judgement.summary.split()) <= 12
    assert judgement.summary.endswith(".")
    assert unset or judgement.details[0].text == f"{failure_words(code)} (targets.media)"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_that_could_not_look_says_so_without_jargon(check: AnyCheck) -> None:
    failure = Failure(code=FailureCode.TIMED_OUT, operation="look", detail="")
    assert not faults_of(missing_evidence.judge_missing(check.title, "an answer", failure))


def test_no_failure_is_left_without_words() -> None:
    assert set(FAILURE_WORDS) == set(FailureCode)
    assert len({failure_words(code) for code in FailureCode}) == len(FailureCode)


def test_a_missing_target_is_not_set_up_and_only_a_detail_names_the_setting() -> None:
    failure = Failure(code=FailureCode.NO_TARGET, operation="read", detail="targets.media")
    judgement = judge_missing("Packet loss", "", failure)
    assert judgement.status is Status.NOT_SET_UP
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.HELPDESK
    told = (judgement.summary, judgement.observed, judgement.remedy.text, judgement.remedy.request)
    assert not any("targets." in text for text in told)
    assert [detail.text for detail in judgement.details] == ["targets.media"]
