"""filter.tls_interception and browser.tls: who vouches, and which version is agreed on."""

import pytest
from cases.page_cases import INSTANCE, finished
from cases.reach_cases import (
    FOUND,
    NOT_FOUND,
    SESSION,
    assert_plain,
    case_of,
    failed,
    ok,
    reached,
    secure_page,
)
from msgspec.structs import replace

from natwizard.checks import browser_tls, filter_tls_interception
from natwizard.checks.base import NoLimits
from natwizard.checks.filter_tls_interception import (
    ChainTrust,
    InspectionPlace,
    JudgedHost,
    product_of,
    products,
    trust_of,
)
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.steps import SecureTry
from natwizard.probes.connection.presented_chain import Certificate
from natwizard.probes.connection.tls_chain import (
    TLS_CHAIN,
    ChainEvidence,
    HostChain,
    PresentedChain,
    Verified,
)
from natwizard.probes.tls_floor import TLS_FLOOR, FloorEvidence, FloorTry
from natwizard.probes.web import WEB, WebEvidence

PUBLIC_ISSUER = "CN=Example Public CA,O=Example Trust"
GATEWAY = "CN=Example Secure Gateway CA,O=Example Corp"


def host(
    *,
    issuer: str = PUBLIC_ISSUER,
    code: int | None = None,
    store: bool = False,
    control: bool = False,
    self_issued: bool = False,
    known: bool = False,
) -> HostChain:
    """A host that showed a chain; `code` is what OpenSSL says against it."""
    leaf = Certificate(
        subject="CN=phone.example.com",
        issuer=issuer,
        issuer_organization="Example",
        names=("phone.example.com",),
        not_before="2026-01-01T00:00:00+00:00",
        not_after="2026-12-31T00:00:00+00:00",
        fingerprint="ab" * 32,
        self_issued=self_issued,
        size_bytes=900,
    )
    refused = Verified(trusted=False, code=code or 0, reason="no")
    return HostChain(
        target="control.example.com:443" if control else "phone.example.com:443",
        control=control,
        lookup=FOUND,
        reach=reached(),
        presented=ok(
            PresentedChain(session=SESSION, certificates=(leaf,), issuer_is_public=known),
            "read_chain",
        ),
        public=ok(Verified(trusted=True) if code is None else refused, "verify_public"),
        system=None
        if code is None
        else ok(Verified(trusted=True) if store else refused, "verify_system"),
        accepts=(
            failed(FailureCode.TLS_FAILED, "offer_tls_1.0"),
            failed(FailureCode.TLS_FAILED, "offer_tls_1.1"),
            ok(SESSION, "offer_tls_1.2"),
            ok(SESSION, "offer_tls_1.3"),
        ),
    )


def unseen(code: FailureCode, *, connected: bool = True) -> HostChain:
    reach = reached(tls=code) if connected else reached(connect=code)
    return HostChain(target="phone.example.com:443", lookup=FOUND, reach=reach)


PUBLIC = host()
INTERCEPTED = host(issuer=GATEWAY, code=20, store=True)
CONTROL = host(control=True)
CONTROL_INTERCEPTED = host(issuer=GATEWAY, code=20, store=True, control=True)


def said(*hosts: HostChain) -> Judgement:
    evidence = ChainEvidence(hosts=hosts, judged_at="2026-11-22T12:00:00+00:00")
    judgement = filter_tls_interception.judge(case_of((TLS_CHAIN, evidence)), NoLimits())
    assert_plain(judgement)
    return judgement


