"""Sends a run, and what waits from earlier ones, without ever holding anybody up.

A run is put into a queue on disk first, and leaves it when the receiver has it: a kill, a full
disk at the other end or a day without network lose nothing but what is beyond the queue's bound.
"""

import errno
import math
import os
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.profile import Share
from natwizard.model.report import HandoverOutcome
from natwizard.model.shared import Seat, SharedReport
from natwizard.model.watch import WatchRecord
from natwizard.report.files import CannotWrite
from natwizard.share.folder import TriedTooOften, put_file
from natwizard.share.otlp import logs_body, records_in, watch_body
from natwizard.share.otlp_answer import Answer, Posted, back_off_s
from natwizard.share.outbox import NotAsPut, Outbox, default_outboxes
from natwizard.share.shared_report import file_name, shared_json

DEADLINE_S = 20.0
"""Beyond it the rest waits for the next run: nobody waits longer for a prompt to come back."""


class Destination(StrEnum):
    """Where runs go; also the name of the queue's folder."""

    FOLDER = "folder"
    OTLP = "otlp"


class Delivery(Struct, frozen=True, kw_only=True):
    """What became of a run, and of those before it.

    Attributes:
        detail: why it is not sent, or not all of it, in one line; empty where it is.
        sent: runs that arrived just now, this one among them.
        waiting: runs that wait for the next time.
        dropped: runs that were never sent and had to make room.
        set_aside: files of earlier runs that can never be sent, kept beside the queue.
        rejected: records of this run that the receiver left out although it took the rest.
    """

    destination: Destination
    outcome: HandoverOutcome
    detail: str = ""
    sent: int = 0
    waiting: int = 0
    dropped: int = 0
    set_aside: int = 0
    rejected: int = 0


class _Step(StrEnum):
    """What to do with a run after trying it, and with those behind it."""

    NEXT = "next"
    DROP = "drop"
    ASIDE = "aside"
    """It will never arrive, and may tell somebody why."""
    LATER = "later"
    """It waits, and perhaps it is the reason: those behind it are tried."""
    STOP = "stop"


class _Tried(Struct, frozen=True):
    step: _Step
    detail: str = ""
    pause_s: float = 0.0
    rejected: int = 0


Send = Callable[[Path, bytes], _Tried]


class Underway:
    """Runs that are being sent; what is still under way at the deadline goes on in threads that do
    not keep the program from ending.
    """

    def __init__(self, jobs: "Sequence[_Job]", until: float) -> None:
        self._jobs, self._until = jobs, until

    def deliveries(self, within_s: float = math.inf) -> tuple[Delivery, ...]:
        """How it stands after so many seconds, at the deadline, or as soon as all is done."""
        until = min(self._until, time.perf_counter() + within_s)
        return tuple(job.delivery_by(until) for job in self._jobs)


def begin_delivery(
    report: SharedReport,
    share: Share,
    *,
    extra_roots: tuple[str, ...] = (),
    proxy_for: Callable[[str], str] = lambda _url: "",
    outboxes: Path | None = None,
    deadline_s: float = DEADLINE_S,
) -> Underway:
    """Queue a run wherever the profile wants it, and begin to send. Never raises.

    `proxy_for` tells the proxy for an address, or nothing for the direct way.
    """
    until = time.perf_counter() + deadline_s
    root = outboxes or default_outboxes()
    name = _queue_name(report.started_at, file_name(report.seat, report.run_id))
    jobs: list[_Job] = []
    if share.folder:
        send = _folder_sender(Path(share.folder))
        jobs.append(_Job(Destination.FOLDER, root, name, shared_json(report), send))
    if share.otlp:
        otlp = _OtlpSender(share, extra_roots, proxy_for, until)
        jobs.append(_Job(Destination.OTLP, root, name, logs_body(report), otlp, otlp.close))
    return _begin(jobs, until)


def begin_watch_delivery(
    record: WatchRecord,
    seat: Seat,
    share: Share,
    *,
    extra_roots: tuple[str, ...] = (),
    proxy_for: Callable[[str], str] = lambda _url: "",
    outboxes: Path | None = None,
    deadline_s: float = DEADLINE_S,
) -> Underway:
    """The same of a watch, which goes to a collector alone, and only where the profile says so."""
    until = time.perf_counter() + deadline_s
    root = outboxes or default_outboxes()
    name = _queue_name(record.started_at, file_name(seat, record.run_id))
    jobs: list[_Job] = []
    if share.otlp and share.watches:
        otlp = _OtlpSender(share, extra_roots, proxy_for, until)
        body = watch_body(record, seat)
        jobs.append(_Job(Destination.OTLP, root, name, body, otlp, otlp.close))
    return _begin(jobs, until)


