"""How answers of people read, in every view."""

from collections.abc import Sequence

from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _, ngettext
from natwizard.model.quantity import Confirmation, Reply
from natwizard.model.writing import day_words
from natwizard.report.words import status_word


def result_word(finding: Finding) -> str:
    """The word beside the glyph: what a person confirmed is not called measured."""
    if finding.answer is not None and finding.status is Status.PASS:
        return _("Confirmed")
    return status_word(finding.status)


def answer_words(answer: Confirmation) -> str:
    """ "Confirmed on 25 Nov 2026 by the site office. Ordered in May." """
    if answer.reply is Reply.YES:
        words = _("Confirmed on {day} by {name}.") if answer.by else _("Confirmed on {day}.")
    else:
        words = _("Not so, on {day}, says {name}.") if answer.by else _("Not so, on {day}.")
    said = words.format(day=day_words(answer.on), name=answer.by)
    return " ".join(filter(None, (said, answer.note)))


def checklist_line(items: Sequence[ChecklistItem]) -> str:
    """How far a checklist is: "3 of 16 confirmed, 1 not so"."""
    replies = [item.answer.reply for item in items if item.answer is not None]
    done, denied = replies.count(Reply.YES), replies.count(Reply.NO)
    line = _("{done} of {total} confirmed").format(done=done, total=len(items))
    text = ngettext(", {count} not so", ", {count} not so", denied)
    return line + (text.format(count=denied) if denied else "")
