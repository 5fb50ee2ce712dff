"""The certificate probes against real TLS servers with certificates of every kind."""

import asyncio
import ssl
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cases.reach_cases import case_of
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from servers.reach_lab import (
    Authority,
    Handler,
    LabNetwork,
    alerting,
    answering,
    closed_port,
    common_name,
    full_backlog,
    hanging_up,
    lab_context,
    make_authority,
    make_intermediate,
    page,
    resetting,
    server_context,
    serving,
    silent,
    tunnelling,
)

from natwizard.checks import filter_tls_interception
from natwizard.checks.base import NoLimits
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes import tls_floor
from natwizard.probes.connection import presented_chain
from natwizard.probes.connection.presented_chain import (
    PublicAuthorities,
    public_intermediates,
    read_chain,
)
from natwizard.probes.connection.tls_chain import (
    OFFERS,
    TLS_CHAIN,
    ChainEvidence,
    HostChain,
    gather,
)
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.reflector.background import BackgroundReflector

ANSWER = answering(page(b"hello"))


async def look(tls: ssl.SSLContext, *roots: str) -> HostChain:
    async with serving(ANSWER, tls) as port:
        targets = Targets(tls=(f"127.0.0.1:{port}",), extra_roots=roots)
        return (await gather(lab_context(targets))).hosts[0]


def test_the_reflector_shows_a_chain_to_a_root_of_the_profile(
    reflector: BackgroundReflector,
) -> None:
    evidence = asyncio.run(gather(lab_context(reflector.targets())))
    assert [host.control for host in evidence.hosts] == [False, True]
    for host in evidence.hosts:
        assert host.presented is not None
        assert host.presented.value is not None
        assert host.public is not None
        assert host.public.value is not None
        assert host.public.value.trusted
        assert host.system is None
    versions = [tried.value.version for tried in evidence.hosts[0].accepts if tried.value]
    assert versions == ["TLSv1.2", "TLSv1.3"]
    assert evidence.hosts[1].accepts == ()


@pytest.mark.parametrize(
    ("oldest", "newest", "accepted"),
    [
        (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ["TLSv1", "TLSv1.1", "TLSv1.2"]),
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, ["TLSv1.3"]),
    ],
)
def test_old_versions_are_offered_too(
    oldest: ssl.TLSVersion, newest: ssl.TLSVersion, accepted: list[str]
) -> None:
    context = server_context(make_authority())
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = oldest, newest
    host = asyncio.run(look(context))
    assert [tried.value.version for tried in host.accepts if tried.value] == accepted
    assert [tried.operation for tried in host.accepts] == list(OFFERS)


def test_without_hosts_there_is_nothing_to_look_at() -> None:
    with pytest.raises(CannotGather) as missed:
        asyncio.run(gather(lab_context(Targets())))
    assert missed.value.failure.code is FailureCode.NO_TARGET


def test_an_intermediate_that_is_sent_along_completes_the_chain() -> None:
    root = make_authority()
    middle = make_intermediate(root, common_name("lab intermediate"))
    host = asyncio.run(look(server_context(middle, send=(middle,)), root.pem))
    assert host.presented is not None
    assert host.presented.value is not None
    assert [certificate.issuer for certificate in host.presented.value.certificates] == [
        "CN=lab intermediate",
        "CN=natwizard test authority",
    ]
    assert host.public is not None
    assert host.public.value is not None
    assert host.public.value.trusted


def test_a_certificate_that_only_strict_verifiers_refuse_is_public_all_the_same() -> None:
    root = make_authority()
    host = asyncio.run(look(server_context(root, lax=True), root.pem))
    assert host.public is not None
    assert host.public.value is not None
    assert host.public.value.trusted


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda _root: server_context(None), 18),
        (lambda root: server_context(root, days=(-20, -2)), 10),
        (lambda root: server_context(root, days=(3, 20)), 9),
        (lambda root: server_context(root, names=("elsewhere.example.com",)), 64),
        (
            lambda root: server_context(make_intermediate(root, common_name("not sent along"))),
            20,
        ),
    ],
    ids=["self-signed", "expired", "not-yet", "other-name", "incomplete"],
)
def test_what_is_wrong_with_a_certificate_is_openssl_s_number(
    make: Callable[[Authority], ssl.SSLContext], code: int
) -> None:
    root = make_authority()
    host = asyncio.run(look(make(root), root.pem))
    assert host.public is not None
    assert host.public.value is not None
    assert not host.public.value.trusted
    assert host.public.value.code == code
    assert host.system is not None
    assert host.system.value is not None
    assert not host.system.value.trusted