def _begin(jobs: "Sequence[_Job]", until: float) -> Underway:
    for job in jobs:
        job.start()
    return Underway(jobs, until)


def _queue_name(started_at: str, name: str) -> str:
    """Sorts by time."""
    return f"{_started(started_at):%Y%m%dT%H%M%S%fZ}-{name}"


class _Job:
    """One destination: its queue, and the thread that empties it."""

    def __init__(
        self,
        destination: Destination,
        root: Path,
        name: str,
        content: bytes,
        send: Send,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._destination = destination
        self._outbox = Outbox(root / destination.value)
        self._name = name
        self._content = content
        self._send = send
        self._close = close
        self._queued = True
        self._dropped = 0
        self._set_aside = 0
        self._done: Delivery | None = None
        self._thread = threading.Thread(
            target=self._work, name=f"share {destination.value}", daemon=True
        )

    def start(self) -> None:
        """Queue the run, which is quick, and begin to send."""
        try:
            self._dropped = self._outbox.put(self._name, self._content)
        except CannotWrite:
            self._queued = False  # no disk: it can still be sent, only not kept
        self._thread.start()

    def delivery_by(self, until: float) -> Delivery:
        """How it stands now, or at the deadline."""
        self._thread.join(max(0.0, until - time.perf_counter()))
        if self._done is not None:
            return self._done
        return self._delivery(HandoverOutcome.WAITING, _("there was no answer in time"), sent=0)

    def _work(self) -> None:
        try:
            self._done = self._empty()
        except Exception as error:  # noqa: BLE001 - sharing must not spoil a run, whatever happens
            self._done = self._delivery(
                HandoverOutcome.WAITING, f"{type(error).__name__}: {error}", sent=0
            )
        finally:
            self._close()

    def _empty(self) -> Delivery:
        if not self._queued:
            tried = self._send(Path(self._name), self._content)
            outcomes = {
                _Step.NEXT: HandoverOutcome.SENT,
                _Step.DROP: HandoverOutcome.REFUSED,
                _Step.ASIDE: HandoverOutcome.REFUSED,
            }
            outcome = outcomes.get(tried.step, HandoverOutcome.LOST)
            sent = int(outcome is HandoverOutcome.SENT)
            return self._delivery(outcome, tried.detail, sent=sent, rejected=tried.rejected)
        with self._outbox.alone() as alone:
            if not alone:
                return self._delivery(
                    HandoverOutcome.WAITING, _("another run is being sent just now"), sent=0
                )
            if self._outbox.paused_s() > 0:
                return self._delivery(
                    HandoverOutcome.WAITING,
                    _("the receiver asked to be left alone for a while"),
                    sent=0,
                )
            return self._send_all()

    def _send_all(self) -> Delivery:
        """This run first, then the oldest: whether it goes shows best whether any can.

        A run that cannot be sent holds up none behind it, unless it is the receiver that fails:
        which is so where two fail and none has gone through.
        """
        outcome, told, rejected = HandoverOutcome.WAITING, "", 0
        sent = failed = 0
        waiting = self._outbox.waiting()
        for path in sorted(waiting, key=lambda each: (each.name != self._name, each.name)):
            is_this = path.name == self._name
            tried = self._tried(path)
            if tried is None:
                continue
            if is_this:
                told, rejected = tried.detail, tried.rejected
            if tried.pause_s:
                self._outbox.pause(tried.pause_s)
            failed += tried.step is _Step.LATER
            if tried.step is _Step.STOP or (failed > 1 and not sent):
                break
            if tried.step is _Step.LATER:
                continue
            self._take_out(path, tried.step, is_this=is_this)
            sent += tried.step is _Step.NEXT
            if is_this:
                is_sent = tried.step is _Step.NEXT
                outcome = HandoverOutcome.SENT if is_sent else HandoverOutcome.REFUSED
        return self._delivery(outcome, told, sent=sent, rejected=rejected)

    def _take_out(self, path: Path, step: _Step, *, is_this: bool) -> None:
        """Of the queue; told is only of earlier runs, whose people are gone."""
        if step is _Step.ASIDE:
            self._set_aside += self._outbox.set_aside(path) and not is_this
        else:
            self._outbox.done(path)

    def _tried(self, path: Path) -> _Tried | None:
        """What became of one run; None where it is gone."""
        try:
            content = self._outbox.content(path)
        except FileNotFoundError:
            return None
        except NotAsPut:
            return _Tried(_Step.ASIDE, _("what was kept of it cannot be read"))
        except OSError as error:
            return _Tried(_Step.LATER, error.strerror or str(error))
        try:
            return self._send(path, content)
        except Exception as error:  # noqa: BLE001 - whatever one run brings up is its own affair
            return _Tried(_Step.LATER, f"{type(error).__name__}: {error}")

    def _delivery(
        self, outcome: HandoverOutcome, detail: str, *, sent: int, rejected: int = 0
    ) -> Delivery:
        return Delivery(
            destination=self._destination,
            outcome=outcome,
            detail="" if outcome is HandoverOutcome.SENT and not rejected else detail,
            sent=sent,
            rejected=rejected,
            waiting=len(self._outbox.waiting()),
            dropped=self._dropped,
            set_aside=self._set_aside,
        )


NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Of a whole folder: each further try might leave half of a file."""


def _folder_sender(folder: Path) -> Send:
    def send(path: Path, content: bytes) -> _Tried:
        """The name in the folder is what stands behind the time in the queue's name."""
        try:
            put_file(folder, path.name.partition("-")[2], content)
        except TriedTooOften as error:
            return _Tried(_Step.ASIDE, error.reason)
        except CannotWrite as error:
            cause = error.__cause__
            full = isinstance(cause, OSError) and cause.errno in NO_ROOM
            of_all = full or not os.path.isdir(folder)
            return _Tried(_Step.STOP if of_all else _Step.LATER, error.reason)
        return _Tried(_Step.NEXT)

    return send


class _OtlpSender:
    """Posts runs one after the other over one connection, patiently as far as there is time."""

    def __init__(
        self,
        share: Share,
        extra_roots: tuple[str, ...],
        proxy_for: Callable[[str], str],
        until: float,
    ) -> None:
        self._share = share
        self._extra_roots = extra_roots
        self._proxy_for = proxy_for
        self._until = until
        self._post: Callable[[bytes], Posted] | None = None
        self._closing = ExitStack()

    def __call__(self, _path: Path, body: bytes) -> _Tried:
        if self._post is None:
            try:
                self._post = self._connected()
            except (OSError, ssl.SSLError, ValueError) as error:
                return _Tried(_Step.STOP, str(error))
        attempt = 0
        while True:
            posted = self._post(body)
            match posted.answer:
                case Answer.TAKEN:
                    # of what is rejected, nothing may be sent again (OTLP 1.x, "Partial Success")
                    lost = posted.rejected >= records_in(body) if posted.rejected else False
                    step = _Step.DROP if lost else _Step.NEXT
                    return _Tried(step, posted.detail, rejected=posted.rejected)
                case Answer.REFUSED:
                    return _Tried(_Step.DROP, posted.detail)
                case Answer.NOT_LET_IN:
                    return _Tried(_Step.STOP, posted.detail)
            asked_s = posted.retry_after_s
            # a whole site is told the same second, so each adds a little of its own
            wait_s = back_off_s(attempt) + (asked_s or 0.0)
            attempt += 1
            if time.perf_counter() + wait_s >= self._until:
                return _Tried(_Step.STOP, posted.detail, asked_s or 0.0)
            time.sleep(wait_s)

    def close(self) -> None:
        """Let go of the connection."""
        self._closing.close()

    def _connected(self) -> Callable[[bytes], Posted]:
        """Here, not at the top: httpx takes as long to load as a window to appear."""
        from natwizard.share.otlp_client import Collector, make_client, post_logs

        collector = Collector(
            address=self._share.otlp,
            token=self._share.token,
            client_certificate=self._share.client_certificate,
            proxy=self._proxy_for(self._share.otlp),
            extra_roots=self._extra_roots,
        )
        client = self._closing.enter_context(make_client(collector))
        return lambda body: post_logs(client, collector, body)


def _started(moment: str) -> datetime:
    """In UTC; now, where nobody can read when it was."""
    try:
        return datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