@pytest.mark.parametrize(
    ("hosts", "status", "summary"),
    [
        ((PUBLIC,), Status.PASS, "Nothing opens your encrypted traffic to the service."),
        (
            (PUBLIC, CONTROL_INTERCEPTED),
            Status.PASS,
            "Nothing opens your encrypted traffic to the service.",
        ),
        ((INTERCEPTED, CONTROL), Status.FAIL, "A web filter opens your encrypted traffic."),
        ((PUBLIC, INTERCEPTED), Status.FAIL, "A web filter opens your encrypted traffic."),
        (
            (host(issuer=GATEWAY, code=20),),
            Status.FAIL,
            "A web filter opens your encrypted traffic.",
        ),
        (
            (host(issuer="CN=Avast Web/Mail Shield Root", code=20, store=True),),
            Status.FAIL,
            "A security program on this computer opens your encrypted traffic.",
        ),
        (
            (host(code=18, self_issued=True),),
            Status.FAIL,
            "A server that vouches for itself answers in the service's place.",
        ),
        ((host(code=10),), Status.FAIL, "The service's proof of identity is out of date."),
        (
            (host(code=10), host(code=10, control=True)),
            Status.FAIL,
            "Secure sites look out of date: is this computer's clock right?",
        ),
        (
            (host(code=9), host(code=9, control=True)),
            Status.FAIL,
            "Secure sites look out of date: is this computer's clock right?",
        ),
        ((host(code=62),), Status.FAIL, "Another server answers in the service's place."),
        ((host(code=64),), Status.FAIL, "Another server answers in the service's place."),
        (
            (host(code=20, known=True),),
            Status.WARN,
            "The service's server leaves out part of its proof of identity.",
        ),
        (
            (host(code=20, known=True, store=True),),
            Status.WARN,
            "The service's server leaves out part of its proof of identity.",
        ),
        (
            (unseen(FailureCode.CONNECTION_RESET),),
            Status.FAIL,
            "Something cuts connections as encryption begins.",
        ),
        (
            (unseen(FailureCode.CONNECTION_RESET), CONTROL),
            Status.UNKNOWN,
            "The service's encryption fails, while other sites work.",
        ),
        (
            (unseen(FailureCode.TIMED_OUT),),
            Status.UNKNOWN,
            "We could not see who vouches for the service.",
        ),
        (
            (unseen(FailureCode.CONNECTION_REFUSED, connected=False),),
            Status.UNKNOWN,
            "We could not see who vouches for the service.",
        ),
        (
            (HostChain(target="gone.example.com:443", lookup=NOT_FOUND),),
            Status.UNKNOWN,
            "We could not see who vouches for the service.",
        ),
        ((CONTROL,), Status.PASS, "No web filter opens your encrypted traffic."),
        (
            (CONTROL_INTERCEPTED,),
            Status.WARN,
            "A web filter opens encrypted traffic; the service's too?",
        ),
        (
            (host(code=10, control=True),),
            Status.UNKNOWN,
            "Whether a filter opens your traffic could not be seen.",
        ),
        (
            (host(code=18),),
            Status.FAIL,
            "A server that vouches for itself answers in the service's place.",
        ),
    ],
)
def test_who_vouches_decides(hosts: tuple[HostChain, ...], status: Status, summary: str) -> None:
    judgement = said(*hosts)
    assert (judgement.status, judgement.summary) == (status, summary)


def test_the_issuer_is_named_and_goes_into_the_request() -> None:
    judgement = said(INTERCEPTED)
    assert judgement.observed == (
        f"certificate by {GATEWAY}, found only in this computer's own store"
    )
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.NETWORK_TEAM
    assert GATEWAY in judgement.remedy.request


TRUSTS = (
    PUBLIC,
    unseen(FailureCode.TIMED_OUT),
    host(code=20, known=True),
    host(code=10),
    host(code=62),
    unseen(FailureCode.CONNECTION_RESET),
    host(code=18, self_issued=True),
    host(issuer=GATEWAY, code=20),
    INTERCEPTED,
)
"""One host of each kind of trust, from what troubles nobody to what proves a filter."""


@pytest.mark.parametrize("place", range(1, len(TRUSTS)))
def test_of_several_hosts_the_one_that_proves_most_is_told(place: int) -> None:
    worse = said(TRUSTS[place])
    for other in TRUSTS[:place]:
        for hosts in ((TRUSTS[place], other), (other, TRUSTS[place])):
            both = said(*hosts)
            assert (both.summary, both.observed) == (worse.summary, worse.observed)


def test_a_known_product_is_named() -> None:
    judgement = said(host(issuer="CN=Zscaler Intermediate Root CA", code=20, store=True))
    assert "Zscaler" in judgement.observed
    assert judgement.summary == "A web filter opens your encrypted traffic."


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (host(code=10), "a public authority vouches for it; only its dates are wrong"),
        (host(code=62), "a public authority vouches for it, but for another name"),
        (
            host(code=18, self_issued=True),
            "filters sign with an authority of their own; this signs itself",
        ),
        (
            host(code=20, known=True),
            "a public authority issued it; the server leaves out what leads there",
        ),
    ],
)
def test_what_is_not_inspection_says_so_and_asks_for_no_exemption(
    shown: HostChain, reason: str
) -> None:
    judgement = said(shown)
    assert [each.text for each in judgement.details if "inspection" in each.label] == [reason]
    assert judgement.remedy is not None
    assert "exempt" not in f"{judgement.remedy.text} {judgement.remedy.request}"


