"""What a test page may bring, built by hand for tables of cases."""

from cases.reach_cases import assert_plain, case_of

from natwizard.checks.base import AnyCheck
from natwizard.model.finding import Judgement
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import Probe
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.steps import Devices, IceCandidate, IceGathering, Store
from natwizard.probes.browser_page.visit import PageState, SiteData

Brought = tuple[Probe[object], object]

SERVER = "stun.example.com:3478"
INSTANCE = "00112233445566778899aabbccddeeff"
CHROME = BrowserProduct(
    name="Chrome", version="158.0.8123.40", user_agent="Mozilla/5.0 Chrome/158.0.0.0"
)

WORKS = Store(works=True)
DENIED = Store(works=False, error="SecurityError: Access is denied.")
ABSENT = Store(works=False, error="Error: there is no localStorage")

GOOD_SITE = SiteData(
    cookie=WORKS, cookie_sent=True, partitioned_cookie=WORKS, local=WORKS, session=WORKS
)
NO_COOKIES = SiteData(
    cookie=DENIED, cookie_sent=False, partitioned_cookie=DENIED, local=DENIED, session=DENIED
)
ONLY_APART = SiteData(
    cookie=DENIED, cookie_sent=False, partitioned_cookie=WORKS, local=WORKS, session=WORKS
)
NOT_SENT = SiteData(
    cookie=WORKS, cookie_sent=False, partitioned_cookie=WORKS, local=WORKS, session=WORKS
)
NO_LOCAL = SiteData(
    cookie=WORKS, cookie_sent=True, partitioned_cookie=WORKS, local=ABSENT, session=WORKS
)
NO_STORES = SiteData(
    cookie=WORKS, cookie_sent=True, partitioned_cookie=WORKS, local=ABSENT, session=ABSENT
)

GOOD_DEVICES = Devices(
    instance=INSTANCE,
    peer_connection=True,
    microphone_api=True,
    permission="prompt",
    microphones=1,
    speakers=1,
)


def gathering(*kinds: str, complete: bool = True) -> IceGathering:
    """Candidates such as "host/udp"."""
    candidates = []
    for kind in kinds:
        name, _, protocol = kind.partition("/")
        candidates.append(IceCandidate(kind=name, protocol=protocol, address="x.local"))  # type: ignore[arg-type]
    return IceGathering(
        instance=INSTANCE, candidates=tuple(candidates), complete=complete, duration_ms=140.0
    )


WAY_OUT = gathering("host/udp", "srflx/udp", "host/tcp")
LOCAL_ONLY = gathering("host/udp", "host/udp", complete=False)
NO_WAYS = gathering()
TCP_ONLY = gathering("host/tcp")


def finished(**parts: object) -> BrowserCheckEvidence:
    """A whole visit where everything works, but for what is given."""
    good: dict[str, object] = {
        "state": PageState.FINISHED,
        "product": CHROME,
        "own": GOOD_SITE,
        "embedded": GOOD_SITE,
        "devices": GOOD_DEVICES,
        "gathering": WAY_OUT,
        "stun_asked": (SERVER,),
    }
    return BrowserCheckEvidence(**(good | parts))  # type: ignore[arg-type]


def before_script(state: PageState) -> BrowserCheckEvidence:
    """A visit that never got as far as a script of ours."""
    return BrowserCheckEvidence(state=state)


def judged(rule: AnyCheck, page: BrowserCheckEvidence | FailureCode, *more: Brought) -> Judgement:
    """The finding of a rule; a code stands for a page that could not be looked at."""
    visit: object = page
    if isinstance(page, FailureCode):
        visit = Failure(code=page, operation="open_page")
    finding = rule.bind({})(case_of((BROWSER_CHECK, visit), *more))
    assert_plain(finding)
    return finding
