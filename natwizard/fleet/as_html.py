"""A fleet as one HTML page: no script, nothing fetched, everything from outside escaped."""

from collections.abc import Iterable, Sequence

from natwizard.fleet.html_charts import stacked_bar, strip
from natwizard.fleet.html_figures import lines_section, matrix_section, more, wide
from natwizard.fleet.html_style import fleet_style
from natwizard.fleet.overview import Overview, Place, SharedProblem, SilentSeat
from natwizard.fleet.wording import (
    action_sentence,
    date_of,
    doubt_sentence,
    group_name,
    headline,
    kind_name,
    listed,
    moment_of,
    period_words,
    place_name,
    problem_sentence,
    proof_sentence,
    silence_words,
    silent_words,
    subline,
    text,
    unread_words,
    verdict_name,
    who,
)
from natwizard.model.finding import Status
from natwizard.model.language import _, ngettext
from natwizard.model.report import Readiness
from natwizard.model.writing import number
from natwizard.report.html.markup import Markup, element, glyph, joined
from natwizard.report.html.page import page
from natwizard.report.words import language_tag, verdict_status, verdict_words

# One row a desk: a fleet may have thousands, and the CSV has them all
ROWS_SHOWN = 200
CHANGES_SHOWN = 15
SILENT_OPEN = 24


def fleet_html(overview: Overview) -> str:
    """The whole page, in the language that is spoken now."""
    body = element(
        "main",
        _head(overview),
        _hero(overview),
        _problems(overview),
        _silent(overview),
        matrix_section(overview),
        _owners_and_groups(overview),
        lines_section(overview),
        _changed(overview),
        _odd(overview),
        _seats(overview),
        _unread(overview),
        _method(overview),
    )
    return page(
        title=f"natwizard fleet: {headline(overview)}",
        style=fleet_style(),
        language=language_tag(),
        body=body,
    )


def _head(overview: Overview) -> Markup:
    made = moment_of(overview.now_s, 0)
    return element(
        "header",
        element("span", "natwizard fleet"),
        element("span", f"{made} (UTC)", class_="soft"),
    )


def _hero(overview: Overview) -> Markup:
    total = overview.total
    legend = (
        element(
            "li",
            glyph(verdict_status(verdict)),
            element("b", number(count)),
            f" {verdict_words(verdict)}",
            class_=verdict_status(verdict).value,
        )
        for verdict, count in _counts(total)
        if count
    )
    return element(
        "section",
        element("h1", headline(overview)),
        element("p", subline(overview), class_="lead"),
        stacked_bar([(verdict_status(verdict), count) for verdict, count in _counts(total)]),
        element("ul", *legend, class_="legend"),
        element("p", silence_words(overview), class_="silence"),
        element("p", period_words(overview), class_="soft"),
        class_="hero",
    )


def _counts(place: Place) -> tuple[tuple[Readiness, int], ...]:
    return (
        (Readiness.NOT_READY, place.not_ready),
        (Readiness.COULD_NOT_TELL, place.could_not_tell),
        (Readiness.READY_WITH_ADVICE, place.ready_with_advice),
        (Readiness.READY_TO_PUBLIC, place.ready_to_public),
        (Readiness.READY, place.ready),
    )


def _problems(overview: Overview) -> Markup:
    if not overview.problems:
        return Markup()
    return element(
        "section",
        element("h2", _("One problem, many desks")),
        element(
            "p",
            _("Bars: desks that ran; dark, those that failed. Shaded: the time of the problem."),
            class_="soft",
        ),
        *(_problem(overview, problem) for problem in overview.problems),
    )