def test_each_version_of_tls_is_told() -> None:
    assert "TLS 1.2, 1.3 accepted, 1.0, 1.1 refused" in said(PUBLIC).details[0].text


def test_inspection_has_no_excuse() -> None:
    assert not [each for each in said(INTERCEPTED).details if "inspection" in each.label]


def test_controls_alone_say_that_the_service_was_not_looked_at() -> None:
    assert "targets.tls" in said(CONTROL).observed


def test_every_product_has_a_pattern_that_finds_it_and_a_source() -> None:
    for product in products():
        assert product.source
        for issuer in product.issuers:
            found = product_of(f"CN={issuer.upper()} x,O=y")
            assert found is not None
            assert found.name == product.name
            assert found.kind in InspectionPlace


def test_public_authorities_are_no_product() -> None:
    for name in ("CN=R11,O=Let's Encrypt,C=US", "CN=WR2,O=Google Trust Services", PUBLIC_ISSUER):
        assert product_of(name) is None


def floor(*tries: FloorTry) -> Judgement:
    evidence = FloorEvidence(setting="targets.tls_floor", tries=tries)
    judgement = browser_tls.judge(case_of((TLS_FLOOR, evidence)), NoLimits())
    assert_plain(judgement)
    return judgement


def shaken(*codes: FailureCode | None) -> FloorTry:
    return FloorTry(
        target="floor.example.com:443",
        lookup=FOUND,
        reached=tuple(reached(tls=code) for code in codes),
    )


@pytest.mark.parametrize(
    ("tries", "status"),
    [
        ((shaken(None),), Status.PASS),
        ((shaken(FailureCode.TLS_FAILED, None),), Status.PASS),
        ((shaken(FailureCode.TLS_FAILED), shaken(None)), Status.PASS),
        ((shaken(FailureCode.TLS_FAILED),), Status.FAIL),
        ((shaken(FailureCode.TIMED_OUT),), Status.UNKNOWN),
        ((shaken(FailureCode.CONNECTION_RESET),), Status.UNKNOWN),
        ((FloorTry(target="x", lookup=NOT_FOUND),), Status.UNKNOWN),
    ],
)
def test_a_modern_handshake_is_what_counts(tries: tuple[FloorTry, ...], status: Status) -> None:
    judgement = floor(*tries)
    assert judgement.status is status
    assert "this program's own handshake" in judgement.details[0].text


def test_the_version_is_told() -> None:
    assert floor(shaken(None)).observed == "TLS 1.3, in this program's own handshake"


@pytest.mark.parametrize(
    ("reached_it", "name", "status", "words"),
    [
        (True, "Chrome", Status.PASS, "Your browser agrees on modern encryption."),
        # a page is not told why, so the program's own handshake speaks
        (False, "Chrome", Status.FAIL, "Modern encryption is not agreed on."),
        (True, "Safari", Status.FAIL, "Modern encryption is not agreed on."),
    ],
)
def test_the_browsers_own_request_comes_before_this_programs_handshake(
    reached_it: bool, name: str, status: Status, words: str
) -> None:
    page = finished(
        product=BrowserProduct(name=name, version="158.0", user_agent=name),
        secure_target="https://floor.example.com:443/",
        secure=SecureTry(instance=INSTANCE, reached=reached_it, duration_ms=20),
    )
    evidence = FloorEvidence(setting="targets.tls_floor", tries=(shaken(FailureCode.TLS_FAILED),))
    case = case_of((TLS_FLOOR, evidence), (BROWSER_CHECK, page))
    judgement = browser_tls.judge(case, NoLimits())
    assert_plain(judgement)
    assert (judgement.status, judgement.summary) == (status, words)


RESELLER = "CN=Example Reseller DV CA,O=Example Reseller"


def of_reseller(target: str, *, proven: bool = False, control: bool = False) -> HostChain:
    made = host(issuer=RESELLER, code=20, known=True, control=control)
    assert made.presented is not None
    assert made.presented.value is not None
    shown = replace(made.presented.value, issuer_is_proven=proven)
    return replace(made, target=target, presented=replace(made.presented, value=shown))


INCOMPLETE = "The service's server leaves out part of its proof of identity."
OPENED = "A web filter opens your encrypted traffic."


