"""A saved report judged again by another plan. Pure: measures nothing."""

import msgspec

from natwizard.checks.base import Inputs
from natwizard.model.language import current_language
from natwizard.model.profile import Profile
from natwizard.model.report import ProfileUsed, Report
from natwizard.run.answering import answered, answers_of
from natwizard.run.conclusion import conclude
from natwizard.run.judging import decode_outcomes, facts_of, judge_row
from natwizard.run.plan import RunPlan, make_plan


def rejudge(saved: Report, plan: RunPlan) -> Report:
    """The same evidence, run, machine and answers; findings, verdict and profile of the plan.

    The sentences are in the language of now.
    """
    outcomes = decode_outcomes(saved.outcomes, plan.probes())
    said = answers_of(saved)
    inputs = Inputs(outcomes=outcomes, answers=plan.answers)
    judged = tuple(judge_row(row, inputs) for row in plan.rows)
    findings = tuple(answered(each.finding, said.get(each.finding.check)) for each in judged)
    concluded = conclude(findings, facts_of(judged), inputs.line, partial=bool(plan.left_out))
    return msgspec.structs.replace(
        saved,
        profile=ProfileUsed(
            name=plan.profile.name,
            version=plan.profile.version,
            location=plan.location,
            targets=saved.profile.targets,
        ),
        answers=plan.answers,
        verdict=concluded.verdict,
        root_cause=concluded.root_cause,
        findings=concluded.findings,
        left_out=plan.left_out_now(),
        language=current_language().code,
    )


def in_current_language(saved: Report, profile: Profile) -> Report:
    """A saved report with the sentences of now, to stand beside another; its verdicts stay.

    Its evidence is judged again for the words. Where that comes to another status, as by a
    profile with other limits, or by a check that has changed, the saved finding stays as it was.
    """
    if saved.language == current_language().code:
        return saved
    plan = make_plan(profile, saved.answers, location=saved.profile.location)
    judged = {finding.check: finding for finding in rejudge(saved, plan).findings}
    return msgspec.structs.replace(
        saved,
        findings=tuple(
            found
            if (found := judged.get(finding.check)) is not None and found.status is finding.status
            else finding
            for finding in saved.findings
        ),
        language=current_language().code,
    )
