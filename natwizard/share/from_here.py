"""Runs of this computer on their way out: what is sent of one, to whom, and what became of it.

The terminal and the window share this, so that both send the same bytes and say the same words.
"""

from collections.abc import Iterable

from msgspec import Struct, structs

from natwizard.model.language import _, ngettext
from natwizard.model.profile import Profile, Share
from natwizard.model.report import Handover, HandoverOutcome, Report
from natwizard.model.shared import Seat, SharedReport
from natwizard.model.watch import WatchRecord
from natwizard.report.plain import isolated, plain
from natwizard.share.deliver import (
    Delivery,
    Destination,
    Underway,
    begin_delivery,
    begin_watch_delivery,
)
from natwizard.share.otlp import logs_body
from natwizard.share.seat import seat_of
from natwizard.share.shared_report import as_shared, file_name, shared_json, shared_report
from natwizard.share.this_computer import (
    addresses_here,
    addresses_in,
    is_of_this_computer,
    machine_here,
)

RESOLVE_PROXY_S = 5.0


class Message(Struct, frozen=True, kw_only=True):
    """What goes to one destination of a run, to the byte.

    Attributes:
        place: a file's path, or a collector's address.
    """

    destination: Destination
    place: str
    content: bytes


class NotOfThisComputer(Exception):
    """Nothing proves that a saved report was made here, so it must not be told as this seat's."""


def saved_run(content: bytes, report: Report, profile: Profile) -> SharedReport:
    """What is sent of a saved report: `content` is its JSON. Raises NotOfThisComputer.

    One that was shared before keeps the seat, and the time, that it has. Any other must be of
    this computer, and its site is where the computer was during the run, not where it is now.
    """
    known = as_shared(content)
    if known is not None:
        return _masked(report, known.seat, known.amended_at)
    if not is_of_this_computer(report):
        raise NotOfThisComputer
    return _masked(report, seat_here(profile, profile.share, addresses_in(report)))


def seat_here(profile: Profile, share: Share, addresses: Iterable[str]) -> Seat:
    """The seat that this computer is, at the site that these addresses belong to."""
    machine, host_name = machine_here()
    return seat_of(share, profile.sites, machine=machine, host_name=host_name, addresses=addresses)


def messages_of(report: Report, profile: Profile, *, amended_at: str = "") -> tuple[Message, ...]:
    """What would be sent of a run of this computer; without a [share] what a folder would get."""
    return messages_with(_run_of_here(report, profile, profile.share, amended_at), profile.share)


def messages_with(shared: SharedReport, share: Share) -> tuple[Message, ...]:
    """What each destination gets of a run."""
    made = []
    if share.folder or not share.otlp:
        folder = share.folder or _("[share] folder")
        place = f"{folder}/{file_name(shared.seat, shared.run_id)}"
        content = shared_json(shared)
        made.append(Message(destination=Destination.FOLDER, place=place, content=content))
    if share.otlp:
        content = logs_body(shared)
        made.append(Message(destination=Destination.OTLP, place=share.otlp, content=content))
    return tuple(made)


def begin_here(report: Report, profile: Profile, share: Share, *, amended_at: str = "") -> Underway:
    """Begin to send a run of this computer. Never raises: no result of a run is spoilt by it.

    `amended_at` is when the report changed after it was sent before.
    """
    return begin_sending(_run_of_here(report, profile, share, amended_at), profile, share)


def begin_sending(shared: SharedReport, profile: Profile, share: Share) -> Underway:
    """Begin to send a run to wherever `share` says. Never raises."""
    return begin_delivery(
        shared,
        share,
        extra_roots=profile.targets.extra_roots,
        proxy_for=_proxy_for,
    )


def begin_watch_here(record: WatchRecord, profile: Profile) -> Underway:
    """Begin to send the bad moments of a watch, where the profile wants them. Never raises."""
    return begin_watch_delivery(
        record,
        seat_here(profile, profile.share, addresses_here()),
        profile.share,
        extra_roots=profile.targets.extra_roots,
        proxy_for=_proxy_for,
    )


def with_handover(report: Report, deliveries: Iterable[Delivery], share: Share) -> Report:
    """The report with what became of it, each place once."""
    told = [
        Handover(recipient=share.recipient or _place(each, share), outcome=each.outcome)
        for each in deliveries
    ]
    return structs.replace(report, handed_over=tuple(dict.fromkeys(told)))


def _place(delivery: Delivery, share: Share) -> str:
    return share.folder if delivery.destination is Destination.FOLDER else share.otlp


def delivery_words(delivery: Delivery, share: Share) -> str:
    """One line on what became of a run."""
    to, why = isolated(share.recipient or _place(delivery, share)), plain(delivery.detail)
    match delivery.outcome:
        case HandoverOutcome.SENT:
            told = _("The result went to {recipient}.").format(recipient=to)
            if delivery.rejected:
                why = why or _("it does not say why")
                text = ngettext(
                    "{count} of its records was left out there: {reason}.",
                    "{count} of its records were left out there: {reason}.",
                    delivery.rejected,
                )
                told = f"{told} {text.format(count=delivery.rejected, reason=why)}"
        case HandoverOutcome.WAITING:
            text = _("The result goes to {recipient} with the next run: {reason}.")
            told = text.format(recipient=to, reason=why)
        case HandoverOutcome.REFUSED:
            text = _("{recipient} does not take the result: {reason}.")
            told = text.format(recipient=to, reason=why)
        case HandoverOutcome.LOST:
            text = _("The result could be neither sent to {recipient} nor kept: {reason}.")
            told = text.format(recipient=to, reason=why)
    if delivery.dropped:
        more = ngettext(
            "{count} older result had to go.", "{count} older results had to go.", delivery.dropped
        )
        told = f"{told} {more.format(count=delivery.dropped)}"
    if delivery.set_aside:
        more = ngettext(
            "{count} older result could not be sent and was set aside.",
            "{count} older results could not be sent and were set aside.",
            delivery.set_aside,
        )
        told = f"{told} {more.format(count=delivery.set_aside)}"
    return told


def _run_of_here(
    report: Report, profile: Profile, share: Share, amended_at: str = ""
) -> SharedReport:
    """A run that this program made just now; only some of its evidence holds addresses."""
    addresses = addresses_in(report) or addresses_here()
    return _masked(report, seat_here(profile, share, addresses), amended_at)


def _masked(report: Report, seat: Seat, amended_at: str = "") -> SharedReport:
    import natwizard.checks.catalogue  # noqa: F401 - whose texts evidence holds, probes say

    return shared_report(report, seat, amended_at=amended_at)


def _proxy_for(url: str) -> str:
    """The proxy that the program finds for this address by itself; none where asking fails."""
    import asyncio

    from natwizard.probes.network import ProxyKind
    from natwizard.system.network import SystemNetwork

    try:
        found = asyncio.run(SystemNetwork().find_proxies(url, timeout_s=RESOLVE_PROXY_S))
    except (OSError, TimeoutError, ValueError):
        return ""
    spoken = (entry for entry in found.entries if entry.kind is ProxyKind.HTTP)
    return next((str(entry) for entry in spoken), "")
