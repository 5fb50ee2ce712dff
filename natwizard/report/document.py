"""What a report holds, in order: typed blocks, safe to show from the start.

PDF, HTML, terminal, plain text and the window only lay these blocks out; none of them chooses
words, and none leaves any out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import ClassVar, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct, structs

from natwizard.drawing.chart_scale import chart_sentence
from natwizard.languages import language_of
from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import (
    Chart,
    ChartKind,
    ConnectionStage,
    Detail,
    Finding,
    PathStop,
    Source,
    Status,
    titled,
)
from natwizard.model.language import _, ngettext
from natwizard.model.plan import BandwidthPlan, Breakdown, CapacityPlan, OrgPlan, Part
from natwizard.model.quantity import Reply, Unit
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import answer_words, checklist_line, result_word
from natwizard.report.details import (
    Fix,
    charts_of,
    methods_of,
    request_blocks,
    severity,
)
from natwizard.report.facts import (
    clock_after,
    line_change_words,
    moment_words,
    report_facts,
    was_stopped,
)
from natwizard.report.headline import Headline, report_headline
from natwizard.report.plain import Sanitised, isolated, plain
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
from natwizard.report.words import DOT, language_tag, owner_acts, owner_name, status_word

LONGEST_CELL = 160
"""Characters in a cell of a table; what is longer is told in full where it is detailed."""

# The report's JSON has them all (decision 155)
TRIED_SHOWN = 12
TRIED_TOLD = {Status.FAIL, Status.UNKNOWN, Status.BORDERLINE}
"""Whose tries prove something; what is only advised is told by its details."""

ONE_CAUSE = {Status.UNKNOWN, Status.MANUAL, Status.NOT_SET_UP, Status.NOT_APPLICABLE}
"""What was not measured for one and the same reason is one row."""

NOTHING_NEEDED = ""
"""In a row that stands for several which need different things."""

LONGEST_URL = 1_000
DETAILED = {Status.FAIL, Status.BORDERLINE, Status.WARN}
ALSO_DETAILED = {Status.UNKNOWN, Status.BORDERLINE, Status.WARN, Status.MANUAL}


class Block(Sanitised, frozen=True, kw_only=True):
    """A piece of a document; its fields stand in the order in which they are read."""

    SILENT: ClassVar[tuple[str, ...]] = ()
    """Fields that not every view says, such as the heading of a further page."""

    def texts(self) -> Iterator[str]:
        """Every text that every view has to show, in order."""
        for name in self.__struct_fields__:
            if name not in self.SILENT:
                yield from _texts(getattr(self, name))


def _texts(value: object) -> Iterator[str]:
    if type(value) is str and value:
        yield value
    elif isinstance(value, Block):
        yield from value.texts()
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


class Tone(StrEnum):
    """How loudly a paragraph speaks."""

    BODY = "body"
    STRONG = "strong"
    SOFT = "soft"
    SMALL = "small"


class Banner(Block, frozen=True, kw_only=True):
    """The answer: whose glyph and colours it wears, the largest words, one sentence."""

    status: Status
    title: str
    sentence: str


class Line(Block, frozen=True, kw_only=True):
    """A short label and the text that belongs to it; `anchor`: by which rows lead here."""

    SILENT = ("anchor",)

    label: str
    text: str
    anchor: str = ""


class Paragraph(Block, frozen=True, kw_only=True):
    """A sentence or more."""

    text: str
    tone: Tone = Tone.BODY


class Card(Block, frozen=True, kw_only=True):
    """One thing to fix: what is wrong, what to do, who does it ("Network team", "does this")."""

    LONGEST = 480

    status: Status
    title: str
    text: str
    owner: str
    acts: str


class Fixes(Block, frozen=True, kw_only=True):
    """What to fix first, numbered from 1, worst first."""

    cards: tuple[Card, ...]


class Column(Block, frozen=True, kw_only=True):
    """Of a table.

    Attributes:
        share: of the width, beside the other columns.
        amount: figures stand at the right of their column.
        soft: less loud than its neighbours.
    """

    title: str
    share: float
    amount: bool = False
    soft: bool = False


class Lead(Block, frozen=True, kw_only=True):
    """Leads from a text of a row to where it is explained; `anchor` is empty where nothing is."""

    text: str
    anchor: str


class Row(Block, frozen=True, kw_only=True):
    """Of a table.

    Attributes:
        status: its glyph stands before the first cell, whose word is in its colour.
        strong: a total.
        sentence: the row in one line, where there are no columns.
        leads: what the second cell is joined of by commas, each to its own explanation.
        url: the page that asks for what the last cell says; empty for none.
    """

    LONGEST = LONGEST_CELL
    UNCUT = ("sentence", "url")
    SILENT = ("sentence", "leads", "url")

    cells: tuple[str, ...]
    status: Status | None = None
    strong: bool = False
    sentence: str = ""
    leads: tuple[Lead, ...] = ()
    url: str = ""


class Table(Block, frozen=True, kw_only=True):
    """Rows under the names of their columns.

    Attributes:
        again: heading of every further page it needs; empty where it stays in one piece.
    """

    SILENT = ("again",)

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    again: str = ""


class Picture(Block, frozen=True, kw_only=True):
    """A measurement over time, and what it shows in one sentence."""

    SILENT = ("chart",)

    sentence: str
    chart: Chart


class Stage(Block, frozen=True, kw_only=True):
    """One step of a connection."""

    LONGEST = 80

    status: Status
    name: str
    text: str


class Stop(Block, frozen=True, kw_only=True):
    """A place on the way of a call: what it is, which one, its figures."""

    LONGEST = 100

    name: str
    at: str
    figures: str


class Route(Block, frozen=True, kw_only=True):
    """The way of the test call, from here to the far end."""

    stops: tuple[Stop, ...]


class Stages(Block, frozen=True, kw_only=True):
    """How far a connection came."""

    stages: tuple[Stage, ...]


class LineKind(StrEnum):
    """What labelled lines are for.

    What to do, what to ask a person, why we say so, each try, how it was measured.
    """

    TO_DO = "to_do"
    ASKED = "asked"
    WHY = "why"
    TRIED = "tried"
    METHOD = "method"


class Lines(Block, frozen=True, kw_only=True):
    """Labels in one column, their texts in another."""

    lines: tuple[Line, ...]
    kind: LineKind


class Entry(Block, frozen=True, kw_only=True):
    """A paragraph of the guide.

    Attributes:
        text: what the row means for calls.
        to_do: what to do about it, and who; empty where it is well.
        method: how it is measured; may be empty.
        source: who asks for it, "Technical Prerequisites, “Firewall”"; may be empty.
        anchor: by which rows lead here; `url`: the page of the source, empty for none.
    """

    SILENT = ("anchor", "url")

    title: str
    text: str
    to_do: str
    method: str
    source: str
    anchor: str
    url: str

    def texts_below(self) -> tuple[str, ...]:
        """What stands below its title, in order."""
        return tuple(filter(None, (self.text, self.to_do, self.method, self.source)))


class Guide(Block, frozen=True, kw_only=True):
    """What rows mean, a paragraph each."""

    entries: tuple[Entry, ...]


class Request(Block, frozen=True, kw_only=True):
    """A text to paste to somebody, line by line."""

    lines: tuple[str, ...]


class Bar(Block, frozen=True, kw_only=True):
    """Parts of a whole side by side, the limit as a line; `shares` in words, one a part."""

    LONGEST = 240

    breakdown: Breakdown
    shares: tuple[str, ...]

    def texts(self) -> Iterator[str]:
        """A single part is what the caption says already."""
        bar = self.breakdown
        yield from filter(None, (bar.caption, bar.limit_words if bar.limit is not None else ""))
        if len(bar.slices) > 1:
            for piece, share in zip(bar.slices, self.shares, strict=True):
                yield from (piece.title, piece.amount, share)


class Point(Block, frozen=True, kw_only=True):
    """One point of a checklist; without a status nobody has answered it."""

    LONGEST = 400

    status: Status | None
    text: str
    answer: str
    owner: str


class Points(Block, frozen=True, kw_only=True):
    """Points to tick with a pen, or what was answered."""

    points: tuple[Point, ...]


Content: TypeAlias = (
    Paragraph | Fixes | Table | Picture | Route | Stages | Lines | Guide | Request | Bar | Points
)


class Section(Block, frozen=True, kw_only=True):
    """A heading and what stands below it.

    Attributes:
        level: 2 is a chapter, 3 a part of the chapter before it.
        status: of a finding, whose glyph stands before the heading.
        evidence: for those who look closer; a summary leaves it out.
        anchors: by which rows lead here.
    """

    LONGEST = 300
    SILENT = ("anchors",)

    heading: str
    blocks: tuple[Content, ...] = ()
    level: int = 2
    status: Status | None = None
    evidence: bool = False
    anchors: tuple[str, ...] = ()


class Document(Block, frozen=True, kw_only=True):
    """All that is said of a run, a plan or a watch.

    Attributes:
        title, code: stand on top of every page, `foot` at its end.
        run_code: the four words alone; none for a plan.
        facts: short ones, four for a row; none for a plan.
        language: code of the language that its texts are in.
    """

    SILENT = ("language", "run_code")

    title: str
    code: str
    banner: Banner | None
    facts: tuple[Line, ...]
    sections: tuple[Section, ...]
    foot: str
    language: str
    run_code: str = ""

    @property
    def name(self) -> str:
        """For the title bar of a reader: "Webphone readiness report: maple river copper lamp"."""
        return labelled(self.title, self.run_code) if self.run_code else self.title

    def summary(self) -> "Document":
        """What answers alone: without what only proves it."""
        kept = (_without_proof(section) for section in self.sections if not section.evidence)
        return structs.replace(self, sections=tuple(filter(None, kept)))


def _without_proof(section: Section) -> Section | None:
    """None where a chapter was nothing but proof; a finding keeps its sentence."""
    blocks = tuple(block for block in section.blocks if not _is_proof(block))
    if section.blocks and not blocks and section.status is None:
        return None
    return structs.replace(section, blocks=blocks)


def _is_proof(block: Content) -> bool:
    """What a summary leaves out."""
    if isinstance(block, Lines):
        return block.kind not in {LineKind.TO_DO, LineKind.ASKED}
    return isinstance(block, Stages | Picture | Route)


def report_document(report: Report, *, with_guide: bool = False) -> Document:
    """The whole report, in its own language.

    Args:
        with_guide: what every row means in place of how some were measured: for a view that has
            room for it. Elsewhere rows lead to what is told of them anyway.
    """
    with language_of(report.language):
        headline, facts = report_headline(report), report_facts(report)
        told = (
            *_problems(report, headline),
            *_others(report, headline),
            *_requests(report),
            *(guide_sections(report.findings) if with_guide else ()),
            _methods(report, facts.untested, with_guide=with_guide),
            _line_changes(report),
        )
        sections = (
            _fix_first(headline),
            _results(report, headline, _places(told, with_guide=with_guide)),
            *(
                _test_call(chart, report, shows_way=not place)
                for place, chart in enumerate(_charts(report, ChartKind.LINE))
            ),
            _voice(report),
            *told,
            *(plan_chapter(report.plan) if report.plan is not None else ()),
            *checklist_sections(report.checklist),
        )
        return Document(
            title=_title(report),
            code=_("Run code  {code}").format(code=report.run_code),
            banner=Banner(status=headline.status, title=headline.title, sentence=headline.sentence),
            facts=(
                Line(label=_("Workstation"), text=facts.workstation),
                Line(label=_("Tested"), text=facts.tested),
                Line(label=_("Role"), text=facts.role),
                Line(label=_("Took"), text=facts.took),
                *(
                    (Line(label=_("Name or ticket"), text=isolated(report.reference)),)
                    if report.reference
                    else ()
                ),
            ),
            sections=tuple(filter(None, sections)),
            foot=facts.foot,
            language=language_tag(),
            run_code=report.run_code,
        )


def _title(report: Report) -> str:
    """On every page, as one page alone may be handed on: a part of a run is not taken for all."""
    if report.left_out:
        return _("Webphone readiness report (part of a run)")
    if was_stopped(report):
        return _("Webphone readiness report (stopped early)")
    return _("Webphone readiness report")


def _fix_first(headline: Headline) -> Section | None:
    if not headline.fix_first:
        return None
    cards = Fixes(cards=tuple(_card(*fix) for fix in enumerate(headline.fix_first, 1)))
    later = len(headline.fix_later)
    more = ngettext(
        "{count} more below, with what to do.",
        "{count} more below, each with what to do.",
        later,
    ).format(count=later)
    below = (Paragraph(text=more, tone=Tone.SMALL),) if later else ()
    return Section(heading=_("Fix first"), blocks=(cards, *below))


def _card(number: int, fix: Fix) -> Card:
    return Card(
        status=fix.status,
        title=f"{number}. {fix.title}",
        text=fix.text,
        owner=owner_name(fix.owner) if fix.owner is not None else "",
        acts=owner_acts(fix.owner) if fix.owner is not None else "",
    )


def _places(sections: Sequence[Section | None], *, with_guide: bool) -> frozenset[str]:
    """Where rows can lead to; with a guide, to its paragraph and nowhere else."""
    found: set[str] = set()
    for section in filter(None, sections):
        blocks = section.blocks
        entries = [entry.anchor for block in blocks if isinstance(block, Guide)
                   for entry in block.entries]  # fmt: skip
        lines = [line.anchor for block in blocks if isinstance(block, Lines)
                 for line in block.lines]  # fmt: skip
        found.update(entries if with_guide else (*section.anchors, *lines))
    return frozenset(filter(None, found))


def _results(report: Report, headline: Headline, places: frozenset[str]) -> Section | None:
    if not report.findings:
        return None
    columns = (
        Column(title=_("Result"), share=0.0),
        Column(title=_("Check"), share=0.45),
        Column(title=_("Measured"), share=0.295),
        Column(title=_("Needed"), share=0.255, soft=True),
    )
    rows = tuple(result_row(group, places) for group in by_cause(report.findings))
    table = Table(columns=columns, rows=rows, again=_("All results, continued"))
    counts = Paragraph(text=headline.counts_line, tone=Tone.SOFT)
    return Section(heading=_("All results"), blocks=(counts, table))


def by_cause(findings: Sequence[Finding]) -> list[list[Finding]]:
    """One row each; what was not measured for one reason together, as far as a cell can hold."""
    groups: list[list[Finding]] = []
    places: dict[object, int] = {}
    for finding in findings:
        key = (finding.status, finding.observed) if finding.status in ONE_CAUSE else finding.check
        place = places.get(key)
        if place is not None and len(_titles([*groups[place], finding])) <= LONGEST_CELL:
            groups[place].append(finding)
        else:
            places[key] = len(groups)
            groups.append([finding])
    return groups


def _titles(group: Sequence[Finding]) -> str:
    return ", ".join(plain(finding.title) for finding in group)


def result_row(group: Sequence[Finding], places: frozenset[str] = frozenset()) -> Row:
    """Result, check, measured, needed, of findings that share a cause."""
    first = group[0]
    word, titles = result_word(first), _titles(group)
    needed = tuple(dict.fromkeys(finding.expected for finding in group))
    tells_it = len(needed) == 1 and first.status is not Status.NOT_APPLICABLE
    text = _("{status}: {title}: {observed} (needed: {expected})")
    sentence = text.format(
        status=word, title=titles, observed=first.observed, expected="; ".join(needed)
    )
    return Row(
        cells=(word, titles, first.observed, needed[0] if tells_it else NOTHING_NEEDED),
        status=first.status,
        sentence=sentence,
        leads=tuple(
            Lead(text=finding.title, anchor=finding.check if finding.check in places else "")
            for finding in group
        ),
        url=source_url(first.source) if tells_it else "",
    )


def source_url(source: Source | None) -> str:
    """The section that asks for it, else its page; empty for what is no address of a web page."""
    if source is None:
        return ""
    return next(filter(_is_web_page, (source.section_url, source.url)), "")


def _is_web_page(url: str) -> bool:
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def asked_for(needed: str, source: Source | None) -> str:
    """ "Needed: under 20 ms. Asked for by Technical Prerequisites, “Network”"."""
    told = labelled(_("Needed"), needed)
    if source is None:
        return told
    section = _(", “{section}”").format(section=source.section) if source.section else ""
    return _("{needed}. Asked for by {source}").format(
        needed=told.rstrip("."), source=f"{_(source.title)}{section}"
    )


def guide_sections(findings: Sequence[Finding]) -> tuple[Section, ...]:
    """What each row means for calls, page by page as the wizard shows them."""
    entries = tuple(
        Entry(
            title=finding.title,
            text=finding.meaning or finding.summary,
            to_do=_remedy_words(finding),
            method=labelled(_("Measured"), finding.method) if finding.method else "",
            source=asked_for(finding.expected, finding.source),
            anchor=finding.check,
            url=source_url(finding.source),
        )
        for finding in findings
    )
    if not entries:
        return ()
    return (
        Section(
            heading=_("What each row means"),
            blocks=(Guide(entries=entries),),
            evidence=True,
        ),
    )


def _remedy_words(finding: Finding) -> str:
    remedy = finding.remedy
    if remedy is None:
        return ""
    return labelled(_("What to do"), labelled(owner_name(remedy.owner), remedy.text))


def _test_call(chart: Chart, report: Report, *, shows_way: bool) -> Section:
    media = report.profile.targets.media or report.profile.targets.turn
    told = chart_sentence(chart).rstrip(".")
    if media:
        told = _("{measured}, to {target}").format(measured=told, target=media)
    text = _("{title}. Line: median. Band: fastest to slowest. Cross: lost.")
    picture = Picture(sentence=text.format(title=told), chart=chart)
    path = next((each.path for each in report.findings if each.path), ())
    route = (Route(stops=tuple(map(route_stop, path))),) if path and shows_way else ()
    return Section(heading=_("The test call"), blocks=(picture, *route), evidence=True)


def _charts(report: Report, kind: ChartKind) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts_of(report) if chart.kind is kind)


def _voice(report: Report) -> Section | None:
    """How loud the person was, and how much of it a call had to make up."""
    pictures = tuple(
        Picture(sentence=chart_sentence(chart), chart=chart)
        for chart in _charts(report, ChartKind.VOICE)
    )
    if not pictures:
        return None
    return Section(heading=_("Your voice in the browser"), blocks=pictures, evidence=True)


def route_stop(stop: PathStop) -> Stop:
    """A stop as every view shows it."""
    return Stop(name=stop.name, at=stop.at, figures=stop.figures)


def _problems(report: Report, headline: Headline) -> list[Section]:
    """Every problem of which there is more to say than its card, in the order of the report."""
    problems = [finding for finding in report.findings if finding.status is Status.FAIL]
    text = _("Problem {number} in detail: {title}")
    return [
        Section(
            heading=text.format(number=number, title=finding.title),
            blocks=(*_sentence(finding, headline), *blocks),
            evidence=_has_card(finding, headline),
            anchors=(finding.check,),
        )
        for number, finding in enumerate(problems, 1)
        if (blocks := _evidence((finding,), report, headline)) or not _has_card(finding, headline)
    ]


def _sentence(finding: Finding, headline: Headline) -> tuple[Paragraph, ...]:
    """What is wrong, unless the card at the top is about this finding itself and says so."""
    told = any(fix.finding.check == finding.check for fix in headline.fix_first)
    return () if told else (Paragraph(text=finding.summary, tone=Tone.STRONG),)


def _others(report: Report, headline: Headline) -> list[Section]:
    """What could not be told, is at its limit, could be better or must be confirmed; worst first.

    What only waits for another finding is named there, and in no part of its own; what is not
    known for one and the same reason is told once.
    """
    shown = {each.check for each in report.findings
             if each.status is Status.FAIL or each.status in ALSO_DETAILED}  # fmt: skip
    groups: dict[object, list[Finding]] = {}
    questions = []
    for finding in sorted(report.findings, key=severity):
        waits = finding.status is Status.UNKNOWN and finding.depends_on in shown
        if finding.status not in ALSO_DETAILED or waits:
            continue
        if finding.status is Status.MANUAL and not (finding.details or finding.tried):
            questions.append(finding)
            continue
        unknown = finding.status is Status.UNKNOWN and finding.details and not finding.tried
        why: object = (finding.observed, finding.remedy) if unknown else finding.check
        if finding.status is Status.MANUAL:  # both sides of a headset that nobody has tried
            why = (finding.observed, finding.remedy, finding.details, finding.tried)
        groups.setdefault(why, []).append(finding)
    behind_cards = [group for group in groups.values() if _is_brief(group, headline)]
    parts = [
        Section(
            heading=titled(group[0]),
            blocks=blocks,
            level=3,
            status=group[0].status,
            evidence=all(_has_card(finding, headline) for finding in group),
            anchors=tuple(finding.check for finding in group),
        )
        for group in groups.values()
        if group not in behind_cards
        and ((blocks := _evidence(group, report, headline)) or not _has_card(group[0], headline))
    ]
    asked = _questions([each for each in questions if not _has_card(each, headline)], headline)
    if asked:
        told = Lines(lines=asked, kind=LineKind.ASKED)
        word = status_word(Status.MANUAL)
        parts.append(Section(heading=word, blocks=(told,), level=3, status=Status.MANUAL))
    brief = tuple(_brief(group[0], headline) for group in behind_cards)
    unset = tuple(_unset(fix) for fix in headline.fix_later if fix.status is Status.NOT_SET_UP)
    if not (parts or brief or unset):
        return []
    only_proof = all(part.evidence for part in parts) and not unset
    told_briefly = tuple(
        Lines(lines=lines, kind=kind)
        for lines, kind in ((brief, LineKind.WHY), (unset, LineKind.ASKED))
        if lines
    )
    head = Section(heading=_("Also worth knowing"), blocks=told_briefly, evidence=only_proof)
    return [head, *parts]


def _unset(fix: Fix) -> Line:
    """What nobody has set up is one thing to do for all its rows; no card at the top says it."""
    done_by = labelled(owner_name(fix.owner), fix.text) if fix.owner is not None else fix.text
    return Line(label=fix.title, text=done_by)


def _is_brief(group: Sequence[Finding], headline: Headline) -> bool:
    """Whether one line says all that is left to say: why, or what to do."""
    first = group[0]
    if len(group) > 1 or first.stages or first.tried:
        return False
    left_to_say = len(first.details) + (not _has_card(first, headline))
    return left_to_say == 1


def _brief(finding: Finding, headline: Headline) -> Line:
    if finding.details:
        return Line(label=finding.title, text=finding.details[0].text, anchor=finding.check)
    return _question(finding, headline)


def _questions(findings: Sequence[Finding], headline: Headline) -> tuple[Line, ...]:
    """What only a person can settle, and how; where one cause is behind several, only what."""
    causes = Counter(finding.observed for finding in findings)
    return tuple(
        Line(label=finding.title, text=finding.summary, anchor=finding.check)
        if causes[finding.observed] > 1
        else _question(finding, headline)
        for finding in findings
    )


def _question(finding: Finding, headline: Headline) -> Line:
    told = finding.summary
    if finding.remedy is not None and not _is_said(finding, headline):
        stop = "" if told.endswith((".", "?", "!")) else "."
        told += f"{stop} {labelled(owner_name(finding.remedy.owner), finding.remedy.text)}"
    return Line(label=finding.title, text=told, anchor=finding.check)


def _has_card(finding: Finding, headline: Headline) -> bool:
    """Whether a card at the top stands for it, and tells what to do where anybody knows."""
    return _is_said(finding, headline) and any(
        fix.finding.check == finding.check or plain(finding.title) in fix.also
        for fix in headline.fix_first
    )


def _is_said(finding: Finding, headline: Headline) -> bool:
    """Whether nothing is left to say of what to do: a card says it, or nobody knows."""
    remedy = finding.remedy
    return remedy is None or any(
        (fix.owner, fix.text) == (remedy.owner, plain(remedy.text)) for fix in headline.fix_first
    )


def _evidence(group: Sequence[Finding], report: Report, headline: Headline) -> tuple[Content, ...]:
    """How far it came, what to do unless that was said, why we say so, and every try."""
    finding = group[0]
    stages = tuple(map(_stage, finding.stages))
    to_do, why = tuple(_to_do(group, report, headline)), tuple(_why(finding, report))
    attempts = _attempts(finding, report)
    tried, more = _tried_lines(attempts[:TRIED_SHOWN]), len(attempts) - TRIED_SHOWN
    left_out = ngettext(
        "{count} more attempt is in the JSON report.",
        "{count} more attempts are in the JSON report.",
        more,
    ).format(count=more)
    blocks: tuple[Content | None, ...] = (
        Stages(stages=stages) if stages else None,
        Lines(lines=to_do, kind=LineKind.TO_DO) if to_do else None,
        Lines(lines=why, kind=LineKind.WHY) if why else None,
        Lines(lines=tried, kind=LineKind.TRIED) if tried else None,
        Paragraph(text=left_out, tone=Tone.SMALL) if more > 0 else None,
    )
    return tuple(block for block in blocks if block is not None)


class _Try(Struct, frozen=True, kw_only=True):
    """When something was tried, on what, and what came of it."""

    at: str
    target: str
    result: str


def _attempts(finding: Finding, report: Report) -> tuple[_Try, ...]:
    """Each try, in the order in which they began; what came out the same is one line.

    Where some failed, those that did not prove nothing; where none did, what was seen says why.
    """
    if finding.status not in TRIED_TOLD:
        return ()
    times: dict[tuple[str, str], list[float]] = {}
    failed = tuple(line for line in finding.tried if line.failed)
    proof = failed or (() if finding.details else finding.tried)
    for line in proof:
        times.setdefault((line.target, line.result), []).append(line.started_s)
    more = _("{attempt} ({count} times)")
    return tuple(
        _Try(
            at=clock_after(report, started[0]),
            target=target,
            result=more.format(attempt=result, count=len(started)) if len(started) > 1 else result,
        )
        for (target, result), started in times.items()
    )


def _tried_lines(attempts: Sequence[_Try]) -> tuple[Line, ...]:
    """Those that began together and came out the same tell their time and result once."""
    together = groupby(attempts, key=lambda attempt: (attempt.at, attempt.result))
    return tuple(
        Line(label=at, text=_tried_words([attempt.target for attempt in alike], result))
        for (at, result), alike in together
    )


def _tried_words(targets: Sequence[str], result: str) -> str:
    if len(targets) == 1:
        return f"{targets[0]}, {result}"
    return labelled("; ".join(targets), result)


def _stage(stage: ConnectionStage) -> Stage:
    return Stage(status=stage.status, name=stage.name, text=stage.text)


def _to_do(group: Sequence[Finding], report: Report, headline: Headline) -> Iterator[Line]:
    finding = group[0]
    if finding.remedy is not None and not _is_said(finding, headline):
        told = labelled(owner_name(finding.remedy.owner), finding.remedy.text)
        yield Line(label=_("What to do"), text=told)
    waiting = [each.title for each in report.findings if each.depends_on == finding.check
               and each.status is Status.UNKNOWN]  # fmt: skip
    if waiting:
        text = _("{titles}: to be tested once this is settled.").format(titles=", ".join(waiting))
        yield Line(label=_("Waits for it"), text=text)
    if len(group) > 1:
        yield Line(label=_("The same"), text=", ".join(each.title for each in group[1:]))


def _why(finding: Finding, report: Report) -> Iterator[Line]:
    """The values once more only where the table had to cut them; no detail twice in a report.

    What follows each other under one label (each question to one server) is one line.
    """
    told = _told_before(finding, report)
    if max(len(plain(finding.observed)), len(plain(finding.expected))) > LONGEST_CELL:
        needs = _("needed: {expected}").format(expected=finding.expected)
        yield Line(label=_("Measured"), text=f"{finding.observed}{DOT}{needs}")
    new = (detail for detail in finding.details if detail not in told)
    for label, details in groupby(new, key=lambda detail: detail.label):
        *others, last = (detail.text for detail in details)
        yield Line(label=label, text="; ".join((*(text.rstrip(".") for text in others), last)))


def _told_before(finding: Finding, report: Report) -> frozenset[Detail]:
    """What is told further up in the same words: which browser it was, which servers were asked.

    Of several that could not be told for one reason, only the first one's details are shown.
    """
    told: dict[object, tuple[Detail, ...]] = {}
    for each in sorted(report.findings, key=severity):
        if each.check == finding.check:
            break
        one_cause = each.status is Status.UNKNOWN and not each.depends_on
        if each.status in DETAILED or one_cause:
            told.setdefault((each.observed, each.remedy) if one_cause else each.check, each.details)
    return frozenset(detail for details in told.values() for detail in details)


def _requests(report: Report) -> list[Section]:
    """All that one owner has to see to is one text to paste; an empty line parts the matters."""
    return [
        Section(
            heading=request.heading,
            blocks=(Request(lines=tuple("\n\n".join(request.texts).split("\n"))),),
            evidence=True,
        )
        for request in request_blocks(report)
    ]


def _methods(report: Report, untested: Sequence[str], *, with_guide: bool) -> Section:
    """How it was measured, to which servers, who asks for it, and what was not measured.

    With a guide, each row's own method is told there.
    """
    methods = methods_of(report)
    if with_guide:
        methods = tuple(method for method in methods if not method.check)
    lines = tuple(
        Line(label=method.title, text=method.text, anchor=method.check) for method in methods
    )
    # what a row of the table says, it says there; what was left out of the run has no row
    if untested:
        told = untested[: bool(report.left_out)]
    else:
        told = (_("Everything this role needs was tested."),)
    form = (
        _("This page: screen readers can follow it, and it can be enlarged.")
        if with_guide
        else _("The same report as HTML, for screen readers.")
    )
    accessible = Line(label=_("Accessible form"), text=form)
    not_tested = tuple(Line(label=_("Not tested"), text=f"{line.rstrip('.')}.") for line in told)
    return Section(
        heading=_("How this was measured"),
        blocks=(Lines(lines=(*lines, *not_tested, accessible), kind=LineKind.METHOD),),
        evidence=True,
    )


def _line_changes(report: Report) -> Section | None:
    if not report.line_changes:
        return None
    lines = tuple(
        Line(label=clock_after(report, change.at_s), text=line_change_words(change))
        for change in report.line_changes
    )
    return Section(
        heading=_("What happened to the connection meanwhile"),
        blocks=(Lines(lines=lines, kind=LineKind.METHOD),),
        evidence=True,
    )


def plan_document(plan: OrgPlan, items: Sequence[ChecklistItem], app_version: str) -> Document:
    """A plan without a report."""
    return Document(
        title=_("Plan for the org"),
        code=moment_words(plan.made_at),
        banner=None,
        facts=(),
        sections=(*plan_sections(plan), *checklist_sections(items)),
        foot=f"natwizard {app_version}",
        language=language_tag(),
    )


def plan_chapter(plan: OrgPlan) -> tuple[Section, ...]:
    """The plans within the report of a workstation: what begins here, then each."""
    text = _("Worked out on {moment} from what was entered, not measured.")
    told = Paragraph(text=text.format(moment=moment_words(plan.made_at)), tone=Tone.SOFT)
    return (Section(heading=_("Plan for the org"), blocks=(told,)), *plan_sections(plan))


def plan_sections(plan: OrgPlan) -> tuple[Section, ...]:
    """Each plan that was made: table, picture, what it means, where its rules are from."""
    last = plan.insight or plan.storage
    made = [_plan(single, together_words(plan) if single is last else "") for single in plan.plans]
    if plan.bandwidth is not None:
        made.append(_bandwidth(plan.bandwidth))
    return tuple(made)


def _plan(plan: CapacityPlan, more: str) -> Section:
    columns = (
        Column(title=_("Part"), share=0.25),
        Column(title=_("How"), share=0.33),
        Column(title=_("Per day"), share=0.14, amount=True),
        Column(title=_("Per month"), share=0.14, amount=True),
        Column(title=_("Per year"), share=0.14, amount=True),
    )
    rows = (
        *(_part(part, plan.unit) for part in plan.parts),
        structs.replace(_part(plan.total, plan.unit), strong=True),
    )
    allowed = allowance_words(plan.allowance, plan.unit) if plan.allowance is not None else ""
    blocks: tuple[Content, ...] = (
        Paragraph(text=_inputs_words(plan), tone=Tone.SOFT),
        Table(columns=columns, rows=rows),
        *_bar(breakdown_of(plan)),
        *(Paragraph(text=text, tone=Tone.STRONG) for text in (allowed, more) if text),
        *(Paragraph(text=note.text, tone=Tone.SMALL) for note in plan.notes),
        Paragraph(text=plan_source_words(plan.source), tone=Tone.SMALL),
    )
    return Section(heading=plan.title, blocks=blocks)


def _inputs_words(plan: CapacityPlan) -> str:
    """What the plan was made of, in its own terms: the rows' arithmetic tells the rest."""
    if not plan.once:
        return _("Worked out from what was entered; a month is a twelfth of a year.")
    return _("Once, at the start: {amount}. A month is a twelfth of a year.").format(
        amount=amount_words(plan.once, plan.unit)
    )


