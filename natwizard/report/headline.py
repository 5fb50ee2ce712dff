"""The answer in one breath: verdict, one sentence for the banner, what to fix first, the counts."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from natwizard.model.finding import FarEnd, Finding, Owner, Page, Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Readiness, Report
from natwizard.report.details import Fix, fixes_of
from natwizard.report.plain import Sanitised
from natwizard.report.words import (
    DOT,
    far_end_words,
    owner_object,
    owner_subject,
    status_count,
    verdict_status,
    verdict_words,
)

# The banner is taken in at a glance: a longer wording gives way to a shorter one
SENTENCE_LENGTH = 70
FIXES_SHOWN = 3

COUNTED = (
    Status.FAIL, Status.WARN, Status.BORDERLINE, Status.UNKNOWN, Status.MANUAL, Status.NOT_SET_UP,
)  # fmt: skip
QUIET = (Status.PASS, Status.NOT_APPLICABLE)

HOLDS_BACK = {
    Readiness.NOT_READY: {Status.FAIL},
    Readiness.COULD_NOT_TELL: {Status.UNKNOWN, Status.NOT_SET_UP},
    Readiness.READY_WITH_ADVICE: {Status.BORDERLINE, Status.WARN},
    Readiness.READY_TO_PUBLIC: {Status.BORDERLINE, Status.WARN, Status.NOT_SET_UP},
    Readiness.PARTLY_CHECKED: {Status.BORDERLINE, Status.WARN},
    Readiness.READY: {Status.MANUAL},
}


class StatusCount(Struct, frozen=True, kw_only=True):
    """How many findings have a status."""

    status: Status
    count: int


class Headline(Sanitised, frozen=True, kw_only=True):
    """What the banner and the block below it say, in every view.

    Attributes:
        status: whose glyph and colours the banner wears.
        title: "Not ready".
        sentence: at most 70 characters: what happens to the caller, and who acts.
        fix_first: at most three, worst first.
        fix_later: the rest, for "Show 2 more".
        counts: every status that occurs, in the order of the counts line.
        counts_line: "2 problems · 1 advice"; where all is well, "30 OK · 2 not needed". Then how
            many were not run, and whose servers answered.
    """

    status: Status
    title: str
    sentence: str
    fix_first: tuple[Fix, ...]
    fix_later: tuple[Fix, ...]
    counts: tuple[StatusCount, ...]
    counts_line: str


def report_headline(report: Report) -> Headline:
    """Read a report as a person in a hurry would."""
    fixes = fixes_of(report)
    counts = _counts(report.findings)
    return Headline(
        status=_banner_status(report),
        title=verdict_words(report.verdict),
        sentence=_sentence(report, fixes),
        fix_first=fixes[:FIXES_SHOWN],
        fix_later=fixes[FIXES_SHOWN:],
        counts=counts,
        counts_line=DOT.join(
            filter(None, (_counts_line(counts), _not_run(report), _measured_to(report)))
        ),
    )


def _banner_status(report: Report) -> Status:
    if report.verdict is Readiness.READY_WITH_ADVICE and _only_just(report):
        return Status.BORDERLINE
    return verdict_status(report.verdict)


def _only_just(report: Report) -> bool:
    return any(finding.status is Status.BORDERLINE for finding in report.findings)


def _counts(findings: Sequence[Finding]) -> tuple[StatusCount, ...]:
    found = Counter(finding.status for finding in findings)
    return tuple(
        StatusCount(status=status, count=found[status])
        for status in (*COUNTED, *QUIET)
        if found[status]
    )


def _measured_to(report: Report) -> str:
    """Whose servers answered, the service's first; empty where no row depends on that."""
    answered = {finding.far_end for finding in report.findings}
    named = ", ".join(far_end_words(kind) for kind in FarEnd if kind in answered)
    return _("measured to {far_ends}").format(far_ends=named) if named else ""


def _counts_line(counts: tuple[StatusCount, ...]) -> str:
    loud = tuple(entry for entry in counts if entry.status in COUNTED)
    return DOT.join(status_count(entry.status, entry.count) for entry in loud or counts)


