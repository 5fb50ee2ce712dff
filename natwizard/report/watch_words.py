"""A watch in words: the answer, its figures, and each bad moment."""

from datetime import timedelta

from natwizard.drawing.chart_scale import chart_sentence
from natwizard.model.address import RELAY_TRANSPORTS
from natwizard.model.finding import Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.watch import BadKind, BadMoment, CallStanding, WatchedCall, WatchRecord
from natwizard.model.writing import NBSP, number, short_number, with_unit
from natwizard.report.as_text import document_text
from natwizard.report.document import (
    Banner,
    Column,
    Document,
    Line,
    Paragraph,
    Picture,
    Row,
    Section,
    Table,
)
from natwizard.report.facts import moment_words, read_moment
from natwizard.report.plain import Sanitised, isolated
from natwizard.report.watch_charts import call_charts, watch_chart
from natwizard.report.words import DOT, language_tag

STATUSES = {
    BadKind.LOST: Status.WARN,
    BadKind.SLOW: Status.WARN,
    BadKind.LATE: Status.WARN,
    BadKind.NO_ANSWER: Status.FAIL,
    BadKind.WEBSOCKET_CUT: Status.FAIL,
    BadKind.WEBSOCKET_SILENT: Status.FAIL,
    BadKind.COMPUTER: Status.UNKNOWN,
    BadKind.SLEPT: Status.UNKNOWN,
    BadKind.CALL_GAPS: Status.WARN,
    BadKind.CALL_LATE: Status.WARN,
    BadKind.CALL_CUT: Status.FAIL,
    BadKind.CALL_TAB: Status.UNKNOWN,
    BadKind.CALL_MICROPHONE: Status.UNKNOWN,
}


class WatchAnswer(Sanitised, frozen=True, kw_only=True):
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
    if not record.saw_anything:
        sentence = _("Nothing could be measured in {time}.").format(time=lasted)
        return WatchAnswer(status=Status.UNKNOWN, title=_("Could not tell"), sentence=sentence)
    sentence = _("Nothing went wrong in {time}.").format(time=lasted)
    return WatchAnswer(status=Status.PASS, title=_("Steady"), sentence=sentence)


def _rank(moment: BadMoment) -> bool:
    return STATUSES[moment.kind] is Status.FAIL


MOMENT_WORDS = {
    BadKind.LOST: N_("Voice packets were lost"),
    BadKind.SLOW: N_("Voices came late"),
    BadKind.LATE: N_("Some voice packets came too late"),
    BadKind.NO_ANSWER: N_("Nothing came back"),
    BadKind.WEBSOCKET_CUT: N_("The websocket was cut"),
    BadKind.WEBSOCKET_SILENT: N_("The websocket did not answer"),
    BadKind.COMPUTER: N_("This computer was too busy to tell"),
    BadKind.SLEPT: N_("This computer slept"),
    BadKind.CALL_GAPS: N_("Speech was missing in the call"),
    BadKind.CALL_LATE: N_("Speech came late in the call"),
    BadKind.CALL_CUT: N_("The call broke off"),
    BadKind.CALL_TAB: N_("The call's tab was closed"),
    BadKind.CALL_MICROPHONE: N_("The call's microphone was gone"),
}


def moment_word(kind: BadKind) -> str:
    """What happened, in a few words."""
    return _(MOMENT_WORDS[kind])


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
        case BadKind.CALL_GAPS:
            return _("{time} made up").format(time=with_unit(moment.worst, "ms"))
        case BadKind.SLOW | BadKind.LATE | BadKind.CALL_LATE:
            return _("up to {time}").format(time=with_unit(moment.worst, "ms"))
        case BadKind.COMPUTER if moment.worst:
            return _("programs waited up to {time}").format(time=with_unit(moment.worst, "ms"))
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


CALL_STATES = {
    CallStanding.OPENING: N_("Your browser is being opened for the call."),
    CallStanding.NOT_OPENED: N_("No browser could be opened for the call."),
    CallStanding.OFFERED: N_("Look at your browser: start the call there."),
    CallStanding.CONNECTING: N_("Your browser is calling."),
    CallStanding.HELD: N_("The call in your browser is under way."),
    CallStanding.NO_MICROPHONE: N_(
        "Your browser gets no microphone for the call: look at its tab."
    ),
    CallStanding.TAB_GONE: N_("The call's tab was closed. Open it again in your browser."),
}


def call_state(record: WatchRecord) -> str:
    """How the call in the browser stands while the watch goes on; empty where there is none."""
    return _(CALL_STATES[record.call.standing]) if record.call is not None else ""