def _part(part: Part, unit: Unit) -> Row:
    amounts = (part.per_day, part.per_month, part.per_year)
    return Row(cells=(part.title, part.how, *(amount_words(amount, unit) for amount in amounts)))


def _bandwidth(plan: BandwidthPlan) -> Section:
    needed, carried = bandwidth_words(plan)
    blocks: tuple[Content, ...] = (
        Paragraph(text=needed, tone=Tone.STRONG),
        *(_bar(bandwidth_breakdown(plan))),
        *((Paragraph(text=carried, tone=Tone.STRONG),) if carried else ()),
        Paragraph(text=bandwidth_note(), tone=Tone.SMALL),
        Paragraph(text=plan_source_words(plan.source), tone=Tone.SMALL),
    )
    return Section(heading=_("Bandwidth of the site"), blocks=blocks)


def _bar(breakdown: Breakdown) -> tuple[Bar, ...]:
    """Nothing where there is nothing to divide."""
    if not breakdown.total:
        return ()
    shares = tuple(share_words(breakdown.share(piece)) for piece in breakdown.slices)
    return (Bar(breakdown=breakdown, shares=shares),)


def checklist_sections(items: Sequence[ChecklistItem]) -> tuple[Section, ...]:
    """How far it is, then the points, topic by topic."""
    if not items:
        return ()
    line = _("What only people can settle: {line}.").format(line=checklist_line(items))
    head = Section(heading=_("Checklist"), blocks=(Paragraph(text=line, tone=Tone.SOFT),))
    topics = (
        Section(heading=topic, blocks=(Points(points=tuple(map(_point, points))),), level=3)
        for topic, points in groupby(items, key=lambda item: item.topic)
    )
    return (head, *topics)


def _point(item: ChecklistItem) -> Point:
    answer = item.answer
    if answer is None:
        return Point(status=None, text=item.text, answer="", owner=owner_name(item.owner))
    status = Status.PASS if answer.reply is Reply.YES else Status.WARN
    told = answer_words(answer)
    return Point(status=status, text=item.text, answer=told, owner=owner_name(item.owner))
