"""When this computer itself could not try, nobody on the way is to blame.

A rule reads silence as somebody's doing. Where nothing failed but sockets that this computer would
not open, or packets that it would not send, there was no silence: nothing was tried.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Outcome, failures_in
from natwizard.probes.base import Probe

OWN_TROUBLE: Final = frozenset(
    {FailureCode.OTHER, FailureCode.MACHINE_BUSY, FailureCode.BLOCKED_HERE}
)
"""This computer itself could not try: no evidence against anything on the way."""

SAYS_NOTHING: Final = frozenset({FailureCode.NOT_SUPPORTED, FailureCode.NO_TARGET})
"""Beside it: of a family of addresses that this computer has not, or of nothing to try."""


def own_trouble_of(
    needs: tuple[Probe[object], ...], outcomes: Mapping[str, Outcome[object]]
) -> FailureCode | None:
    """The first trouble of this computer's own, where nothing else failed at all."""
    found = [outcomes.get(probe.name) for probe in needs]
    codes = [
        code
        for outcome in found
        if isinstance(outcome, Gathered)
        for code in failures_in(outcome.evidence)
        if code not in SAYS_NOTHING
    ]
    return codes[0] if codes and OWN_TROUBLE.issuperset(codes) else None


def without_blame(judged: Judgement, check: str, title: str, code: FailureCode | None) -> Judgement:
    """The judgement of a check that reads silence, or could-not-tell where it rests on what this
    computer could not try.

    Args:
        code: its own trouble, or None.
    """
    if judged.status not in {Status.FAIL, Status.WARN, Status.BORDERLINE, Status.UNKNOWN}:
        return judged
    if code is None:
        return judged
    missing = judge_missing(title, judged.expected, Failure(code=code, operation=check))
    return replace(
        judged,
        status=missing.status,
        summary=missing.summary,
        remedy=missing.remedy,
        gauge=None,
        facts=missing.facts,
    )
