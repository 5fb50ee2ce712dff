"""What the report says, in order: page 1 answers alone, the rest is evidence."""

from collections.abc import Sequence

from natwizard.drawing.chart import chart_sentence
from natwizard.drawing.tokens import LIGHT
from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Chart
from natwizard.model.language import _, ngettext
from natwizard.model.plan import OrgPlan
from natwizard.model.report import Report
from natwizard.report.details import (
    DetailBlock,
    charts_of,
    other_blocks,
    problem_blocks,
    request_blocks,
)
from natwizard.report.facts import Facts, report_facts
from natwizard.report.headline import Headline, report_headline
from natwizard.report.methods import methods_of
from natwizard.report.pdf.blocks import (
    BODY,
    META,
    SOFT,
    after_gap,
    heading,
    label_column,
    labelled,
    lines_of,
    paragraph,
)
from natwizard.report.pdf.cards import banner, facts_row, fix_card, request_box
from natwizard.report.pdf.flow import Flow, Piece
from natwizard.report.pdf.fonts import SEMIBOLD
from natwizard.report.pdf.pictures import chart_piece, finding_title, stage_strip
from natwizard.report.pdf.plan_chapter import add_checklist, add_plan, chapter_head
from natwizard.report.pdf.sheet import SIZE_BODY, SIZE_NAME, Sheet
from natwizard.report.pdf.table import columns_for, table_head, table_rows
from natwizard.report.pdf.text import Style
from natwizard.report.plain import plain

SENTENCE = Style(SIZE_NAME, LIGHT.text, SEMIBOLD)
TIME = Style(SIZE_BODY, LIGHT.text_2)


def lay_out(report: Report, sheet: Sheet) -> Flow:
    """The whole report, distributed over pages."""
    flow = Flow(sheet)
    width = sheet.content_width
    headline, facts = report_headline(report), report_facts(report)
    _add_answer(flow, headline, facts, width)
    _add_table(flow, report, width)
    for chart in charts_of(report):
        flow.add(_chart(chart, report, width))
    for block in problem_blocks(report):
        title = [
            heading(block.heading, width),
            *paragraph(plain(block.finding.summary), SENTENCE, width, gap=3),
        ]
        flow.add([*title, *_evidence(block, width)])
    _add_others(flow, report, width)
    for request in request_blocks(report):
        for number, text in enumerate(request.texts):
            first = [heading(request.heading, width)] if number == 0 else []
            flow.add([*first, *request_box(text, width, gap=6)])
    _add_methods(flow, report, width)
    flow.add(_untested(facts, width))
    if report.plan is not None:
        flow.add(chapter_head(report.plan, width), lead=1)
        add_plan(flow, report.plan, width)
    add_checklist(flow, report.checklist, width)
    return flow


def lay_out_plan(plan: OrgPlan, items: Sequence[ChecklistItem], sheet: Sheet) -> Flow:
    """A plan without a report."""
    flow = Flow(sheet)
    add_plan(flow, plan, sheet.content_width)
    add_checklist(flow, items, sheet.content_width)
    return flow


def _add_answer(flow: Flow, headline: Headline, facts: Facts, width: float) -> None:
    flow.add([banner(headline, width)])
    row = (
        (_("Workstation"), facts.workstation),
        (_("Tested"), facts.tested),
        (_("Role"), facts.role),
        (_("Took"), facts.took),
    )
    flow.add([facts_row(row, width)])
    if not headline.fix_first:
        return
    cards = [heading(_("Fix first"), width, gap=16)]
    for number, fix in enumerate(headline.fix_first, 1):
        cards.append(fix_card(number, fix, width, gap=5 if number == 1 else 7))
    later = len(headline.fix_later)
    if later:
        more = ngettext(
            "{count} more below, each with what to do.",
            "{count} more below, each with what to do.",
            later,
        )
        cards += paragraph(more.format(count=later), META, width, gap=5)
    flow.add(cards)


def _add_table(flow: Flow, report: Report, width: float) -> None:
    if not report.findings:
        return
    columns = columns_for(report.findings, width)

    def goes_on(page: int) -> Piece:
        text = _("Continued on page {page}.").format(page=page)
        return paragraph(text, META, width, gap=7)[0]

    flow.add_table(
        heading(_("All results"), width, gap=16),
        table_head(columns, width),
        table_rows(report.findings, columns, width),
        again=heading(_("All results, continued"), width, bookmark=False),
        goes_on=goes_on,
    )


def _chart(chart: Chart, report: Report, width: float) -> list[Piece]:
    media = report.profile.targets.media or report.profile.targets.turn
    told = chart_sentence(chart).rstrip(".")
    title = _("{measured}, to {target}").format(measured=told, target=media) if media else told
    text = _("{title}. Line: median. Band: fastest to slowest. Cross: lost.")
    return [
        heading(_("The test call"), width),
        *paragraph(plain(text.format(title=title)), SOFT, width),
        chart_piece(chart, width),
    ]


def _add_others(flow: Flow, report: Report, width: float) -> None:
    for number, block in enumerate(other_blocks(report)):
        first = [heading(_("Also worth knowing"), width)] if number == 0 else []
        title = finding_title(block.finding, width, gap=4 if first else 10)
        flow.add([*first, title, *_evidence(block, width)], lead=3)


def _evidence(block: DetailBlock, width: float) -> list[Piece]:
    """Stage strip, then what was measured and what to do, then every try."""
    strip = stage_strip(block.finding.stages, width)
    lines = lines_of([labelled(line.label, line.text, width) for line in block.lines])
    tried = lines_of(
        [labelled(line.label, line.text, width, label_style=TIME) for line in block.tried]
    )
    pieces = [*strip, *after_gap(lines, 9 if strip else 3), *after_gap(tried, 9)]
    if block.more_tried:
        more = _("{count} more attempts are in the attached report.json.")
        pieces += paragraph(more.format(count=block.more_tried), META, width, gap=4)
    return pieces


def _add_methods(flow: Flow, report: Report, width: float) -> None:
    methods = methods_of(report)
    if not methods:
        return
    column = label_column([method.title for method in methods])
    rows = [labelled(method.title, method.text, width, column=column) for method in methods]
    flow.add([heading(_("How this was measured"), width), *lines_of(rows)], together=False, lead=4)


def _untested(facts: Facts, width: float) -> list[Piece]:
    lines = facts.untested or (_("Everything this role needs was tested."),)
    texts = [f"{line.rstrip('.')}." for line in lines]
    blocks = [paragraph(text, BODY, width, gap=3) for text in texts]
    return [heading(_("Not tested"), width), *lines_of(blocks)]
