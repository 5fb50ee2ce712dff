"""A comparison in words, for a terminal, a mail or the clipboard."""

from natwizard.model.finding import Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Readiness
from natwizard.model.writing import labelled
from natwizard.report.compare import Comparison
from natwizard.report.facts import moment_words
from natwizard.report.words import status_word, verdict_words


def comparison_text(comparison: Comparison) -> str:
    """The comparison for a terminal or a mail."""
    lines = [
        _run_line(_("Before"), comparison.started_before, comparison.code_before,
                  comparison.verdict_before),
        _run_line(_("After"), comparison.started_after, comparison.code_after,
                  comparison.verdict_after),
    ]  # fmt: skip
    if not comparison.same_terms:
        lines.append(other_terms_words())
    if not comparison.same_extent:
        lines.append(other_extent_words())
    lines.append("")
    for change in comparison.statuses:
        words = f"{standing_word(change.before)} -> {standing_word(change.after)}"
        lines.append(labelled(change.title, words))
        noise = f" ({within_noise_words()})" if change.within_noise else ""
        lines.append(f"   {arrow(change.observed_before, change.observed_after)}{noise}")
    if comparison.values:
        lines += ([""] if comparison.statuses else []) + [_("Same result, other values")]
        lines += [
            labelled(change.title, arrow(change.observed_before, change.observed_after))
            for change in comparison.values
        ]
    if not comparison.statuses and not comparison.values:
        lines.append(nothing_changed_words())
    if comparison.unchanged:
        lines += ["", unchanged_words(len(comparison.unchanged))]
    return "\n".join(lines) + "\n"


def _run_line(label: str, started: str, code: str, verdict: Readiness) -> str:
    return labelled(label, f"{verdict_words(verdict)}, {moment_words(started)}, {code}")


def standing_word(status: Status | None) -> str:
    """The status in a word, also where a run does not have the check."""
    return status_word(status) if status is not None else _("not in this run")


def arrow(before: str, after: str) -> str:
    """ "34 ms -> 52 ms"; one side alone where the other said nothing, or the same."""
    if before == after or not before or not after:
        return after or before
    return f"{before} -> {after}"


def other_extent_words() -> str:
    """Said where one of the runs is a part of one."""
    return _("The runs did not try the same checks: their verdicts cannot be compared.")


def other_terms_words() -> str:
    """Said where the two runs were not judged by the same limits."""
    return _("The profile or the role was another, so limits may differ.")


def within_noise_words() -> str:
    """Why another status may mean nothing."""
    return _("the values moved no more than measuring again would")


def nothing_changed_words() -> str:
    """Said where both lists are empty."""
    return _("Nothing changed beyond what measuring again does.")


def unchanged_words(count: int) -> str:
    """The line that stands for what is as before."""
    return ngettext("{count} result is as before.", "{count} results are as before.", count).format(
        count=count
    )
