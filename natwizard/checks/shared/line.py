"""Does this line carry anything at all? What must be true before silence counts against it."""

from collections.abc import Iterable

from natwizard.probes.web import PageTry, WebEvidence


def answers(tries: Iterable[PageTry]) -> bool:
    """Whether any of these pages was answered, by whatever way."""
    return any(page.page is not None and page.page.ok for each in tries for page in each.addresses)


def connects(tries: Iterable[PageTry]) -> bool:
    """Whether any of these servers took a connection."""
    return any(page.reach.connected for each in tries for page in each.addresses)


def secure_pages_work(web: WebEvidence | None) -> bool:
    """Whether port 443 is known to work: a handshake came about, verified or not."""
    if web is None:
        return False
    return any(
        page.reach.connected and page.reach.failure is None
        for each in web.https
        for page in each.addresses
    )


def line_carries(web: WebEvidence | None) -> bool:
    """Whether this line is known to lead out: secure pages work, or a real page came without TLS.

    Where somebody has to sign in first, another page comes, or one that leads elsewhere.
    """
    if web is None:
        return False
    return secure_pages_work(web) or any(
        page.page is not None
        and page.page.value is not None
        and page.page.value.status == 200
        and page.page.value.holds_expected
        for each in web.http
        for page in each.addresses
    )
