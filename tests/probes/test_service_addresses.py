"""The service's names: which are looked up, and where they lead."""

import asyncio

import pytest
from servers.reach_lab import LabNetwork, lab_context

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.service_addresses import ServiceName, gather, service_hosts
from natwizard.reflector.background import BackgroundReflector


def test_names_lead_to_addresses_each_once() -> None:
    network = LabNetwork(names={"phone.test": ("192.0.2.1", "2001:db8::1", "192.0.2.1")})
    targets = Targets(webphone="Phone.test", media="phone.test:443", stun=("gone.test:3479",))
    evidence = asyncio.run(gather(lab_context(targets, network)))
    phone, gone = evidence.names
    assert phone.host == "phone.test"
    assert phone.settings == ("targets.webphone", "targets.media")
    assert gone.addresses.failure is not None
    assert gone.addresses.failure.code is FailureCode.NAME_NOT_FOUND
    assert phone.addresses.value == ("192.0.2.1", "2001:db8::1")


def test_controls_are_no_names_of_the_service() -> None:
    targets = Targets(
        webphone_control="c1.test:1",
        stun_control=("c2.test:1",),
        tls_control=("c3.test",),
        tls=("crm.test",),
        http="http://c4.test/",
        stun=("s.test:3479",),
        media="m.test:1",
        sip=("p.test",),
        sip_tls="[2001:db8::2]:5061",
    )
    assert [host for host, _settings in service_hosts(targets)] == [
        "s.test",
        "m.test",
        "p.test",
        "2001:db8::2",
    ]


def test_without_names_there_is_nothing_to_look_up() -> None:
    with pytest.raises(CannotGather) as missed:
        asyncio.run(gather(lab_context(Targets())))
    assert missed.value.failure.code is FailureCode.NO_TARGET


def test_the_reflector_s_addresses_are_counted_once(reflector: BackgroundReflector) -> None:
    evidence = asyncio.run(gather(lab_context(reflector.targets())))
    assert all(name.addresses.ok for name in evidence.names)
    assert len({name.host for name in evidence.names}) == len(evidence.names)


def test_where_it_names_another_server_that_one_is_connected_to(
    reflector: BackgroundReflector,
) -> None:
    """As with an old line in a hosts file: it decides here, and name servers say otherwise."""
    control = reflector.targets().resolver_control
    port = reflector.targets().webphone.rpartition(":")[2]

    def found(here: str) -> ServiceName:
        network = LabNetwork(names={"natwizard.test": (here,)})
        targets = Targets(webphone=f"natwizard.test:{port}", resolver_control=control)
        return asyncio.run(gather(lab_context(targets, network))).names[0]

    led = found("192.0.2.1")
    assert led.elsewhere is not None
    assert led.elsewhere.ok
    assert led.elsewhere.target == f"127.0.0.1:{port}"
    assert led.hosts_file is not None
    assert led.hosts_file.value == ()  # this computer's own, which knows no such name
    assert found("127.0.0.1").elsewhere is None
    assert found("127.0.0.1").hosts_file is None


def test_another_resolver_is_asked_for_the_same_names(reflector: BackgroundReflector) -> None:
    network = LabNetwork(names={"natwizard.test": ("10.0.0.1",), "phone.test": ("192.0.2.1",)})
    targets = Targets(
        webphone="natwizard.test",
        media="gone.natwizard.test:1",
        sip=("phone.test:5060", "192.0.2.7:5060"),
        resolver_control=reflector.targets().resolver_control,
    )
    evidence = asyncio.run(gather(lab_context(targets, network)))
    control = {name.host: name.control for name in evidence.names}
    assert control["192.0.2.7"] is None, "an address is no name"
    known, gone, refused = (
        control[host] for host in ("natwizard.test", "gone.natwizard.test", "phone.test")
    )
    assert known is not None
    assert known.value == ("127.0.0.1",)
    assert gone is not None
    assert gone.value == ()
    assert refused is not None
    assert refused.failure is not None
    assert refused.failure.code is FailureCode.BAD_ANSWER