def _not_run(report: Report) -> str:
    """ "34 not run"; empty where the whole role was checked."""
    left_out = len(report.left_out)
    text = ngettext("{count} not run", "{count} not run", left_out)
    return text.format(count=left_out) if left_out else ""


def partial_sentence(report: Report) -> str:
    """ "These 2 checks are fine; 34 were not run."

    What still waits for a person's answer or an address is not counted as fine.
    """
    left_out = len(report.left_out)
    run = [each for each in report.findings if each.status is Status.PASS]
    if any(finding.status in {Status.WARN, Status.BORDERLINE} for finding in report.findings):
        fine = _("Nothing here stands in the way")
    else:
        fine = ngettext("This check is fine", "These {run} checks are fine", len(run))
    rest = ngettext("{count} was not run", "{count} were not run", left_out)
    return _("{fine}; {rest}.").format(
        fine=fine.format(run=len(run)), rest=rest.format(count=left_out)
    )


def _sentence(report: Report, fixes: tuple[Fix, ...]) -> str:
    """The fullest wording that fits; other languages are longer, so there is always a shorter."""
    holding = [fix for fix in fixes if fix.status in HOLDS_BACK[report.verdict]]
    owners = tuple(dict.fromkeys(fix.owner for fix in holding if fix.owner is not None))
    effects = _effects(report, holding)
    whos = _whos(report.verdict, len(holding), owners)
    wordings = [f"{effect} {who}" for who in whos for effect in effects] + list(effects)
    return next((text for text in wordings if len(text) <= SENTENCE_LENGTH), effects[-1])


def _effects(report: Report, holding: Sequence[Fix]) -> tuple[str, ...]:
    """What happens to the caller: the longest wording first."""
    own = _effects_of_verdict(report, holding)
    if report.root_cause is not None and report.verdict is not Readiness.READY:
        return (report.root_cause.summary, *own)
    return own


def _effects_of_verdict(report: Report, holding: Sequence[Fix]) -> tuple[str, ...]:
    """What the verdict means, whatever its cause; never more than it says itself."""
    match report.verdict:
        case Readiness.READY:
            return _effects_of_ready(report, holding)
        case Readiness.READY_WITH_ADVICE:
            return _effects_of_advice(report)
        case Readiness.READY_TO_PUBLIC:
            return _effects_to_public(report)
        case Readiness.COULD_NOT_TELL:
            return _effects_of_unknown(report)
        case Readiness.NOT_READY:
            return _harm([fix.finding for fix in holding])
        case Readiness.PARTLY_CHECKED:
            return (partial_sentence(report),)


def _effects_of_unknown(report: Report) -> tuple[str, ...]:
    if _nothing_applied(report):
        return (_("Nothing was checked in this run."),)
    return (_("We could not see enough to be sure."), _("We cannot be sure yet."))


def _nothing_applied(report: Report) -> bool:
    return all(finding.status is Status.NOT_APPLICABLE for finding in report.findings)


def _effects_of_ready(report: Report, holding: Sequence[Fix]) -> tuple[str, ...]:
    if _nothing_applied(report):
        return (_("Nothing was checked in this run."),)
    untried = _untried(report)
    if untried:
        return tuple(
            _("Everything we measured is fine; {untried}.").format(untried=each) for each in untried
        )
    if holding:
        return (_("Everything we measured is fine."),)
    return (_("This computer and network meet every requirement."),)


def _effects_to_public(report: Report) -> tuple[str, ...]:
    """That the service was not tried stands in the title, too; an untried headset only here."""
    advised = {Status.WARN, Status.BORDERLINE}
    fine = not any(finding.far_end and finding.status in advised for finding in report.findings)
    text = (
        _("Your line is fit for calls; {untried}.")
        if fine
        else _("Nothing stands in the way; {untried}.")
    )
    waiting = [each for each in report.findings if each.status is Status.MANUAL and each.untried]
    if waiting:
        return tuple(text.format(untried=each.untried) for each in waiting)
    if fine:
        return (
            _("Your line is fit for calls. The service itself was not tried."),
            _("Your line is fit for calls; the service was not tried."),
        )
    return (
        text.format(untried=_("the service itself was not tried")),
        text.format(untried=_("the service was not tried")),
    )


