"""What the report says, in order: page 1 answers alone, the rest is evidence."""

from collections.abc import Sequence

from msgspec import structs
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.drawing.chart_scale import chart_sentence
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Chart, Source, Status
from natwizard.model.language import _, ngettext
from natwizard.model.plan import BandwidthPlan, Breakdown, CapacityPlan, OrgPlan, Part
from natwizard.model.quantity import Reply, Unit
from natwizard.model.report import Report
from natwizard.report.checklist_words import answer_words, checklist_line
from natwizard.report.details import (
    DetailBlock,
    charts_of,
    methods_of,
    other_blocks,
    problem_blocks,
    request_blocks,
)
from natwizard.report.facts import Facts, moment_words, report_facts
from natwizard.report.headline import Headline, report_headline
from natwizard.report.pdf.blocks import (
    BODY,
    LABEL,
    META,
    SOFT,
    after_gap,
    banner,
    columns_for,
    facts_row,
    fix_card,
    heading,
    label_column,
    labelled,
    lines_of,
    paragraph,
    request_box,
    table_head,
    table_rows,
)
from natwizard.report.pdf.flow import Block, Flow
from natwizard.report.pdf.pictures import chart_piece, finding_title, stage_strip
from natwizard.report.pdf.text import (
    SEMIBOLD,
    SIZE_BODY,
    SIZE_LEAD,
    SIZE_META,
    SIZE_NAME,
    LaidText,
    PageGeometry,
    TextStyle,
    font,
)
from natwizard.report.plain import plain, shortened
from natwizard.report.plan_words import (
    allowance_words,
    amount_words,
    bandwidth_breakdown,
    bandwidth_note,
    bandwidth_words,
    breakdown_of,
    plan_source_words,
    share_words,
    together_words,
)
from natwizard.report.words import owner_name

SIZES = BarSizes(text=SIZE_BODY, bar=15.0, factor=0.75)
PAD = 3.4
RULE = 0.5
HEAD_RULE = 0.8
GAP = 8.0
# name, how, a day, a month, a year
SHARES = (0.25, 0.33, 0.14, 0.14, 0.14)
BOX = 10.0
TEXT_LEFT = 20.0
OWNER_SHARE = 0.24
LONGEST = 300

HEAD = TextStyle(SIZE_META, LIGHT.text_2, SEMIBOLD)
TOPIC = TextStyle(SIZE_LEAD, LIGHT.text, SEMIBOLD)


def _short(text: str) -> str:
    """A plan may come out of anybody's file."""
    return shortened(plain(text), LONGEST)


def chapter_head(plan: OrgPlan, width: float) -> list[Block]:
    """What begins here, within the report of a workstation."""
    text = _("Worked out on {moment} from what was entered, not measured.")
    return [
        heading(_("Plan for the org"), width),
        *paragraph(plain(text.format(moment=moment_words(plan.made_at))), SOFT, width),
    ]


def add_plan(flow: Flow, plan: OrgPlan, width: float) -> None:
    """Each plan that was made: table, picture, what it means, where its rules are from."""
    for single in plan.plans:
        more = together_words(plan) if single is plan.insight or not plan.insight else ""
        flow.add([*_table(single, width), *_below(single, more, width)], together=True)
    if plan.bandwidth is not None:
        flow.add(_bandwidth(plan.bandwidth, width))


def add_checklist(flow: Flow, items: Sequence[ChecklistItem], width: float) -> None:
    """Boxes by topic: ticked, crossed or empty, with who answered."""
    topic = ""
    for number, item in enumerate(items):
        head = _checklist_head(items, width) if number == 0 else []
        if item.topic != topic:
            topic = item.topic
            head += paragraph(_short(topic), TOPIC, width, gap=4 if number == 0 else 10)
        flow.add([*head, _item(item, width)])


def _checklist_head(items: Sequence[ChecklistItem], width: float) -> list[Block]:
    line = _("What only people can settle: {line}.").format(line=checklist_line(items))
    return [heading(_("Checklist"), width), *paragraph(line, SOFT, width)]


def _table(plan: CapacityPlan, width: float) -> list[Block]:
    names = ("", _("How"), _("Per day"), _("Per month"), _("Per year"))
    rows = [
        heading(_short(plan.title), width),
        *paragraph(plain(_inputs_words(plan)), SOFT, width),
        _row(names, width, HEAD, HEAD_RULE, gap=6),
    ]
    rows += [_row(_cells(part, plan.unit), width, BODY, RULE) for part in plan.parts]
    return [*rows, _row(_cells(plan.total, plan.unit), width, LABEL, RULE)]


def _inputs_words(plan: CapacityPlan) -> str:
    """What the plan was made of, in its own terms: the rows' arithmetic tells the rest."""
    if not plan.once:
        return _("Worked out from what was entered; a month is a twelfth of a year.")
    return _("Once, at the start: {amount}. A month is a twelfth of a year.").format(
        amount=amount_words(plan.once, plan.unit)
    )


def _cells(part: Part, unit: Unit) -> tuple[str, ...]:
    amounts = (part.per_day, part.per_month, part.per_year)
    return (part.title, part.how, *(amount_words(amount, unit) for amount in amounts))