def _problem(overview: Overview, problem: SharedProblem) -> Markup:
    facts = [element("p", text(problem.summary))] if problem.summary else []
    if problem.where:
        facts.append(element("p", text(problem.where)))
    if problem.also_titles:
        also = _("With it fail: {titles}.")
        titles = listed([text(title) for title in problem.also_titles])
        facts.append(element("p", also.format(titles=titles)))
    codes = _("Some of its runs: {codes}")
    if problem.run_codes:
        shown = listed([text(code) for code in problem.run_codes])
        facts.append(element("p", codes.format(codes=shown), class_="soft"))
    return element(
        "article",
        element(
            "div",
            element("h3", glyph(Status.FAIL), " ", problem_sentence(problem), class_="fail"),
            element("span", who(problem.owner), class_="owner"),
            class_="row",
        ),
        element(
            "p",
            element("b", action_sentence(problem)),
            " ",
            element("span", proof_sentence(problem), class_="soft"),
        ),
        element("p", doubt_sentence(problem)) if problem.cause.perhaps else Markup(),
        strip(problem, overview),
        element(
            "div", *(element("span", end) for end in _ends(problem, overview)), class_="ends soft"
        ),
        element("details", element("summary", _("More")), *facts),
        class_="card",
    )


def _ends(problem: SharedProblem, overview: Overview) -> tuple[str, ...]:
    """What stands under the picture: the hours of the day, or the first and the last day."""
    if problem.cause.daily:
        return ("0:00", "6:00", "12:00", "18:00", "24:00")
    if overview.first_s is None or overview.last_s is None:
        return ()
    return (date_of(overview.first_s), date_of(overview.last_s))


def _owners_and_groups(overview: Overview) -> Markup:
    owners = _table(
        _("Who has to act"),
        (_("Who"), _("Problems"), _("Seats")),
        ((who(row.owner), number(row.problems), number(row.seats)) for row in overview.owners),
    )
    by_kind = {kind: overview.places_by(kind) for kind in ("provider", "browser", "role")}
    # one group alone is all seats, which the head tells already
    tables = [_places(kind, places) for kind, places in by_kind.items() if len(places) > 1]
    if not overview.owners and not tables:
        return Markup()
    shown = owners if overview.owners else Markup()
    return element("section", shown, *tables, class_="columns")


def _places(kind: str, places: Sequence[Place]) -> Markup:
    return element(
        "div",
        element("h2", kind_name(kind)),
        *(
            element(
                "div",
                element("span", group_name(kind, place.name)),
                element(
                    "span",
                    _("{ready} of {seats} ready").format(
                        ready=number(place.ready + place.ready_to_public + place.ready_with_advice),
                        seats=number(place.seats),
                    ),
                    class_="soft",
                ),
                stacked_bar([(verdict_status(each), count) for each, count in _counts(place)]),
                class_="place",
            )
            for place in places[:12]
        ),
        more(len(places), 12),
    )


def _changed(overview: Overview) -> Markup:
    # where nobody ran before, there is nothing to have changed
    if not any(flow.before for flow in overview.flows):
        return Markup()
    since = _("Changed since {date}").format(date=date_of(overview.since_s))
    moved = [flow for flow in overview.flows if flow.before != flow.after]
    flows = (
        element(
            "li",
            element("b", number(flow.seats)),
            f" {verdict_name(flow.before)} → {verdict_name(flow.after)}",
        )
        for flow in moved
    )
    if not moved and not overview.changes:
        return element("section", element("h2", since), element("p", _("Nothing has changed.")))
    changes = _table(
        "",
        (_("Site"), _("Check"), _("Worse"), _("Better")),
        (
            (place_name(row.site), text(row.title), number(row.worse), number(row.better))
            for row in overview.changes[:CHANGES_SHOWN]
        ),
    )
    return element(
        "section",
        element("h2", since),
        element("ul", *flows, class_="flows"),
        changes,
        more(len(overview.changes), CHANGES_SHOWN),
    )


def _silent(overview: Overview) -> Markup:
    """The longest silent stand open, the rest are folded: names are looked for near the top."""
    if not overview.silent:
        return Markup()
    seats = [_silent_seat(seat) for seat in overview.silent[:ROWS_SHOWN]]
    # nothing is folded away for one or two
    shown = SILENT_OPEN if len(seats) > SILENT_OPEN + 2 else len(seats)
    first, rest = seats[:shown], seats[shown:]
    folded = element(
        "details",
        element("summary", _("And {count} more").format(count=number(len(rest)))),
        element("ul", *rest, class_="silent"),
        more(len(overview.silent), ROWS_SHOWN),
    )
    return element(
        "section",
        element("h2", _("Silent seats")),
        element("ul", *first, class_="silent"),
        folded if rest else Markup(),
    )