def test_an_authority_of_the_system_s_own_store_is_found_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gateway = make_authority(common_name("Example Secure Gateway CA", "Example Corp"))
    store = tmp_path / "store.pem"
    store.write_text(gateway.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    host = asyncio.run(look(server_context(gateway)))
    assert host.public is not None
    assert host.public.value is not None
    assert not host.public.value.trusted
    assert host.system is not None
    assert host.system.value is not None
    assert host.system.value.trusted
    assert host.presented is not None
    assert host.presented.value is not None
    assert host.presented.value.certificates[0].issuer_organization == "Example Corp"
    assert not host.presented.value.issuer_is_public


@pytest.mark.parametrize(
    ("issuer", "sent", "public"),
    [
        (common_name("R12", "Let's Encrypt"), False, True),
        (common_name("Example Secure Gateway CA", "Example Corp"), False, False),
        (common_name("Example Secure Gateway CA", "Example Corp"), True, False),
        (common_name("WR2", "Google Trust Services"), True, False),
    ],
    ids=["of a public one, not sent", "private, not sent", "private, sent", "a public name, sent"],
)
def test_an_incomplete_chain_is_known_by_where_it_leads(
    issuer: x509.Name, sent: bool, public: bool
) -> None:
    """What is sent along counts: a public name under a root of one's own is no public chain."""
    middle = make_intermediate(make_authority(), issuer)
    host = asyncio.run(look(server_context(middle, send=(middle,) if sent else ())))
    assert host.presented is not None
    assert host.presented.value is not None
    assert host.presented.value.issuer_is_public is public


def test_a_certificate_with_a_subject_of_a_megabyte_is_refused_as_too_large() -> None:
    root = make_authority()
    subject = common_name("x" * 1_000_000)
    host = asyncio.run(look(server_context(root, subject=subject), root.pem))
    assert host.presented is None
    assert host.reach is not None
    assert host.reach.failure is not None
    assert host.reach.failure.code is FailureCode.TOO_LARGE


def test_names_with_control_characters_are_spelled_out_and_cut() -> None:
    evil = make_authority(common_name("\x1b[2J\u202eCA\x00" + "x" * 300, "Evil\nCorp"))
    host = asyncio.run(look(server_context(evil)))
    assert host.presented is not None
    assert host.presented.value is not None
    leaf = host.presented.value.certificates[0]
    assert leaf.issuer.isprintable()
    assert leaf.issuer_organization == "Evil\\nCorp"
    assert len(leaf.issuer) < 200


def test_many_names_are_cut_to_thirty() -> None:
    root = make_authority()
    names = ("127.0.0.1", *(f"host{number}.example.com" for number in range(400)))
    host = asyncio.run(look(server_context(root, names=names), root.pem))
    assert host.presented is not None
    assert host.presented.value is not None
    assert len(host.presented.value.certificates[0].names) == 30


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (silent, FailureCode.TIMED_OUT),
        (resetting, FailureCode.CONNECTION_RESET),
        (hanging_up, FailureCode.CLOSED_EARLY),
        (alerting, FailureCode.TLS_FAILED),
    ],
)
def test_a_host_that_shows_no_certificate_says_why(handler: Handler, code: FailureCode) -> None:
    async def scene() -> HostChain:
        async with serving(handler) as port:
            return (await gather(lab_context(Targets(tls=(f"127.0.0.1:{port}",))))).hosts[0]

    host = asyncio.run(scene())
    assert host.presented is None
    assert host.reach is not None
    assert host.reach.failure is not None
    assert host.reach.failure.code is code


def test_a_second_address_is_asked_where_the_first_is_dead() -> None:
    async def scene() -> HostChain:
        root = make_authority()
        async with serving(ANSWER, server_context(root), host="::1") as port:
            network = LabNetwork(names={"localhost": ("127.0.0.1", "::1")})
            targets = Targets(tls=(f"localhost:{port}",), extra_roots=(root.pem,))
            return (await gather(lab_context(targets, network))).hosts[0]

    host = asyncio.run(scene())
    assert host.presented is not None
    assert host.reach is not None
    assert host.reach.family == "IPv6"


