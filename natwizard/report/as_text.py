"""A report as plain text: for terminals without colours, mails and chats."""

import textwrap
import unicodedata
from collections.abc import Sequence

from natwizard.languages import language_of
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import (
    answer_mark,
    answer_words,
    checklist_line,
    result_word,
)
from natwizard.report.details import Fix, severity
from natwizard.report.facts import report_facts
from natwizard.report.headline import Headline, report_headline
from natwizard.report.plain import plain
from natwizard.report.plan_words import allowance_words, amount_words, bandwidth_words
from natwizard.report.words import DOT, owner_name, status_word

NARROWEST = 24
TABLE_FROM = 72
GAP = 2
INDENT = 3


def report_text(report: Report, width: int = 80) -> str:
    """The whole report, no line wider than `width` columns (24 at least)."""
    with language_of(report.language):
        return _report_text(report, max(width, NARROWEST))


def _report_text(report: Report, width: int) -> str:
    headline = report_headline(report)
    facts = report_facts(report)
    blocks = [
        _banner(headline, width),
        _fix_first(headline, width),
        _table(report.findings, width) if width >= TABLE_FROM else _list(report.findings, width),
        _wrap(headline.counts_line, width),
        _org(report, width),
        _checklist(report, width),
        _wrap(DOT.join((facts.workstation, facts.role, facts.tested, facts.took)), width),
        _wrap(facts.foot, width),
        _wrap(_run_code(report), width),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _org(report: Report, width: int) -> list[str]:
    """A line a plan: the whole, and how far the allowance goes."""
    if report.plan is None:
        return []
    lines = [_("Plan for the org")]
    for plan in report.plan.plans:
        allowed = allowance_words(plan.allowance, plan.unit) if plan.allowance else ""
        a_day = _("{amount} a day").format(amount=amount_words(plan.total.per_day, plan.unit))
        text = labelled(plain(plan.title), f"{a_day}. {allowed}".strip())
        lines += _wrap(text, width, hang=2)
    if report.plan.bandwidth is not None:
        lines += _wrap(" ".join(bandwidth_words(report.plan.bandwidth)).strip(), width, hang=2)
    return lines


def _checklist(report: Report, width: int) -> list[str]:
    if not report.checklist:
        return []
    lines = [_("Checklist: {line}").format(line=checklist_line(report.checklist))]
    for item in report.checklist:
        box = answer_mark(item.answer)
        told = answer_words(item.answer) if item.answer is not None else owner_name(item.owner)
        lines += _wrap(plain(f"{box} {item.text} ({told})"), width, hang=4)
    return lines


def copy_for_helpdesk(report: Report) -> str:
    """What an agent pastes into a chat: no columns, for nobody knows the font there."""
    with language_of(report.language):
        return _helpdesk_text(report)


def _helpdesk_text(report: Report) -> str:
    headline = report_headline(report)
    facts = report_facts(report)
    loud = sorted((finding for finding in report.findings if _is_loud(finding)), key=severity)
    quiet = [plain(finding.title) for finding in report.findings if finding.status is Status.PASS]
    lines = [labelled(headline.title, headline.sentence)]
    for number, fix in enumerate((*headline.fix_first, *headline.fix_later), 1):
        lines.append(f"{number}. {plain(fix.title)}")
        if fix.text:
            lines.append(f"   {_remedy(fix)}")
    lines.append("")
    lines += [_one_line(finding) for finding in loud]
    if quiet:
        lines.append(labelled(status_word(Status.PASS), ", ".join(quiet)))
    lines += [
        "",
        DOT.join((facts.workstation, facts.role, facts.tested, facts.took)),
        facts.foot,
        _run_code(report),
    ]
    return "\n".join(lines) + "\n"


def _is_loud(finding: Finding) -> bool:
    return finding.status not in {Status.PASS, Status.NOT_APPLICABLE}


def _one_line(finding: Finding) -> str:
    text = _("{status}: {title}: {observed} (needed: {expected})")
    return plain(
        text.format(
            status=result_word(finding),
            title=finding.title,
            observed=finding.observed,
            expected=finding.expected,
        )
    )


def _run_code(report: Report) -> str:
    return _("Run code: {code}").format(code=plain(report.run_code))


def _banner(headline: Headline, width: int) -> list[str]:
    return [*_wrap(headline.title.upper(), width), *_wrap(headline.sentence, width)]


def _fix_first(headline: Headline, width: int) -> list[str]:
    if not headline.fix_first:
        return []
    lines = [_("Fix first")]
    for number, fix in enumerate(headline.fix_first, 1):
        lines += _wrap(f"{number}. {plain(fix.title)}", width, hang=INDENT)
        if fix.text:
            lines += _wrap(" " * INDENT + _remedy(fix), width, hang=INDENT)
    later = len(headline.fix_later)
    if later:
        more = ngettext("and {count} more", "and {count} more", later).format(count=later)
        lines += _wrap(" " * INDENT + more, width, hang=INDENT)
    return lines


def _remedy(fix: Fix) -> str:
    return plain(labelled(owner_name(fix.owner), fix.text) if fix.owner is not None else fix.text)


def _list(findings: Sequence[Finding], width: int) -> list[str]:
    """For narrow terminals: one paragraph a finding."""
    return [line for finding in findings for line in _wrap(_one_line(finding), width, hang=2)]


def _table(findings: Sequence[Finding], width: int) -> list[str]:
    head = (_("Result"), _("Check"), _("Measured"), _("Needed"))
    rows = [head]
    rows += [
        (
            result_word(finding),
            plain(finding.title),
            plain(finding.observed),
            plain(finding.expected),
        )
        for finding in findings
    ]
    widths = _column_widths(rows, width)
    lines = _cells(head, widths)
    lines.append("  ".join("-" * column for column in widths))
    for row in rows[1:]:
        lines += _cells(row, widths)
    return lines


def _column_widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The first column as wide as its words; the others share the rest by what they need."""
    natural = [max(display_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    room = width - GAP * (len(natural) - 1) - natural[0]
    wanted = natural[1:]
    fair = room // len(wanted)
    spare = room - sum(min(want, fair) for want in wanted)
    widths = [natural[0]]
    for want in wanted:
        extra = min(max(0, want - fair), spare)
        spare -= extra
        widths.append(min(want, fair) + extra)
    return widths


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [_wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, wrapped))
    lines = []
    for number in range(height):
        cells = [cell[number] if number < len(cell) else "" for cell in wrapped]
        padded = (
            cell + " " * (width - display_width(cell))
            for cell, width in zip(cells, widths, strict=True)
        )
        lines.append((" " * GAP).join(padded).rstrip())
    return lines


def _wrap(text: str, width: int, *, hang: int = 0) -> list[str]:
    """Lines of at most `width` columns; wide characters count twice."""
    lines = textwrap.wrap(text, width, subsequent_indent=" " * hang, break_on_hyphens=False)
    if all(display_width(line) <= width for line in lines):
        return lines
    return textwrap.wrap(text, max(2, width // 2), subsequent_indent=" " * min(hang, width // 4))


def display_width(text: str) -> int:
    """Columns that a terminal gives the text: East Asian wide characters take two, marks none."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