def _silent_seat(seat: SilentSeat) -> Markup:
    where = place_name(seat.site) if seat.last_s is not None else ""
    since = date_of(seat.last_s, seat.offset_s) if seat.last_s is not None else ""
    return element(
        "li",
        element("b", text(seat.label)),
        element("span", listed([each for each in (where, since) if each]), class_="soft"),
        element("span", silent_words(seat)),
    )


def _odd(overview: Overview) -> Markup:
    if not overview.odd:
        return Markup()
    rows = (
        (
            text(odd.label),
            place_name(odd.desk.site),
            text(odd.title),
            _("{failed} of {runs} runs").format(
                failed=number(odd.desk.failed), runs=number(odd.desk.runs)
            ),
            who(odd.owner),
        )
        for odd in overview.odd[:ROWS_SHOWN]
    )
    names = (_("Seat"), _("Site"), _("Check"), _("Fails"), _("Who acts"))
    return element(
        "section",
        element("h2", _("Single desks")),
        element(
            "p", _("These fail by themselves while the desks around them pass."), class_="soft"
        ),
        _table("", names, rows),
        more(len(overview.odd), ROWS_SHOWN),
    )


def _seats(overview: Overview) -> Markup:
    held_back = [row for row in overview.seats if row.verdict != Readiness.READY]
    if not held_back:
        return Markup()
    titles = {row.requirement: text(row.title) for row in overview.requirements}
    rows = (
        (
            text(row.host_name or row.seat),
            place_name(row.site),
            verdict_name(row.verdict),
            listed([titles.get(name, text(name)) for name in row.failing.split(", ") if name]),
            moment_of(row.at_s, row.offset_s),
            text(row.run_code),
        )
        for row in held_back[:ROWS_SHOWN]
    )
    names = (_("Seat"), _("Site"), _("Result"), _("What fails"), _("Last run"), _("Run code"))
    count = ngettext(
        "{count} seat that is not ready without advice",
        "{count} seats that are not ready without advice",
        len(held_back),
    )
    return element(
        "details",
        element("summary", count.format(count=number(len(held_back)))),
        wide(_table("", names, rows), name=_("Seats")),
        more(len(held_back), ROWS_SHOWN),
    )


def _unread(overview: Overview) -> Markup:
    if not overview.unread:
        return Markup()
    rows = ((text(each.file), unread_words(each)) for each in overview.unread[:ROWS_SHOWN])
    count = ngettext(
        "{count} file that is not counted",
        "{count} files that are not counted",
        len(overview.unread),
    )
    return element(
        "details",
        element("summary", count.format(count=number(len(overview.unread)))),
        _table("", (_("File"), _("Why")), rows),
        more(len(overview.unread), ROWS_SHOWN),
    )


def _method(overview: Overview) -> Markup:
    return element(
        "footer",
        element(
            "p",
            _(
                "Counted from {folder}. A shared problem is told where the desks of one place fail"
                " more often than chance explains (exact binomial test, corrected for every place,"
                " hour and requirement looked at) and more often than desks elsewhere in the same"
                " hours (exact tests of Fisher and, for few desks, Boschloo), each with less than"
                " one false alarm in 100 folders. Places that fail it in the same hours are one"
                " problem."
            ).format(folder=text(overview.folder)),
        ),
        element(
            "p",
            _(
                "Hours and days are those of the clocks where the desks stand. Where these differ,"
                " UTC is named; dates of the whole folder are UTC."
            ),
        ),
    )


def _table(title: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in names)))
    body = element(
        "tbody", *(element("tr", *(element("td", cell) for cell in row)) for row in rows)
    )
    heading = element("h2", title) if title else Markup()
    return element("div", joined(heading, element("table", head, body)))
