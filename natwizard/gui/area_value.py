"""The one telling value of an area, for the results grid."""

from natwizard.checks.shared.number_format import limit_with_unit, with_unit
from natwizard.drawing.signs import Activity
from natwizard.gui.look.texts import capitalised, sign_word
from natwizard.gui.run.run_model import RunModel
from natwizard.model.finding import Finding, Page, Status
from natwizard.model.language import _
from natwizard.model.writing import labelled
from natwizard.report.facts import page_finding
from natwizard.report.plain import plain
from natwizard.report.words import status_count, status_word

# Characters that a column of the grid has room for beside an area's name
LONGEST = 26

QUIET = {Status.PASS, Status.NOT_APPLICABLE}


def area_value(model: RunModel, page: Page) -> str:
    """What was measured where something is wrong; else what stands for the page, or a count."""
    sign = model.page_sign(page)
    done, total = model.page_done(page)
    match sign:
        case Activity.RUNNING if total > 1:
            return _("{done} of {total} done").format(done=done, total=total)
        case Activity.RUNNING | Activity.WAITING:
            return sign_word(sign)
        case status if status in QUIET:
            return _calm_value(model, page, status)
        case _:
            worst = model.worst_finding(page)
            return _trouble(worst) if worst is not None else ""


def area_count(model: RunModel, page: Page) -> str:
    """What fits any cell: how many findings of a page are as its sign says."""
    sign = model.page_sign(page)
    return status_count(sign, model.page_count(page, sign)) if isinstance(sign, Status) else ""


def _calm_value(model: RunModel, page: Page, status: Status) -> str:
    telling = page_finding(model.findings(page), page)
    if telling is not None and telling.status is Status.PASS:
        text = shortest_part(capitalised(telling.observed))
        if len(text) <= LONGEST:
            return text
    if status is Status.NOT_APPLICABLE:
        return status_word(status)
    asked = [
        finding for finding in model.findings(page) if finding.status is not Status.NOT_APPLICABLE
    ]
    return _("{count} of {total} OK").format(
        count=sum(finding.status is Status.PASS for finding in asked), total=len(asked)
    )


def _trouble(finding: Finding) -> str:
    gauge = finding.gauge
    stopped_at = next((stage for stage in finding.stages if stage.status is finding.status), None)
    if gauge is None and stopped_at is not None:
        return plain(labelled(stopped_at.name, stopped_at.text))
    if gauge is None:
        whole = plain(capitalised(finding.observed))
        text = shortest_part(whole)
        # half of what a question says is no answer: "3 found" of "3 found, not tried"
        asked = finding.status is Status.MANUAL and text != whole
        vague = asked or (finding.status in {Status.UNKNOWN, Status.MANUAL} and len(text) > LONGEST)
        return status_word(finding.status) if vague else text
    value = with_unit(gauge.value, gauge.unit, gauge.digits)
    limit = limit_with_unit(gauge.limit, gauge.unit)
    if gauge.higher_is_better:
        text = _("{title} {value}, at least {limit}")
    else:
        text = _("{title} {value}, limit {limit}")
    return plain(text.format(title=gauge.title, value=value, limit=limit))


def shortest_part(text: str) -> str:
    """As many whole clauses as fit a cell; a first clause that is longer is cut by the painter."""
    text = plain(text)
    for separator in ("; ", " \u00b7 ", ", "):
        while len(text) > LONGEST and separator in text:
            text = text.rpartition(separator)[0]
    return text
