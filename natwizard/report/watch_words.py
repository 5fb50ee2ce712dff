"""A watch in words: the answer, its figures, and each bad moment."""

from datetime import timedelta

from msgspec import Struct

from natwizard.model.finding import Chart, ChartColumn, Status
from natwizard.model.language import _, ngettext
from natwizard.model.watch import BadKind, BadMoment, WatchRecord
from natwizard.model.writing import NBSP, labelled, number, short_number, with_unit
from natwizard.report.facts import moment_words, read_moment
from natwizard.report.plain import plain

MANY_S = 3600
STATUSES = {
    BadKind.LOST: Status.WARN,
    BadKind.SLOW: Status.WARN,
    BadKind.LATE: Status.WARN,
    BadKind.NO_ANSWER: Status.FAIL,
    BadKind.WEBSOCKET_CUT: Status.FAIL,
    BadKind.WEBSOCKET_SILENT: Status.FAIL,
    BadKind.COMPUTER: Status.UNKNOWN,
}


class WatchAnswer(Struct, frozen=True, kw_only=True):
    """What a watch comes to: whose glyph, a headline, one sentence."""

    status: Status
    title: str
    sentence: str


def watch_answer(record: WatchRecord) -> WatchAnswer:
    """Whether anything happened that a person on a call would have noticed."""
    lasted = span_words(record.lasted_s)
    bad = record.line_moments
    if bad:
        count = record.times_bad
        title = ngettext("{count} bad moment", "{count} bad moments", count).format(count=count)
        worst = max(bad, key=lambda moment: (_rank(moment), moment.duration_s))
        text = _("{what} for {duration}: the worst in {time}.")
        sentence = text.format(
            time=lasted, what=moment_word(worst.kind), duration=span_words(worst.duration_s)
        )
        failed = any(STATUSES[moment.kind] is Status.FAIL for moment in bad)
        return WatchAnswer(
            status=Status.FAIL if failed else Status.WARN, title=title, sentence=sentence
        )
    if not record.figures.sent and not record.figures.websocket_s:
        sentence = _("Nothing could be measured in {time}.").format(time=lasted)
        return WatchAnswer(status=Status.UNKNOWN, title=_("Could not tell"), sentence=sentence)
    sentence = _("Nothing went wrong in {time}.").format(time=lasted)
    return WatchAnswer(status=Status.PASS, title=_("Steady"), sentence=sentence)


def _rank(moment: BadMoment) -> bool:
    return STATUSES[moment.kind] is Status.FAIL


def moment_word(kind: BadKind) -> str:
    """What happened, in a few words."""
    match kind:
        case BadKind.LOST:
            return _("Voice packets were lost")
        case BadKind.SLOW:
            return _("Voices came late")
        case BadKind.LATE:
            return _("Some voice packets came too late")
        case BadKind.NO_ANSWER:
            return _("Nothing came back")
        case BadKind.WEBSOCKET_CUT:
            return _("The websocket was cut")
        case BadKind.WEBSOCKET_SILENT:
            return _("The websocket did not answer")
        case BadKind.COMPUTER:
            return _("This computer was too busy to tell")


def moment_span(moment: BadMoment) -> str:
    """How long it lasted, or in what time it happened more than once."""
    told = span_words(moment.duration_s)
    return _("within {time}").format(time=told) if moment.times > 1 else told


def moment_detail(moment: BadMoment) -> str:
    """The numbers behind it; empty where there are none."""
    often = ""
    if moment.times > 1:
        often = ngettext("{count} time", "{count} times", moment.times)
    return ", ".join(filter(None, (often.format(count=number(moment.times)), _amount(moment))))


def _amount(moment: BadMoment) -> str:
    match moment.kind:
        case BadKind.LOST | BadKind.NO_ANSWER if moment.worst:
            count = round(moment.worst)
            told = ngettext("{count} packet", "{count} packets", count)
            return told.format(count=number(count))
        case BadKind.SLOW | BadKind.LATE:
            return _("up to {time}").format(time=with_unit(moment.worst, "ms"))
        case BadKind.COMPUTER:
            return _("packets left up to {time} late").format(time=with_unit(moment.worst, "ms"))
        case _:
            return ""


def moment_clock(record: WatchRecord, moment: BadMoment) -> str:
    """Time of day it began at: "14:06:12"; with the date where the watch runs past midnight."""
    started = read_moment(record.started_at)
    if started is None:
        return span_words(moment.start_s)
    when = started + timedelta(seconds=moment.start_s)
    if when.date() == started.date():
        return f"{when:%H:%M:%S}"
    return f"{when:%m-%d %H:%M:%S}"


def span_words(seconds: float) -> str:
    """ "0.5 s", "47 s", "12 min", "1 h 5 min"."""
    if seconds < 10 and seconds != round(seconds):
        return with_unit(seconds, "s", 1)
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours}{NBSP}h {minutes}{NBSP}min" if minutes else f"{hours}{NBSP}h"
    if minutes:
        return f"{minutes}{NBSP}min {rest}{NBSP}s" if rest else f"{minutes}{NBSP}min"
    return f"{whole}{NBSP}s"


