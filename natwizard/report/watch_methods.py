"""How a watch was measured, in a few sentences: when, from where, against what, what counts."""

from natwizard.model.language import _
from natwizard.model.watch import WatchRecord
from natwizard.model.writing import number, short_number
from natwizard.report.facts import moment_words
from natwizard.report.watch_words import span_words


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
