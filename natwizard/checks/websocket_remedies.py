"""What to do about websockets that do not open, and what to ask the network team."""

from natwizard.checks.endings import Ending, Step
from natwizard.model.finding import Owner, Remedy
from natwizard.model.language import _
from natwizard.model.outcome import Failure, FailureCode

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}


def shut(echo: Failure | None, ending: Ending) -> tuple[str, Remedy]:
    """A definite no: which?"""
    if echo is not None:
        summary = _echo_lost(echo.code)
        return summary, _bypass()
    match ending.step:
        case Step.CONNECTION:
            return _("Connections to the test server are turned away."), ask(
                _("Ask which firewall or program rejects them, and to allow them."),
                _(
                    "Please find out which firewall or program turns connections to the service's "
                    "websockets away, and allow them."
                ),
            )
        case Step.PROXY:
            return _("Your proxy does not let lasting connections through."), ask(
                _("Ask to allow CONNECT to the service on the proxy."),
                _(
                    "Please allow CONNECT to the service's websockets on the proxy, without a "
                    "limit of time."
                ),
            )
        case Step.ENCRYPTION:
            exempt = _("Ask to exempt the service from deep inspection.")
            return _("Lasting connections cannot be encrypted."), uninspected(exempt)
        case _:
            return _upgrade_lost(ending.code)


def _echo_lost(code: FailureCode) -> str:
    if code is FailureCode.TIMED_OUT:
        return _("Lasting connections open, but messages get lost in them.")
    if code is FailureCode.HELD_BACK:
        return _("Lasting connections open, but short messages are held back.")
    if code is FailureCode.COMPRESSED:
        return _("Lasting connections open, but messages come back compressed.")
    if code in CUT:
        return _("Lasting connections open, then are cut.")
    return _("Lasting connections open, but messages come back changed.")


def _upgrade_lost(code: FailureCode | None) -> tuple[str, Remedy]:
    let_pass = ask(
        _("Ask to let the Upgrade header pass on proxies and filters."),
        _(
            "Please let the headers Upgrade and Connection, and the answer 101, pass on proxies "
            "and filters (RFC 6455, section 4): without them no websocket opens."
        ),
    )
    if code is FailureCode.UPGRADE_REFUSED:
        return _("Something answers, but takes the connection for a web page."), let_pass
    if code is FailureCode.TIMED_OUT:
        return _("Something swallows lasting connections as they open."), let_pass
    if code is FailureCode.HTTP_STATUS:
        return (
            _("Lasting connections are refused with a web server's answer."),
            ask(
                _("Ask which filter refuses websockets, and to allow them."),
                _(
                    "Please find out which filter refuses websockets, and allow them to the "
                    "service's servers."
                ),
            ),
        )
    if code in CUT:
        return (
            _("Something cuts lasting connections as they open."),
            _bypass(),
        )
    return (
        _("Something else answers in the test server's place."),
        ask(
            _("Ask which filter or proxy answers in its place."),
            _(
                "Please find out which filter or proxy answers in the server's place, and let "
                "websockets to the service pass."
            ),
        ),
    )


def ask(text: str, request: str) -> Remedy:
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)


def _bypass() -> Remedy:
    return ask(
        _("Ask which filter or proxy handles websockets, and to bypass it."),
        _(
            "Please let websockets (RFC 6455) to the service pass filters and proxies unchanged: "
            "messages must be neither held back nor compressed, changed or cut."
        ),
    )


def uninspected(text: str) -> Remedy:
    return ask(text, _("Please exempt the service's websockets from TLS inspection."))
