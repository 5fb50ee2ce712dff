"""A run as the draft of a mail: an address that opens the person's own mail program. Pure."""

from urllib.parse import quote

from natwizard.languages import language_of
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.report.as_text import copy_for_helpdesk
from natwizard.report.headline import report_headline
from natwizard.report.plain import plain

LONGEST_URL = 1900
"""Windows hands a program 2,048 characters (and Internet Explorer's parts took 2,083): of a longer
address some mail programs show half, others nothing."""

LINE_BREAK = "\r\n"
"""RFC 6068, section 5."""


def mail_draft(report: Report, *, to: str = "", attachment: str = "") -> str:
    """A mailto address (RFC 6068) with what a helpdesk needs, always with the run code.

    `attachment` is the name of the file that the person attaches; no address can do that. What
    does not fit is left out from the end, line by line: the file has all of it.
    """
    with language_of(report.language):
        title = report_headline(report).title
        first = plain(_("Run code: {code}").format(code=report.run_code))
        subject = plain(f"natwizard: {title} ({report.run_code})")
        attached = plain(_("Attached: {name}").format(name=attachment)) if attachment else ""
    start = f"mailto:{quote(to, safe='@')}?subject={_quoted(subject, 300)}&body="
    head = [first, *([attached] if attached else []), ""]
    body = _quoted(LINE_BREAK.join(head) + LINE_BREAK, LONGEST_URL - len(start))
    for line in copy_for_helpdesk(report).splitlines():
        more = quote(line + LINE_BREAK, safe="")
        if line == first:
            continue
        if len(start) + len(body) + len(more) > LONGEST_URL:
            break
        body += more
    return start + body


def _quoted(text: str, most: int) -> str:
    """Percent-encoded, cut between characters where it would be longer than that."""
    made = ""
    for character in text:
        encoded = quote(character, safe="")
        if len(made) + len(encoded) > most:
            break
        made += encoded
    return made