@pytest.mark.parametrize(
    ("hosts", "summary"),
    [
        # one owner's servers may well be set up alike
        ((of_reseller("phone.example.com:443"), of_reseller("sip.example.com:443")), INCOMPLETE),
        # owners who have nothing to do with each other are not: one stands on the way
        ((of_reseller("phone.example.com:443"), of_reseller("crm.example.org:443")), OPENED),
        ((of_reseller("192.0.2.1:443"), of_reseller("192.0.2.9:443")), INCOMPLETE),
        ((of_reseller("192.0.2.1:443"), of_reseller("192.0.2.9:443", control=True)), OPENED),
        # nobody signs with the key of a public intermediate but its owner
        (
            (
                of_reseller("phone.example.com:443", proven=True),
                of_reseller("crm.example.org:443", proven=True),
            ),
            INCOMPLETE,
        ),
    ],
)
def test_one_issuer_of_unrelated_hosts_stands_on_the_way(
    hosts: tuple[HostChain, ...], summary: str
) -> None:
    assert said(*hosts).summary == summary


def test_a_product_with_the_name_of_an_authority_is_a_product() -> None:
    issuer = "CN=Zscaler Intermediate Root CA,O=Sectigo Limited"
    judged = said(host(issuer=issuer, code=20, known=True))
    assert (judged.status, judged.summary) == (Status.FAIL, OPENED)


def test_a_certificate_is_told_by_the_beginning_of_its_digest() -> None:
    told = next(each.text for each in said(PUBLIC).details if "SHA-256" in each.text)
    assert told.endswith(f"SHA-256 {'ab' * 8}")


def test_only_a_foreign_authority_is_a_products() -> None:
    avast = "CN=Avast Web/Mail Shield Root"
    for chain, named in ((host(issuer=avast), False), (host(issuer=avast, code=20), True)):
        judged = JudgedHost(host=chain, trust=trust_of(chain))
        assert (judged.product is not None) is named
    nothing = JudgedHost(host=unseen(FailureCode.TLS_FAILED), trust=ChainTrust.SELF_SIGNED)
    assert (nothing.product, nothing.issuer) == (None, "")


@pytest.mark.parametrize("code", [20, 21])
def test_a_store_that_fetches_a_missing_intermediate_is_no_filters(code: int) -> None:
    """OpenSSL's two words for it: no issuer in the chain, or only the leaf was sent."""
    judged = said(host(code=code, store=True, known=True))
    assert judged.status is Status.WARN
    assert judged.summary == "The service's server leaves out part of its proof of identity."
    filtered = said(host(code=code, store=True, issuer=GATEWAY))
    assert filtered.status is Status.FAIL


def test_a_service_that_is_silent_while_others_show_their_certificates_is_asked_about() -> None:
    silent = unseen(FailureCode.TIMED_OUT, connected=False)
    assert said(silent).summary == "We could not see who vouches for the service."
    judgement = said(silent, CONTROL)
    assert judgement.status is Status.UNKNOWN
    assert judgement.summary == "The service's server does not answer, while other sites do."
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.HELPDESK
    elsewhere = replace(CONTROL, target="control.example.com:8443")
    assert said(silent, elsewhere).summary == "We could not see who vouches for the service."


@pytest.mark.parametrize("code", [FailureCode.TLS_FAILED, FailureCode.TIMED_OUT])
def test_one_server_that_does_not_encrypt_is_no_proxy_of_old_tls(code: FailureCode) -> None:
    """It may want a certificate of this computer, or be down."""
    evidence = FloorEvidence(setting="targets.tls_floor", tries=(shaken(code),))
    web = WebEvidence(https=(secure_page(),))
    judgement = browser_tls.judge(case_of((TLS_FLOOR, evidence), (WEB, web)), NoLimits())
    assert_plain(judgement)
    assert judgement.status is Status.UNKNOWN
    assert judgement.summary == "The server for this test does not encrypt; others do."
    assert judgement.remedy is not None
    assert "floor.example.com:443" in judgement.remedy.text


def test_a_server_that_wants_a_certificate_is_no_filter() -> None:
    judged = said(unseen(FailureCode.CERTIFICATE_WANTED))
    assert (judged.status, judged.remedy and judged.remedy.owner) == (
        Status.UNKNOWN,
        Owner.HELPDESK,
    )
    agreed = FloorTry(
        target="floor.example.com:443",
        lookup=FOUND,
        reached=(
            replace(
                reached(),
                tls=failed(FailureCode.CERTIFICATE_WANTED, "start_tls", detail="TLSv1_2"),
            ),
        ),
    )
    judged = floor(agreed)
    assert judged.status is Status.PASS
    assert "TLS 1.2" in judged.observed
