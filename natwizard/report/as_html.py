"""A report as one HTML file: no scripts, nothing fetched, everything from outside escaped."""

import base64
import hashlib

from natwizard.languages import language_of
from natwizard.model.finding import Finding, titled
from natwizard.model.language import _, ngettext
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import result_word
from natwizard.report.details import (
    DetailBlock,
    DetailLine,
    Fix,
    charts_of,
    methods_of,
    other_blocks,
    problem_blocks,
    request_blocks,
)
from natwizard.report.facts import Facts, report_facts
from natwizard.report.headline import Headline, report_headline
from natwizard.report.html.chart import chart_svg
from natwizard.report.html.markup import Markup, element, glyph, joined
from natwizard.report.html.plan import checklist_section, plan_sections
from natwizard.report.html.style import style_sheet
from natwizard.report.words import language_tag, owner_acts, owner_name


def report_html(report: Report) -> str:
    """The same content in the same order as the PDF, in the language of the report."""
    with language_of(report.language):
        return _page(report)


def _page(report: Report) -> str:
    headline, facts = report_headline(report), report_facts(report)
    body = element(
        "main",
        _head(report),
        _banner(headline),
        _facts(facts),
        _fix_first(headline),
        _table(report, headline),
        *_charts(report),
        *(_problem(block) for block in problem_blocks(report)),
        _others(report),
        *_requests(report),
        _methods(report),
        _untested(facts),
        *(plan_sections(report.plan) if report.plan is not None else ()),
        checklist_section(report.checklist),
        element("footer", facts.foot),
    )
    page = element("html", _document_head(report), element("body", body), lang=language_tag())
    return f"<!DOCTYPE html>\n{page}\n"


def _document_head(report: Report) -> Markup:
    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", labelled(_("Webphone readiness report"), report.run_code)),
        element("style", Markup(style)),
    )


def _head(report: Report) -> Markup:
    code = _("Run code  {code}").format(code=report.run_code)
    return element("header", element("span", _("Webphone readiness report")), element("span", code))


def _banner(headline: Headline) -> Markup:
    words = element("div", element("h1", headline.title), element("p", headline.sentence))
    return element("div", glyph(headline.status), words, class_=f"banner {headline.status.value}")


def _facts(facts: Facts) -> Markup:
    named = (
        (_("Workstation"), facts.workstation),
        (_("Tested"), facts.tested),
        (_("Role"), facts.role),
        (_("Took"), facts.took),
    )
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", text)) for name, text in named),
        class_="facts",
    )


def _fix_first(headline: Headline) -> Markup:
    if not headline.fix_first:
        return Markup()
    later = len(headline.fix_later)
    more = ngettext(
        "{count} more below, each with what to do.",
        "{count} more below, each with what to do.",
        later,
    )
    return element(
        "section",
        element("h2", _("Fix first")),
        *(_fix(number, fix) for number, fix in enumerate(headline.fix_first, 1)),
        element("p", more.format(count=later), class_="soft") if later else "",
    )


def _fix(number: int, fix: Fix) -> Markup:
    words = element(
        "div",
        element("strong", f"{number}. {fix.title}"),
        element("p", fix.text, class_="soft"),
    )
    who = Markup()
    if fix.owner is not None:
        name = element("b", owner_name(fix.owner))
        who = element("span", name, element("br"), owner_acts(fix.owner), class_="who")
    return element("div", glyph(fix.status), words, who, class_=f"fix {fix.status.value}")


def _table(report: Report, headline: Headline) -> Markup:
    names = (_("Result"), _("Check"), _("Measured"), _("Needed"))
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in names)))
    rows = element("tbody", *(_row(finding) for finding in report.findings))
    return element(
        "section",
        element("h2", _("All results")),
        element("p", headline.counts_line, class_="soft"),
        element("table", head, rows),
    )


def _row(finding: Finding) -> Markup:
    result = joined(glyph(finding.status), f" {result_word(finding)}")
    cells = (result, finding.title, finding.observed, finding.expected)
    return element("tr", *(element("td", cell) for cell in cells), class_=finding.status.value)


def _charts(report: Report) -> list[Markup]:
    text = _("{title}. Line: median. Band: fastest to slowest. Cross: lost.")
    return [
        element(
            "section",
            element("h2", _("The test call")),
            element("p", text.format(title=chart.title), class_="soft"),
            chart_svg(chart, text.format(title=chart.title)),
            class_="finding",
        )
        for chart in charts_of(report)
    ]


def _problem(block: DetailBlock) -> Markup:
    return element(
        "section",
        element("h2", block.heading),
        element("p", element("strong", block.finding.summary)),
        *_evidence(block),
        class_="finding",
    )


def _others(report: Report) -> Markup:
    blocks = other_blocks(report)
    if not blocks:
        return Markup()
    return element(
        "section", element("h2", _("Also worth knowing")), *(_other(block) for block in blocks)
    )


def _other(block: DetailBlock) -> Markup:
    finding = block.finding
    title = element("h3", glyph(finding.status), f" {titled(finding)}")
    return element("section", title, *_evidence(block), class_=f"finding {finding.status.value}")


def _evidence(block: DetailBlock) -> list[Markup]:
    parts = [_stages(block.finding), _lines(block.lines)]
    if block.tried:
        parts.append(_lines(block.tried, "lines tried"))
    if block.more_tried:
        more = _("{count} more attempts are in the JSON report.").format(count=block.more_tried)
        parts.append(element("p", more, class_="soft"))
    return parts


def _stages(finding: Finding) -> Markup:
    if not finding.stages:
        return Markup()
    items = (
        element(
            "li",
            glyph(stage.status),
            " ",
            element("b", stage.name),
            element("span", stage.text),
            class_=stage.status.value,
        )
        for stage in finding.stages
    )
    return element("ul", *items, class_="stages")


def _lines(lines: tuple[DetailLine, ...], class_: str = "lines") -> Markup:
    pairs = (joined(element("dt", line.label), element("dd", line.text)) for line in lines)
    return element("dl", *pairs, class_=class_)


def _requests(report: Report) -> list[Markup]:
    return [
        element(
            "section",
            element("h2", block.heading),
            *(element("div", _paragraphs(text), class_="request") for text in block.texts),
        )
        for block in request_blocks(report)
    ]


def _paragraphs(text: str) -> Markup:
    """Line breaks that a check put into its request stay."""
    first, *others = text.split("\n")
    return joined(first, *(joined(element("br"), line) for line in others))


def _methods(report: Report) -> Markup:
    lines = tuple(DetailLine(label=method.title, text=method.text) for method in methods_of(report))
    if not lines:
        return Markup()
    return element("section", element("h2", _("How this was measured")), _lines(lines))


def _untested(facts: Facts) -> Markup:
    lines = facts.untested or (_("Everything this role needs was tested."),)
    return element(
        "section",
        element("h2", _("Not tested")),
        *(element("p", f"{line.rstrip('.')}.") for line in lines),
    )
