"""The sentences of a fleet: what is shared, by whom, since when, and who has to act."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from natwizard.fleet.overview import Overview, SharedProblem, SilentSeat
from natwizard.fleet.reading import Unread
from natwizard.fleet.scan import Window
from natwizard.fleet.shared_cause import DAY_S
from natwizard.model.finding import Owner
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Role
from natwizard.model.report import Readiness
from natwizard.model.writing import date_words, number
from natwizard.report.plain import isolated, plain, shortened
from natwizard.report.words import NBSP, owner_name, owner_object, role_words, verdict_words

OWNERS = {owner.value: owner for owner in Owner}
VERDICTS = {verdict.value: verdict for verdict in Readiness}
ROLES = {role.value: role for role in Role}
# A report may hold any text; on a page it is one line of a card or a cell
LONGEST = 160
# Of several places that are hit together; the rest are counted, and a list has all of them
NAMES_TOLD = 4
TINY = 1e-6


def text(said: str) -> str:
    """Words of a report, which anybody may have written: one line, bounded, and in its place
    among ours in whatever direction it is written.
    """
    return isolated(shortened(plain(said), LONGEST))


def place_name(name: str) -> str:
    """A site, or that none is named."""
    return text(name) or _("no site named")


def group_name(kind: str, name: str) -> str:
    """A group of any kind, as a label."""
    match kind:
        case "site":
            return place_name(name)
        case "browser":
            return text(name).capitalize() or _("not known")
        case "role":
            return role_name(name)
        case _:
            return text(name) or _("not known")


def kind_name(kind: str) -> str:
    """By what seats are put together, as a heading."""
    names = {
        "site": _("Site"),
        "subnet": _("Subnet"),
        "provider": _("Provider"),
        "browser": _("Browser"),
        "role": _("Role"),
    }
    return names[kind]


def who(owner: str) -> str:
    """An owner as a label."""
    if owner == Owner.AGENT:
        return _("The people there")
    return owner_name(OWNERS[owner]) if owner in OWNERS else _("Nobody named")


def verdict_name(verdict: str) -> str:
    """A verdict as a label; "first run" where there is none."""
    return verdict_words(VERDICTS[verdict]) if verdict in VERDICTS else _("First run")


def role_name(role: str) -> str:
    """A role as a label."""
    return role_words(ROLES[role]) if role in ROLES else text(role)


def problem_sentence(problem: SharedProblem) -> str:
    """ "27 of 30 desks in Leeds fail “Packet loss”, 9:05 to 9:40 on 3 Nov 2026." """
    cause = problem.cause
    sentence = _("{failed} of {desks} desks {where} fail “{title}”, {when}.")
    return sentence.format(
        failed=number(cause.failed),
        desks=number(cause.desks),
        where=where_words(cause.kind, cause.places),
        title=text(problem.title),
        when=when_words(problem),
    )


def action_sentence(problem: SharedProblem) -> str:
    """Who gets it."""
    if problem.owner == Owner.AGENT:
        return _("The people at these desks can put it right.")
    if problem.owner not in OWNERS:
        return _("Its reports name nobody who could put it right.")
    return _("Send this to {owner}.").format(owner=owner_object(OWNERS[problem.owner]))


def proof_sentence(problem: SharedProblem) -> str:
    """Why this is no accident."""
    cause = problem.cause
    parts = []
    if cause.desks_elsewhere:
        elsewhere = (
            _(
                "Elsewhere in the same hours: {failed} of {desks}"
                " (without {places}, where it fails too)."
            )
            if cause.apart
            else _("Elsewhere in the same hours: {failed} of {desks}.")
        )
        parts.append(
            elsewhere.format(
                places=several([text(place) for place in cause.apart] or [""]),
                failed=number(cause.failed_elsewhere),
                desks=number(cause.desks_elsewhere),
            )
        )
    parts.append(chance_words(cause.chance))
    return " ".join(parts)


def doubt_sentence(problem: SharedProblem) -> str:
    """How many more it may be; empty where that is known."""
    perhaps = problem.cause.perhaps
    if not perhaps:
        return ""
    told = _("Perhaps there are more, {where}: too few others ran in those hours to tell.")
    *others, last = [where_words(scope.kind, scope.groups) for scope in perhaps]
    where = _("{places} or {last}").format(places=listed(others), last=last) if others else last
    return told.format(where=where)


def chance_words(chance: float) -> str:
    """One in so many, rounded down: nobody needs the digits."""
    if chance < TINY:
        return _("By chance: in less than one of a million such folders.")
    often = 10 ** (len(str(int(1 / chance))) - 1)
    told = _("By chance: in less than one of {count} such folders.")
    return told.format(count=number(often))


def where_words(kind: str, groups: Sequence[str]) -> str:
    """Which desks, after a count of them."""
    names = [text(group) for group in groups]
    match kind:
        case "provider":
            return _("behind {provider}").format(provider=several(names))
        case "site":
            return _("in {site}").format(site=several(names))
        case "subnet":
            said = ngettext("in subnet {subnet}", "in subnets {subnet}", len(names))
            return said.format(subnet=several(names))
        case "browser":
            return _("with {browser}").format(browser=several([n.capitalize() for n in names]))
        case _:
            return _("everywhere")


def several(names: Sequence[str]) -> str:
    """Names as a sentence tells them; of many, the first few and how many more."""
    *others, last = names
    if not others:
        return last
    if len(names) > NAMES_TOLD:
        told = _("{names} and {count} more")
        count = number(len(names) - NAMES_TOLD)
        return told.format(names=listed(names[:NAMES_TOLD]), count=count)
    return _("{names} and {last}").format(names=listed(others), last=last)


def when_words(problem: SharedProblem) -> str:
    """By the clocks on the walls there; where those differ, in UTC, and that is said.

    What comes back at one hour of the day does so by each desk's own clock, wherever it stands.
    """
    windows = problem.cause.windows
    first, last = windows[0], windows[-1]
    offset_s, end_offset_s = problem.offset_s, problem.end_offset_s
    of_day = problem.cause.of_day
    if of_day is not None:
        told = _("on {days} days between {start} and {end} by the clocks there")
        return told.format(
            days=problem.cause.days, start=_of_day(of_day.start_s), end=_of_day(of_day.end_s)
        )
    if problem.cause.lasts:
        told = _("since {date}, {start}, and still")
        said = told.format(
            date=_date(first.start_s, offset_s), start=_clock(first.start_s, offset_s)
        )
    elif len(windows) > 1:
        told = _("{count} times from {start} to {end}")
        said = told.format(
            count=len(windows),
            start=_date(first.start_s, offset_s),
            end=_date(last.end_s, end_offset_s),
        )
    else:
        said = window_words(first, offset_s, end_offset_s)
    return said if problem.one_clock else f"{said} (UTC)"


def window_words(window: Window, offset_s: float, end_offset_s: float) -> str:
    """From when to when, with the date once where one day holds both."""
    start_date, end_date = _date(window.start_s, offset_s), _date(window.end_s, end_offset_s)
    start, end = _clock(window.start_s, offset_s), _clock(window.end_s, end_offset_s)
    if start_date == end_date:
        return _("{start} to {end} on {date}").format(start=start, end=end, date=start_date)
    told = _("{start_date}, {start} to {end_date}, {end}")
    return told.format(start_date=start_date, start=start, end_date=end_date, end=end)


def headline(overview: Overview) -> str:
    """The one number of the page."""
    total = overview.total
    if not total.seats:
        return _("There is no report here")
    ready = total.ready + total.ready_to_public + total.ready_with_advice
    told = ngettext(
        "{ready} of {count} seat is ready", "{ready} of {count} seats are ready", total.seats
    )
    return told.format(ready=number(ready), count=number(total.seats))


def subline(overview: Overview) -> str:
    """What the number rests on, and how much of the trouble is shared."""
    if not overview.total.seats:
        if overview.unread:
            return _("Nothing in this folder can be counted. Below it says why.")
        return _("Nothing in this folder is a natwizard report.")
    count = len(overview.problems)
    if count:
        told = ngettext(
            "{count} shared problem is behind most of it. It has one owner: begin there.",
            "{count} shared problems stand behind more than one desk each. Begin with them.",
            count,
        )
        return told.format(count=number(count))
    if overview.total.not_ready:
        return _("No two desks share a problem that chance would not explain.")
    return _("No seat has a problem.")


def period_words(overview: Overview) -> str:
    """How many runs, from when to when, in UTC."""
    if overview.first_s is None or overview.last_s is None:
        return ""
    count = ngettext("{count} run", "{count} runs", overview.runs)
    start, end = (_date(at_s, 0) for at_s in (overview.first_s, overview.last_s))
    return f"{count.format(count=number(overview.runs))}, {start} – {end}"  # noqa: RUF001


def silence_words(overview: Overview) -> str:
    """How many seats are silent and where, or that none is."""
    if not overview.total.seats and not overview.silent:
        return ""
    if not overview.silent:
        told = _("Every seat has reported in the last {days} days.")
        return told.format(days=number(overview.silent_after_days))
    count = len(overview.silent)
    told = ngettext("{count} seat is silent: {where}", "{count} seats are silent: {where}", count)
    return told.format(count=number(count), where=_silent_where(overview))


def _silent_where(overview: Overview) -> str:
    """Where, the most silent place first; those that never reported are of no place yet."""
    never = sum(seat.last_s is None for seat in overview.silent)
    sites = Counter(seat.site for seat in overview.silent if seat.last_s is not None)
    told = [f"{place_name(name)} {number(count)}" for name, count in sites.most_common(NAMES_TOLD)]
    others = sites.total() - sum(count for _name, count in sites.most_common(NAMES_TOLD))
    if others:
        told.append(_("elsewhere {count}").format(count=number(others)))
    if never:
        told.append(_("never reported {count}").format(count=number(never)))
    return listed(told)


def silent_words(seat: SilentSeat) -> str:
    """Since when nothing has come from a seat."""
    if seat.last_s is None or seat.days is None:
        return _("has never reported")
    days = int(seat.days)
    told = ngettext("silent for {count} day", "silent for {count} days", days)
    return told.format(count=number(days))


def unread_words(unread: Unread) -> str:
    """Why a file is not counted."""
    return text(_(unread.reason).format(detail=unread.detail))


def date_of(at_s: float, offset_s: float = 0.0) -> str:
    """The day of a moment by the clocks there; in UTC where it is of the whole folder."""
    return _date(at_s, offset_s)


def moment_of(at_s: float, offset_s: float) -> str:
    """Day and time by the clocks there."""
    return f"{_date(at_s, offset_s)}, {_clock(at_s, offset_s)}"


def iso_moment(at_s: float, offset_s: float = 0.0) -> str:
    """For files that programs read."""
    return _local(at_s, offset_s).isoformat(timespec="seconds")


def figure(value: float, unit: str) -> str:
    """A measured figure with its unit."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    return f"{number(value, digits)}{NBSP}{text(unit)}".rstrip(NBSP)


def listed(names: Sequence[str]) -> str:
    """A short list."""
    return ", ".join(names)


def _local(at_s: float, offset_s: float) -> datetime:
    try:
        zone = timezone(timedelta(seconds=round(offset_s / 60) * 60))
        return datetime.fromtimestamp(at_s, zone)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _date(at_s: float, offset_s: float) -> str:
    return date_words(_local(at_s, offset_s).date())


def _clock(at_s: float, offset_s: float) -> str:
    return f"{_local(at_s, offset_s):%H:%M}"


def _of_day(seconds: float) -> str:
    minutes = int(seconds % DAY_S) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