def call_words(call: WatchedCall) -> str:
    """ "0.12 % made up, 0.3 % lost, delay 84 ms, at most 210 ms, held for 1 h"."""
    if call.delay_ms is None or call.worst_delay_ms is None:
        return _("not held")
    total = call.received + call.lost
    return _("{made_up} made up, {lost} lost, {delay} late, at most {worst}, for {time}").format(
        made_up=with_unit(100 * call.made_up_share, "%", 2),
        lost=with_unit(100 * call.lost / total if total else 0.0, "%", 2),
        delay=with_unit(call.delay_ms, "ms"),
        worst=with_unit(call.worst_delay_ms, "ms"),
        time=span_words(call.held_s),
    )


def watch_document(record: WatchRecord) -> Document:
    """The answer, the chart, the bad moments, how it was measured; for every view."""
    answer, masking = watch_answer(record), _("names and addresses masked")
    foot = (f"natwizard {record.app_version}", record.profile, masking if record.redacted else "")
    sections = (
        _chart_section(record),
        _call_section(record),
        _moments_section(record),
        _methods_section(record),
    )
    return Document(
        title=_("Connection watch"),
        code=_("Run code  {code}").format(code=record.run_code),
        banner=Banner(status=answer.status, title=answer.title, sentence=answer.sentence),
        facts=tuple(Line(label=name, text=value) for name, value in watch_facts(record)),
        sections=tuple(filter(None, sections)),
        foot=DOT.join(filter(None, foot)),
        language=language_tag(),
        run_code=record.run_code,
    )


def _chart_section(record: WatchRecord) -> Section | None:
    chart = watch_chart(record)
    if not chart.columns:
        return None
    text = _("{title}. Line: median. Band: fastest to slowest. Cross: lost.")
    sentence = text.format(title=chart_sentence(chart).rstrip("."))
    return Section(heading=_("The test call"), blocks=(Picture(sentence=sentence, chart=chart),))


def _call_section(record: WatchRecord) -> Section | None:
    if record.call is None:
        return None
    pictures = (
        Picture(sentence=chart_sentence(chart), chart=chart) for chart in call_charts(record)
    )
    words = Paragraph(text=call_words(record.call))
    return Section(heading=_("The call in the browser"), blocks=(words, *pictures))


def _moments_section(record: WatchRecord) -> Section | None:
    if not record.moments:
        return None
    columns = (
        Column(title=_("Time"), share=0.0),
        Column(title=_("What"), share=0.46),
        Column(title=_("How long"), share=0.18),
        Column(title=_("How much"), share=0.36),
    )
    rows = tuple(_moment_row(record, moment) for moment in record.moments)
    table = Table(columns=columns, rows=rows, again=_("Bad moments, continued"))
    return Section(heading=_("Bad moments"), blocks=(table,))


def _moment_row(record: WatchRecord, moment: BadMoment) -> Row:
    cells = (
        moment_clock(record, moment),
        moment_word(moment.kind),
        moment_span(moment),
        moment_detail(moment),
    )
    line = moment_line(record, moment)
    return Row(cells=cells, status=STATUSES[moment.kind], sentence=line)


def _methods_section(record: WatchRecord) -> Section:
    texts = tuple(Paragraph(text=text) for text in watch_methods(record))
    return Section(heading=_("How this was measured"), blocks=texts, evidence=True)


def watch_text(record: WatchRecord) -> str:
    """All of it for a mail or a chat."""
    return document_text(watch_document(record))


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
        _call_method(record),
        record.note,
    )
    return tuple(filter(None, lines))


def _call_method(record: WatchRecord) -> str:
    call = record.call
    if call is None:
        return ""
    text = _(
        "The browser held a call with itself through {target}, by Opus over {transport}, so that"
        " voice crossed the line twice: concealed samples, packets and jitter buffer by W3C"
        " webrtc-stats. {made_up} ms made up in a second are heard as a gap."
    )
    return text.format(
        target=call.target,
        transport=_(RELAY_TRANSPORTS[call.transport]) if call.transport else "-",
        made_up=short_number(record.limits.made_up_ms),
    )


def _from_where(record: WatchRecord) -> str:
    machine = record.machine
    computer = ", ".join(
        isolated(name) for name in (machine.host_name, machine.user_name, machine.system) if name
    )
    if not computer:
        return ""
    return _("Computer: {computer}. Profile: {profile}.").format(
        computer=computer, profile=record.profile
    )