def watch_facts(record: WatchRecord) -> tuple[tuple[str, str], ...]:
    """A name and a value each, for a row of four."""
    figures = record.figures
    if figures.median_ms is None:
        round_trip = _("nothing came back") if record.media else _("not watched")
    else:
        round_trip = _("{median} ms, 95 % under {p95} ms").format(
            median=_short(figures.median_ms), p95=_short(figures.p95_ms or 0.0)
        )
    return (
        (_("Round trip"), round_trip),
        (_("Lost"), _lost_words(record)),
        (_("Jitter"), _jitter_words(record)),
        (_("Websocket"), _websocket_words(record)),
    )


def _short(value: float) -> str:
    """Two figures below ten, whole above."""
    return number(value, 1 if value < 10 else 0)


def _lost_words(record: WatchRecord) -> str:
    sent, lost = record.figures.sent, record.figures.lost
    if not sent:
        return _("not measured")
    return _("{share}, {lost} of {sent}").format(
        share=with_unit(100 * lost / sent, "%", 2), lost=number(lost), sent=number(sent)
    )


def _jitter_words(record: WatchRecord) -> str:
    mean, worst = record.figures.jitter_ms, record.figures.worst_jitter_ms
    if mean is None or worst is None:
        return _("not measured")
    return _("{mean} ms, worst {worst} ms").format(mean=number(mean, 1), worst=number(worst, 1))


def _websocket_words(record: WatchRecord) -> str:
    if not record.websocket:
        return _("not watched")
    cuts = record.figures.websocket_cuts
    told = ngettext("cut once", "cut {count} times", cuts).format(count=cuts)
    held = _("open for {time}").format(time=span_words(record.figures.websocket_s))
    return f"{held}, {told}" if cuts else held


def watch_chart(record: WatchRecord, *, length_s: float = 0.0) -> Chart:
    """The whole watch, ready to draw; where nothing came back the line stays where it was."""
    columns: list[ChartColumn] = []
    level = 0.0
    for column in record.columns:
        if column.answered:
            level = column.median
        told = (column.low, column.median, column.high) if column.answered else (level,) * 3
        low, median, high = (max(0.0, value) for value in told)
        columns.append(
            ChartColumn(start_s=column.start_s, low=low, median=median, high=high, lost=column.lost)
        )
    return Chart(
        title=_("Round trip"),
        limit_ms=record.limits.round_trip_ms,
        length_s=max(length_s, record.lasted_s, record.column_s, 1.0),
        columns=tuple(columns),
    )


def watch_text(record: WatchRecord) -> str:
    """All of it for a mail or a chat."""
    answer = watch_answer(record)
    lines = [labelled(answer.title, answer.sentence)]
    lines += [plain(labelled(name, value)) for name, value in watch_facts(record)]
    lines += [plain(record.note)] if record.note else []
    if record.moments:
        lines.append("")
    lines += [moment_line(record, moment) for moment in record.moments]
    started = _("Watched from {moment}").format(moment=moment_words(record.started_at))
    code = _("Run code: {code}.").format(code=plain(record.run_code))
    return "\n".join((*lines, "", f"{plain(started)}. {code}")) + "\n"


def moment_line(record: WatchRecord, moment: BadMoment) -> str:
    """ "14:06:12  Voice packets were lost, 0.5 s, 15 packets"."""
    told = (moment_word(moment.kind), moment_span(moment), moment_detail(moment))
    return f"{moment_clock(record, moment)}  {', '.join(filter(None, told))}"


def watch_methods(record: WatchRecord) -> tuple[str, ...]:
    """A sentence or two each; they hold texts of the profile and of the computer."""
    limits = record.limits
    started = _("From {moment}, for {time} of {planned} planned.").format(
        moment=moment_words(record.started_at),
        time=span_words(record.lasted_s),
        planned=span_words(record.planned_s),
    )
    call = _("A call's packets, 172 bytes every 20 ms, went to {target} for {time}.").format(
        target=record.media, time=span_words(record.figures.measured_s)
    )
    socket = _("One websocket to {target} was held open with a ping now and then.").format(
        target=record.websocket
    )
    bad = _(
        "A moment is bad where {lost} packets or more are lost in a second, where most round trips"
        " of a second take over {slow} ms, or where a packet comes {late} ms later than usual."
    ).format(
        lost=number(limits.lost_in_second),
        slow=short_number(limits.round_trip_ms),
        late=short_number(limits.late_after_ms),
    )
    lines = (
        started,
        _from_where(record),
        call if record.figures.sent else "",
        socket if record.websocket else "",
        bad,
        record.note,
    )
    return tuple(filter(None, lines))


def _from_where(record: WatchRecord) -> str:
    machine = record.machine
    computer = ", ".join(filter(None, (machine.host_name, machine.user_name, machine.system)))
    if not computer:
        return ""
    return _("Computer: {computer}. Profile: {profile}.").format(
        computer=computer, profile=record.profile
    )