def test_the_silence_of_one_address_is_not_waited_for_before_the_next() -> None:
    """Else a website's silence would be known after the sum of all its addresses' deadlines."""
    told: list[str] = []

    async def scene() -> HostChain:
        root, other_asked = make_authority(), asyncio.Event()

        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await silent(reader, writer)
            told.append("after" if other_asked.is_set() else "before")
            writer.close()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            other_asked.set()
            await ANSWER(reader, writer)

        async with serving(answer, server_context(root), host="::1") as port:
            silent_server = await asyncio.start_server(mute, "127.0.0.1", port)
            async with silent_server:
                network = LabNetwork(names={"localhost": ("127.0.0.1", "::1")})
                targets = Targets(tls=(f"localhost:{port}",), extra_roots=(root.pem,))
                return (await gather(lab_context(targets, network))).hosts[0]

    host = asyncio.run(scene())
    assert host.presented is not None
    assert host.reach is not None
    assert host.reach.family == "IPv6"
    assert told[:1] == ["after"]


def test_a_proxy_that_inspects_is_seen_where_the_direct_way_is_clean() -> None:
    async def scene() -> HostChain:
        public, gateway = make_authority(), make_authority(common_name("Example Gateway CA"))
        async with (
            serving(ANSWER, server_context(public)) as port,
            serving(ANSWER, server_context(gateway)) as inspecting,
            tunnelling(divert_to=inspecting) as proxy,
        ):
            network = LabNetwork(proxy=f"http://127.0.0.1:{proxy}")
            targets = Targets(tls=(f"127.0.0.1:{port}",), extra_roots=(public.pem,))
            return (await gather(lab_context(targets, network))).hosts[0]

    host = asyncio.run(scene())
    assert host.proxy
    assert host.presented is not None
    assert host.presented.value is not None
    assert host.presented.value.certificates[0].issuer == "CN=Example Gateway CA"
    for verdict in (host.public, host.system):
        assert verdict is not None
        assert verdict.value is not None
        assert not verdict.value.trusted


def _ders(*authorities: Authority) -> tuple[bytes, ...]:
    return tuple(each.certificate.public_bytes(serialization.Encoding.DER) for each in authorities)


def test_a_chain_longer_than_ten_is_cut() -> None:
    assert len(read_chain(_ders(*[make_authority()] * 14))) == 10


