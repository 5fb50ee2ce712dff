"""A saved report judged again by another plan. Pure: measures nothing."""

import msgspec

from natwizard.checks.base import Inputs
from natwizard.model.language import current_language
from natwizard.model.report import ProfileUsed, Report
from natwizard.run.answering import answered, answers_of
from natwizard.run.conclusion import conclude
from natwizard.run.judging import decode_outcomes, facts_of, judge_row
from natwizard.run.plan import RunPlan


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