def _effects_of_advice(report: Report) -> tuple[str, ...]:
    if _only_just(report):
        return (_("Calls will work here, but only just."), _("Calls work, only just."))
    untried = _untried(report)
    if untried:
        return tuple(
            _("Nothing stands in the way; {untried}.").format(untried=each) for each in untried
        )
    return (_("Calls will work here."),)


def _untried(report: Report) -> tuple[str, ...]:
    """What calls depend on and nobody tried: "calls will work" would claim too much."""
    return tuple(
        finding.untried
        for finding in report.findings
        if finding.untried and finding.required and finding.status in {Status.PASS, Status.MANUAL}
    )


def _harm(failed: Sequence[Finding]) -> tuple[str, ...]:
    if failed and all(finding.requirement.startswith("quality.") for finding in failed):
        return (_("Callers would hear you badly here."), _("Calls would sound bad."))
    if failed and all(finding.page in {Page.COMPUTER, Page.SCREEN} for finding in failed):
        return (_("The webphone would run badly here."), _("Calls would run badly."))
    if failed and all(finding.page is Page.CONNECTION for finding in failed):
        return (_("Calls would not be reliable here."), _("Calls would not hold."))
    return (_("Calls would not work here yet."), _("Calls would not work yet."))


def _whos(verdict: Readiness, count: int, owners: tuple[Owner, ...]) -> tuple[str, ...]:
    """Who acts: the fullest wording first; empty where there is nothing to do."""
    if not count or not owners:
        return ()
    if len(owners) == 1:
        return _one_owner(verdict, count, owners[0])
    if len(owners) == 2 and verdict in {Readiness.NOT_READY, Readiness.COULD_NOT_TELL}:
        first, second = owners
        pair = _("{first} and {second}").format(
            first=owner_object(first), second=owner_object(second)
        )
        return (_things_need(count, pair), *_shared(count))
    return _shared(count)


def _one_owner(verdict: Readiness, count: int, owner: Owner) -> tuple[str, ...]:
    if verdict is Readiness.READY:
        return (_can_confirm(count, owner), *_shared(count))
    if verdict in {Readiness.READY_WITH_ADVICE, Readiness.PARTLY_CHECKED}:
        return _can_improve(count, owner)
    return (_things_need(count, owner_object(owner)), _can_act(verdict, owner))


# "You" has sentences of its own: in other languages the verb is another one with it


def _can_confirm(count: int, owner: Owner) -> str:
    if owner is Owner.AGENT:
        return _("You can confirm the rest.")
    text = ngettext("{owner} can confirm the rest.", "{owner} can confirm the rest.", count)
    return text.format(owner=owner_subject(owner))


def _can_improve(count: int, owner: Owner) -> tuple[str, str]:
    """The things counted, and a shorter wording."""
    if owner is Owner.AGENT:
        text = ngettext("You can improve one thing.", "You can improve {count} things.", count)
        return text.format(count=count_word(count)), _("You can improve it.")
    text = ngettext("{owner} can improve one thing.", "{owner} can improve {count} things.", count)
    subject = owner_subject(owner)
    return (
        text.format(owner=subject, count=count_word(count)),
        _("{owner} can improve it.").format(owner=subject),
    )


def _can_act(verdict: Readiness, owner: Owner) -> str:
    if owner is Owner.AGENT:
        return _("You can fix it.") if verdict is Readiness.NOT_READY else _("You can settle it.")
    text = (
        _("{owner} can fix it.") if verdict is Readiness.NOT_READY else _("{owner} can settle it.")
    )
    return text.format(owner=owner_subject(owner))


def _things_need(count: int, who: str) -> str:
    text = ngettext("{count} thing needs {who}.", "{count} things need {who}.", count)
    return text.format(count=_capital(count_word(count)), who=who)


def _shared(count: int) -> tuple[str, ...]:
    text = ngettext("{count} thing to do, see below.", "{count} things to do, see below.", count)
    return (text.format(count=_capital(count_word(count))),)


def count_word(count: int) -> str:
    """Small numbers as words, for sentences."""
    words = (_("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"),
             _("eight"), _("nine"), _("ten"))  # fmt: skip
    return words[count - 1] if 0 < count <= len(words) else str(count)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
