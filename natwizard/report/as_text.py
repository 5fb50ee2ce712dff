"""A document as plain text, without columns, for mails and chats: nobody knows the font there."""

from collections.abc import Iterator

from natwizard.languages import language_of
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.details import severity
from natwizard.report.document import (
    Bar,
    Content,
    Document,
    Fixes,
    Guide,
    Lines,
    Paragraph,
    Picture,
    Point,
    Points,
    Request,
    Route,
    Row,
    Stages,
    Table,
    by_cause,
    result_row,
)
from natwizard.report.facts import report_facts
from natwizard.report.headline import report_headline
from natwizard.report.plain import plain
from natwizard.report.words import DOT, owner_name, status_word

MARKS = {None: "[ ]", Status.PASS: "[x]"}
DENIED = "[!]"


def document_text(document: Document) -> str:
    """All of it, a line a thing; sections are parted by empty lines."""
    with language_of(document.language):
        return "\n".join(_document(document)) + "\n"


def _document(document: Document) -> Iterator[str]:
    yield from (document.title, document.code, "")
    if document.banner is not None:
        yield labelled(document.banner.title, document.banner.sentence)
    yield from (labelled(fact.label, fact.text) for fact in document.facts)
    for section in document.sections:
        yield ""
        word = status_word(section.status) if section.status is not None else ""
        yield labelled(word, section.heading) if word else section.heading
        for block in section.blocks:
            yield from _lines(block)
    yield from ("", document.foot)


def _lines(block: Content) -> Iterator[str]:  # noqa: C901, PLR0912 - one arm a kind
    match block:
        case Paragraph(text=text) | Picture(sentence=text):
            yield text
        case Fixes(cards=cards):
            for card in cards:
                yield card.title
                who = f"{card.owner} {card.acts}".strip()
                yield from (f"   {text}" for text in (card.text, who) if text)
        case Table():
            yield DOT.join(column.title for column in block.columns if column.title)
            yield from map(_row, block.rows)
        case Route(stops=stops):
            for stop in stops:
                yield labelled(stop.name, ", ".join(filter(None, (stop.at, stop.figures))))
        case Stages(stages=stages):
            yield from (labelled(stage.name, stage.text) for stage in stages)
        case Lines(lines=lines):
            yield from (labelled(line.label, line.text) if line.label else line.text
                        for line in lines)  # fmt: skip
        case Guide(entries=entries):
            for entry in entries:
                yield entry.title
                yield from (f"   {text}" for text in entry.texts_below())
        case Request(lines=texts):
            yield from texts
        case Bar():
            yield DOT.join(block.texts())
        case Points(points=points):
            for point in points:
                yield from point_lines(point)


def _row(row: Row) -> str:
    return row.sentence or labelled(row.cells[0], ", ".join(filter(None, row.cells[1:])))


def point_lines(point: Point) -> Iterator[str]:
    """A box, empty, ticked or with a warning; then what was answered, and who can answer."""
    mark = MARKS.get(point.status, DENIED)
    if point.answer:
        yield f"{mark} {point.text}"
        yield f"    {point.answer} ({point.owner})"
    else:
        yield f"{mark} {point.text} ({point.owner})"


def copy_for_helpdesk(report: Report) -> str:
    """What an agent pastes into a chat: the answer, all there is to do, what is not in order."""
    with language_of(report.language):
        return "\n".join(_helpdesk(report)) + "\n"


def _helpdesk(report: Report) -> Iterator[str]:
    headline, facts = report_headline(report), report_facts(report)
    yield labelled(headline.title, headline.sentence)
    for number, fix in enumerate((*headline.fix_first, *headline.fix_later), 1):
        yield f"{number}. {fix.title}"
        if fix.text:
            told = labelled(owner_name(fix.owner), fix.text) if fix.owner is not None else fix.text
            yield f"   {told}"
    yield ""
    in_order = {Status.PASS, Status.NOT_APPLICABLE}
    loud = [each for each in report.findings if each.status not in in_order]
    groups = by_cause(sorted(loud, key=severity))
    yield from (result_row(group).sentence for group in groups)
    passed = [each.title for each in report.findings if each.status is Status.PASS]
    if passed:
        yield plain(labelled(status_word(Status.PASS), ", ".join(passed)))
    yield ""
    yield DOT.join((facts.workstation, facts.role, facts.tested, facts.took))
    yield facts.foot
    yield plain(_("Run code: {code}").format(code=report.run_code))
