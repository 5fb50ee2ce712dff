"""What a terminal shows of a watch: one line that moves, and each bad moment as it is over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status as Spinner

from natwizard.cli.table import MARKS
from natwizard.cli.text import Text
from natwizard.model.language import _, ngettext
from natwizard.model.watch import BadMoment, WatchRecord
from natwizard.model.writing import with_unit
from natwizard.report.watch_words import STATUSES, moment_line, span_words

STILL_GROWING_S = 4.0
"""A moment that ended less than this ago may go on: it is told once it has not."""


@contextmanager
def watch_display(*, quiet: bool) -> Iterator[Callable[[WatchRecord], None]]:
    """Give a watch its listener; without a terminal on stderr only bad moments are printed."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        yield _ignore
        return
    told = _Moments(console)
    if not console.is_terminal:
        yield told
        return
    with console.status(_("Getting ready")) as spinner:
        told.spinner = spinner
        yield told


def _ignore(_record: WatchRecord) -> None:
    """Nobody is watching."""


class _Moments:
    def __init__(self, console: Console) -> None:
        self.spinner: Spinner | None = None
        self._console = console
        self._printed: set[tuple[str, float]] = set()

    def __call__(self, record: WatchRecord) -> None:
        over = record.lasted_s >= record.planned_s
        self._printed &= {_key(moment) for moment in record.moments}  # hours may bring thousands
        for moment in record.moments:
            key = _key(moment)
            settled = moment.start_s + moment.duration_s + STILL_GROWING_S < record.lasted_s
            if key not in self._printed and (settled or over):
                self._printed.add(key)
                self._console.print(_line(record, moment))
        if self.spinner is not None:
            self.spinner.update(_status(record))


def _key(moment: BadMoment) -> tuple[str, float]:
    return moment.kind.value, moment.start_s


def _line(record: WatchRecord, moment: BadMoment) -> Text:
    mark, style = MARKS[STATUSES[moment.kind]]
    line = Text()
    line.append(f" {mark} ", style=style)
    line.append(moment_line(record, moment))
    return line


def _status(record: WatchRecord) -> str:
    bad = record.times_bad
    moments = ngettext("{count} bad moment", "{count} bad moments", bad).format(count=bad)
    last = record.columns[-1] if record.columns else None
    now = with_unit(last.median, "ms") if last is not None and last.answered else _("no answer")
    return _("{time} of {whole}, {now}, {moments}").format(
        time=span_words(round(record.lasted_s)),
        whole=span_words(record.planned_s),
        now=now,
        moments=moments,
    )