def _row(
    texts: Sequence[str], width: float, style: TextStyle, rule: float, *, gap: float = 0.0
) -> Block:
    """One line of the table; the amounts stand at the right of their columns."""
    widths = [width * share - GAP for share in SHARES]
    cells = [LaidText(_short(text), style, room) for text, room in zip(texts, widths, strict=True)]
    height = max(cell.height for cell in cells) + 2 * PAD
    colour = LIGHT.text_3 if rule == HEAD_RULE else LIGHT.line

    def paint(painter: QPainter, left: float, top: float) -> None:
        x = left
        for number, (cell, share) in enumerate(zip(cells, SHARES, strict=True)):
            is_amount = number > 1
            start = x + width * share - cell.width if is_amount else x
            cell.paint(painter, start, top + PAD)
            x += width * share
        painter.setPen(QPen(QColor(colour), rule))
        painter.drawLine(QPointF(left, top + height), QPointF(left + width, top + height))

    return Block(height=height, paint=paint, gap=gap)


def _below(plan: CapacityPlan, more: str, width: float) -> list[Block]:
    pieces = [breakdown_piece(breakdown_of(plan), width)]
    if plan.allowance is not None:
        words = allowance_words(plan.allowance, plan.unit)
        pieces += paragraph(plain(words), LABEL, width, gap=6)
    if more:
        pieces += paragraph(plain(more), LABEL, width, gap=3)
    pieces += lines_of([paragraph(_short(note.text), META, width, gap=4) for note in plan.notes])
    return [*pieces, *_source(plan.source, width)]


def _bandwidth(plan: BandwidthPlan, width: float) -> list[Block]:
    needed, carried = bandwidth_words(plan)
    pieces = [
        heading(_("Bandwidth of the site"), width),
        *paragraph(plain(needed), LABEL, width),
        breakdown_piece(bandwidth_breakdown(plan), width),
    ]
    if carried:
        pieces += paragraph(plain(carried), LABEL, width, gap=6)
    pieces += paragraph(bandwidth_note(), META, width, gap=4)
    return [*pieces, *_source(plan.source, width)]


def _source(source: Source, width: float) -> list[Block]:
    return paragraph(_short(plan_source_words(source)), META, width, gap=4)


def breakdown_piece(breakdown: Breakdown, width: float) -> Block:
    """The stacked bar as vectors."""
    named = (structs.replace(piece, title=_short(piece.title)) for piece in breakdown.slices)
    breakdown = structs.replace(breakdown, slices=tuple(named))
    shares = tuple(share_words(breakdown.share(piece)) for piece in breakdown.slices)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top, width, breakdown_height(breakdown, SIZES))
        paint_breakdown(painter, box, breakdown, LIGHT, font(SIZE_BODY), SIZES, shares=shares)

    return Block(height=breakdown_height(breakdown, SIZES), paint=paint, gap=10)


def _item(item: ChecklistItem, width: float) -> Block:
    room = width * (1 - OWNER_SHARE) - TEXT_LEFT - GAP
    text = LaidText(_short(item.text), BODY, room)
    told = answer_words(item.answer) if item.answer is not None else ""
    said = LaidText(_short(told), META, room) if told else None
    owner = LaidText(owner_name(item.owner), SOFT, width * OWNER_SHARE)
    height = max(text.height + (said.height if said is not None else 0.0), owner.height)

    def paint(painter: QPainter, left: float, top: float) -> None:
        box = QRectF(left, top + (text.line_height - BOX) / 2, BOX, BOX)
        _paint_box(painter, box, item)
        text.paint(painter, left + TEXT_LEFT, top)
        if said is not None:
            said.paint(painter, left + TEXT_LEFT, top + text.height)
        owner.paint(painter, left + width * (1 - OWNER_SHARE), top)

    return Block(height=height, paint=paint, gap=5)


def _paint_box(painter: QPainter, box: QRectF, item: ChecklistItem) -> None:
    """Empty to tick with a pen, else the glyph of the answer."""
    if item.answer is None:
        painter.setPen(QPen(QColor(LIGHT.control), HEAD_RULE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 2, 2)
        return
    status = Status.PASS if item.answer.reply is Reply.YES else Status.WARN
    paint_status(painter, box.adjusted(-1.5, -1.5, 1.5, 1.5), status, LIGHT)


SENTENCE = TextStyle(SIZE_NAME, LIGHT.text, SEMIBOLD)
TIME = TextStyle(SIZE_BODY, LIGHT.text_2)


def lay_out(report: Report, sheet: PageGeometry) -> Flow:
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


def lay_out_plan(plan: OrgPlan, items: Sequence[ChecklistItem], sheet: PageGeometry) -> Flow:
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

    def goes_on(page: int) -> Block:
        text = _("Continued on page {page}.").format(page=page)
        return paragraph(text, META, width, gap=7)[0]

    flow.add_table(
        heading(_("All results"), width, gap=16),
        table_head(columns, width),
        table_rows(report.findings, columns, width),
        again=heading(_("All results, continued"), width, bookmark=False),
        goes_on=goes_on,
    )


def _chart(chart: Chart, report: Report, width: float) -> list[Block]:
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


def _evidence(block: DetailBlock, width: float) -> list[Block]:
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


def _untested(facts: Facts, width: float) -> list[Block]:
    lines = facts.untested or (_("Everything this role needs was tested."),)
    texts = [f"{line.rstrip('.')}." for line in lines]
    blocks = [paragraph(text, BODY, width, gap=3) for text in texts]
    return [heading(_("Not tested"), width), *lines_of(blocks)]