@given(st.binary(max_size=400))
def test_junk_is_no_certificate(junk: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_chain((junk,))


def test_a_cut_or_giant_certificate_is_no_certificate() -> None:
    (der,) = _ders(make_authority())
    for spoilt in (der[:-20], der + bytes(70_000)):
        with pytest.raises(BadAnswer):
            read_chain((spoilt,))
    with pytest.raises(BadAnswer):
        read_chain(())


def test_time_is_part_of_the_offline_verdict() -> None:
    root = make_authority()
    now = datetime.now(UTC)
    authorities = PublicAuthorities(root.pem)
    assert authorities.verify(_ders(root), "127.0.0.1", now + timedelta(days=400))
    assert authorities.verify((b"junk",), "127.0.0.1", now)


def floor(**targets: object) -> tls_floor.FloorEvidence:
    return asyncio.run(tls_floor.gather(lab_context(Targets(**targets))))  # type: ignore[arg-type]


def test_the_reflector_agrees_on_modern_tls(reflector: BackgroundReflector) -> None:
    evidence = asyncio.run(tls_floor.gather(lab_context(reflector.targets())))
    assert evidence.setting == "targets.tls_floor"
    (reach,) = evidence.tries[0].reached
    assert reach.tls is not None
    assert reach.tls.value is not None
    assert reach.tls.value.version == "TLSv1.3"


@pytest.mark.parametrize(
    ("targets", "setting"),
    [
        ({"tls": ("127.0.0.1:{port}",)}, "targets.tls"),
        ({"https": "https://127.0.0.1:{port}/"}, "targets.https"),
    ],
)
def test_other_servers_stand_in_for_the_reference(targets: dict[str, object], setting: str) -> None:
    port = closed_port()
    filled = {
        key: value.format(port=port) if isinstance(value, str) else (f"127.0.0.1:{port}",)
        for key, value in targets.items()
    }
    evidence = floor(**filled)
    assert evidence.setting == setting
    assert evidence.tries[0].reached[0].failure is not None


def test_no_server_at_all_is_no_target() -> None:
    with pytest.raises(CannotGather) as missed:
        floor()
    assert missed.value.failure.detail == "targets.tls_floor"


def test_a_server_that_only_speaks_old_tls_is_an_alert() -> None:
    async def scene() -> tls_floor.FloorEvidence:
        async with serving(alerting) as port:
            return await tls_floor.gather(lab_context(Targets(tls_floor=f"127.0.0.1:{port}")))

    (reach,) = asyncio.run(scene()).tries[0].reached
    assert reach.failure is not None
    assert reach.failure.code is FailureCode.TLS_FAILED


def test_stopping_takes_no_time() -> None:
    async def scene() -> ChainEvidence:
        async with full_backlog() as port, asyncio.timeout(0.3):
            return await gather(lab_context(Targets(tls=(f"127.0.0.1:{port}",))))

    with pytest.raises(TimeoutError):
        asyncio.run(scene())


RESELLERS = (
    "ZeroSSL", "Gandi SAS", "GEANT Vereniging", "cPanel, LLC", "Network Solutions L.L.C.",
    "Internet2", "SSL Corp", "Entrust, Inc.", "Actalis S.p.A.", "home.pl S.A.", "Amazon",
    "Microsoft Corporation", "Trust Provider B.V.", "Corporation Service Company",
)  # fmt: skip


@pytest.mark.parametrize("organization", RESELLERS)
def test_a_leaf_of_a_reseller_without_its_intermediate_is_an_incomplete_chain(
    organization: str,
) -> None:
    """Their names stand in intermediates, and in no root."""
    middle = make_intermediate(make_authority(), common_name("Domain Secure Site CA", organization))
    evidence = asyncio.run(look(server_context(middle)))
    assert evidence.presented is not None
    assert evidence.presented.value is not None
    assert evidence.presented.value.issuer_is_public
    case = case_of((TLS_CHAIN, ChainEvidence(hosts=(evidence,), judged_at="2026-11-22T12:00:00")))
    judged = filter_tls_interception.judge(case, NoLimits())
    assert (judged.status, "leaves out" in judged.summary) == (Status.WARN, True)


def test_the_shipped_list_knows_mozilla_s_intermediates() -> None:
    known = public_intermediates()
    assert len(known.fingerprints) > 1500
    assert known.as_of >= "2026-11"
    # E7 of Let's Encrypt; its fingerprint stands on letsencrypt.org/certificates
    assert known.holds("aeb1fd7410e83bc96f5da3c6a7c2c1bb836d1fa5cb86e708515890e428a8770b")
    assert not known.holds("00" * 32)


def test_a_presented_intermediate_proves_itself_by_what_it_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A filter can send a public intermediate along, but cannot sign with its key."""
    root = make_authority()
    middle = make_intermediate(root, common_name("Example Public CA", "Example Trust"))
    other = make_intermediate(root, common_name("Example Public CA", "Example Trust"))
    prints = frozenset({middle.certificate.fingerprint(hashes.SHA256())[:16]})
    known = replace(public_intermediates(), fingerprints=prints)
    monkeypatch.setattr(presented_chain, "public_intermediates", lambda: known)

    def proven(signer: Authority) -> bool:
        shown = asyncio.run(look(server_context(signer, send=(middle,)))).presented
        assert shown is not None
        assert shown.value is not None
        return shown.value.issuer_is_proven

    assert proven(middle)
    assert not proven(other)


def test_an_intermediate_that_is_left_out_is_proven_by_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    middle = make_intermediate(make_authority(), common_name("Example Public CA", "Nobody Knows"))
    key = x509.SubjectKeyIdentifier.from_public_key(middle.key.public_key()).digest.hex()
    known = replace(public_intermediates(), key_identifiers=frozenset({key}))
    monkeypatch.setattr(presented_chain, "public_intermediates", lambda: known)
    shown = asyncio.run(look(server_context(middle))).presented
    assert shown is not None
    assert shown.value is not None
    assert shown.value.issuer_is_proven
