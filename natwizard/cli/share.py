"""natwizard share: show what would be sent of a report, send it, tell what waits."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import add_profile_argument, chosen_profile, read_report
from natwizard.model.language import _, ngettext
from natwizard.model.profile import Profile, Share
from natwizard.model.report import Report

if TYPE_CHECKING:  # `--help` waits for none of it
    from natwizard.model.shared import SharedReport
    from natwizard.share.deliver import Delivery

RESOLVE_PROXY_S = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard share`."""
    parser.add_argument(
        "what",
        choices=("show", "send", "waiting"),
        help=_("show what would be sent of a report, send it, or list what waits to be sent"),
    )
    parser.add_argument("report", nargs="?", default="", help=_("a saved report (JSON or PDF)"))
    add_profile_argument(parser)
    parser.add_argument(
        "--bytes", action="store_true", help=_("show the very bytes, not a readable form of them")
    )


def run(arguments: Namespace) -> int:
    """Exits 0, also where nothing could be sent yet: that is told, and waits. Raises UsageError."""
    if arguments.what == "waiting":
        return _tell_waiting()
    if not arguments.report:
        raise UsageError("name a saved report (JSON or PDF)")
    profile = chosen_profile(arguments).profile
    report = read_report(arguments.report)
    if arguments.what == "show":
        return _show(report, profile, as_bytes=arguments.bytes)
    if not profile.share.wanted:
        raise UsageError("the profile names no one to send to: it has no [share]")
    for delivery in deliver_here(report, profile, profile.share):
        sys.stdout.write(f"{delivery_words(delivery, profile.share)}\n")
    return 0


def deliver_here(report: Report, profile: Profile, share: Share) -> "tuple[Delivery, ...]":
    """Send a run of this computer. Never raises: the result of a run is not spoilt by it."""
    from natwizard.share.deliver import deliver

    return deliver(
        _of_this_seat(report, profile, share),
        share,
        extra_roots=profile.targets.extra_roots,
        proxy_for=_proxy_for,
    )


def delivery_words(delivery: "Delivery", share: Share) -> str:
    """One line on what became of a run."""
    from natwizard.report.plain import plain
    from natwizard.share.deliver import Destination, Outcome

    place = share.folder if delivery.destination is Destination.FOLDER else share.otlp
    to, why = plain(share.recipient or place), plain(delivery.detail)
    match delivery.outcome:
        case Outcome.SENT:
            told = _("The result went to {recipient}.").format(recipient=to)
        case Outcome.WAITING:
            text = _("The result goes to {recipient} with the next run: {reason}.")
            told = text.format(recipient=to, reason=why)
        case Outcome.REFUSED:
            text = _("{recipient} does not take the result: {reason}.")
            told = text.format(recipient=to, reason=why)
        case Outcome.LOST:
            text = _("The result could be neither sent to {recipient} nor kept: {reason}.")
            told = text.format(recipient=to, reason=why)
    if delivery.dropped:
        more = ngettext(
            "{count} older result had to go.", "{count} older results had to go.", delivery.dropped
        )
        told = f"{told} {more.format(count=delivery.dropped)}"
    return told


def _show(report: Report, profile: Profile, *, as_bytes: bool) -> int:
    import msgspec

    from natwizard.report.plain import plain
    from natwizard.share.otlp import logs_body
    from natwizard.share.shared_report import file_name, shared_json

    share = profile.share
    shared = _of_this_seat(report, profile, share)
    folder = share.folder or _("[share] folder")
    name = f"{folder}/{file_name(shared)}"
    sent = [(name, shared_json(shared))] if share.folder or not share.otlp else []
    if share.otlp:
        sent.append((share.otlp, logs_body(shared)))
    for place, content in sent:
        if as_bytes:
            sys.stdout.buffer.write(content)
            continue
        heading = _("To {place}, {count} bytes:").format(place=place, count=len(content))
        readable = msgspec.json.format(content, indent=2).decode()
        sys.stdout.write(f"{plain(heading)}\n{readable}\n")
    if not share.wanted:
        nothing = _("Nothing is sent: the profile has no [share].")
        sys.stderr.write(f"natwizard: {nothing}\n")
    return 0


def _tell_waiting() -> int:
    from natwizard.share.deliver import Destination
    from natwizard.share.outbox import Outbox, default_outboxes

    for destination in Destination:
        waiting = Outbox(default_outboxes() / destination.value).waiting()
        for path in waiting:
            sys.stdout.write(f"{destination.value}\t{path}\n")
    return 0


def _of_this_seat(report: Report, profile: Profile, share: Share) -> "SharedReport":
    from natwizard.share.seat import seat_of
    from natwizard.share.shared_report import shared_report
    from natwizard.share.this_computer import addresses_here, machine_here

    machine, host_name = machine_here()
    seat = seat_of(
        share,
        profile.sites,
        machine=machine,
        host_name=host_name,
        addresses=addresses_here(report),
    )
    return shared_report(report, seat)


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
