"""The org's plan and its checklist for the HTML report; the bar is drawn as SVG."""

from collections.abc import Sequence

from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.plan import BandwidthPlan, Breakdown, CapacityPlan, OrgPlan, Part
from natwizard.model.quantity import Reply, Unit
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import answer_words, checklist_line
from natwizard.report.facts import moment_words
from natwizard.report.html.markup import Markup, element, glyph
from natwizard.report.plan_words import (
    allowance_words,
    amount_words,
    bandwidth_breakdown,
    bandwidth_note,
    bandwidth_words,
    breakdown_of,
    breakdown_sentence,
    plan_source_words,
    share_words,
    together_words,
)
from natwizard.report.words import owner_name

WIDTH = 856
HEIGHT = 24
SERIES = 6


def plan_sections(plan: OrgPlan) -> list[Markup]:
    """What was worked out for the org, each plan a section."""
    text = _("Worked out on {moment} from what was entered, not measured.")
    head = element(
        "section",
        element("h2", _("Plan for the org")),
        element("p", text.format(moment=moment_words(plan.made_at)), class_="soft"),
    )
    last = plan.insight or plan.storage
    sections = [
        _plan(single, together_words(plan) if single is last else "") for single in plan.plans
    ]
    if plan.bandwidth is not None:
        sections.append(_bandwidth(plan.bandwidth))
    return [head, *sections]


def checklist_section(items: Sequence[ChecklistItem]) -> Markup:
    """Every point with its answer."""
    if not items:
        return Markup()
    names = (_("Result"), _("Check"), _("Answer"), _("Who"))
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in names)))
    return element(
        "section",
        element("h2", _("Checklist")),
        element("p", checklist_line(items), class_="soft"),
        element("table", head, element("tbody", *(_point(item) for item in items))),
    )


def _plan(plan: CapacityPlan, more: str) -> Markup:
    names = ("", _("How"), _("Per day"), _("Per month"), _("Per year"))
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in names)))
    rows = element("tbody", *(_row(part, plan.unit) for part in (*plan.parts, plan.total)))
    parts = [element("h3", plan.title), element("table", head, rows)]
    if plan.once:
        once = _("Once, at the start: {amount}")
        parts.append(element("p", once.format(amount=amount_words(plan.once, plan.unit))))
    parts.append(_bar(breakdown_of(plan)))
    if plan.allowance is not None:
        parts.append(element("p", element("strong", allowance_words(plan.allowance, plan.unit))))
    if more:
        parts.append(element("p", element("strong", more)))
    parts += [element("p", note.text, class_="soft") for note in plan.notes]
    parts.append(element("p", plan_source_words(plan.source), class_="soft"))
    return element("section", *parts, class_="finding plan")


def _row(part: Part, unit: Unit) -> Markup:
    amounts = (part.per_day, part.per_month, part.per_year)
    cells = (part.title, part.how, *(amount_words(amount, unit) for amount in amounts))
    return element("tr", *(element("td", cell) for cell in cells))


def _bandwidth(plan: BandwidthPlan) -> Markup:
    needed, carried = bandwidth_words(plan)
    return element(
        "section",
        element("h3", _("Bandwidth of the site")),
        element("p", element("strong", needed)),
        _bar(bandwidth_breakdown(plan)),
        element("p", carried),
        element("p", bandwidth_note(), class_="soft"),
        element("p", plan_source_words(plan.source), class_="soft"),
        class_="finding plan",
    )


def _bar(breakdown: Breakdown) -> Markup:
    """Parts side by side, the limit as a line; the list below says what they are."""
    pieces, left = [_rectangle(0, WIDTH, "track")], 0.0
    for number, piece in enumerate(breakdown.slices):
        width = WIDTH * piece.value / breakdown.scale
        pieces.append(_rectangle(left, max(0.0, width - 2), f"part{number % SERIES}"))
        left += width
    if breakdown.limit is not None:
        x = WIDTH * breakdown.limit / breakdown.scale
        pieces.append(_rectangle(min(x, WIDTH - 2), 2, "end"))
    picture = element(
        "svg", *pieces, class_="breakdown", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img",
        aria_label=breakdown_sentence(breakdown),
    )  # fmt: skip
    limit = f" ({breakdown.limit_words})" if breakdown.limit is not None else ""
    legend = (
        element(
            "li",
            element("span", "", class_=f"key part{number % SERIES}"),
            labelled(piece.title, f"{piece.amount}, {share_words(breakdown.share(piece))}"),
        )
        for number, piece in enumerate(breakdown.slices)
    )
    caption = element("p", f"{breakdown.caption}{limit}")
    return element("div", caption, picture, element("ul", *legend, class_="legend"))


def _rectangle(left: float, width: float, name: str) -> Markup:
    return element("rect", x=f"{left:.1f}", y="0", width=f"{width:.1f}", height=str(HEIGHT),
                   class_=name)  # fmt: skip


def _point(item: ChecklistItem) -> Markup:
    status = Status.MANUAL
    if item.answer is not None:
        status = Status.PASS if item.answer.reply is Reply.YES else Status.WARN
    told = answer_words(item.answer) if item.answer is not None else ""
    cells = (glyph(status), labelled(item.topic, item.text), told, owner_name(item.owner))
    return element("tr", *(element("td", cell) for cell in cells), class_=status.value)
