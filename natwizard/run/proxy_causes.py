"""Root causes that a proxy is, each by the findings that show it."""

from natwizard.model.finding import Status
from natwizard.run.sight import BY_UDP, NOT_MEASURED, PAGES, SECURE, Sight

BROKEN_SCRIPT = {
    "not_fetched", "no_answer", "syntax", "no_function", "throws", "endless", "greedy", "nonsense",
}  # fmt: skip


def proxy_dead(sight: Sight) -> tuple[str, ...]:
    """No connection to the proxy comes about, and the line is not why.

    Some machine turned it away, or pages come without it.
    """
    told = [check for check in (*PAGES, *SECURE) if sight.value(check, "proxy_failure")]
    refused = any(sight.value(check, "proxy_failure") == "connection_refused" for check in told)
    without = any(sight.value(page, "way") == "direct" for page in PAGES)
    if not told or not (refused or without):
        return ()
    behind = sight.troubled(*SECURE, "browser.tls")
    return (*told, *(check for check in behind if sight.status(check) is Status.UNKNOWN))


def proxy_password(sight: Sight) -> tuple[str, ...]:
    asked = [page for page in PAGES if sight.value(page, "came") == "password"]
    asked += [check for check in SECURE if sight.value(check, "failure") == "proxy_authentication"]
    if not asked:
        return ()
    behind = sight.troubled("websocket.", "filter.", "browser.tls")
    return (*sight.troubled(*PAGES), *asked, *behind)


def proxy_script(sight: Sight) -> tuple[str, ...]:
    """Pages do not come by the direct way, and browsers take another that we cannot."""
    return _without_pages(sight, {"other_kind", "not_run"})


def proxy_script_broken(sight: Sight) -> tuple[str, ...]:
    """Pages do not come by the direct way, and the script that is to name another is broken.

    Where its server is silent, too, the line may be down.
    """
    return _without_pages(sight, BROKEN_SCRIPT - {"no_answer"})


def _without_pages(sight: Sight, scripts: set[str]) -> tuple[str, ...]:
    scripted = [page for page in PAGES if sight.value(page, "proxy_script") in scripts]
    if not scripted or any(sight.value(page, "came") != "nothing" for page in scripted):
        return ()
    if any(sight.value(page, "came") == "real" for page in PAGES):
        return ()
    return (*scripted, *sight.troubled(*PAGES, *SECURE, "browser.tls"))


def proxy_script_unused(sight: Sight) -> tuple[str, ...]:
    """A script is broken, and pages come without it."""
    return tuple(
        page
        for page in PAGES
        if sight.value(page, "proxy_script") in BROKEN_SCRIPT
        and sight.status(page) is Status.WARN
        and sight.value(page, "came") == "real"
    )


def proxy_only(sight: Sight) -> tuple[str, ...]:
    if not any(sight.value(page, "way") == "proxy" for page in PAGES):
        return ()
    shut = sight.troubled(*BY_UDP, "port.webphone", "port.sip", "port.dns", "dns.", "websocket.")
    return tuple(check for check in shut if sight.status(check) in NOT_MEASURED)
