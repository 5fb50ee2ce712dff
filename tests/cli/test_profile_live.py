"""profile check --live: a name with addresses of both families, one of which nobody reaches."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from natwizard.cli.profile_live import LiveAnswer, ask_all, live_targets
from natwizard.model.address import HostPort
from natwizard.model.profile import Profile, Targets
from natwizard.probes.network import Endpoint
from natwizard.profiles.read import parse_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.system.environment import real_environment
from natwizard.system.network import SystemNetwork

NAME = "both.example.com"


class BothFamilies(SystemNetwork):
    """One name is known by an address of IPv6 that leads nowhere, and by this computer's own."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        super().__init__()
        self.addresses = addresses

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        if target.host != NAME:
            return await super().resolve(target, timeout_s=timeout_s)
        return tuple(
            Endpoint(
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                address=address,
                port=target.port,
            )
            for address in self.addresses
        )


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    """Of a reflector on 127.0.0.1 alone, by the name that has both."""
    with BackgroundReflector() as running:
        own = running.targets()
        named = Targets(
            http=_by_name(own.http),
            stun=tuple(map(_by_name, own.stun)),
            media=_by_name(own.media),
            websocket=(_by_name(own.websocket[0]),),
            sip=(_by_name(own.sip[0]),),
        )
        whole = parse_profile(running.profile_text().encode(), "reflector")
        yield structs.replace(whole, targets=named)


def _by_name(address: str) -> str:
    return address.replace("127.0.0.1", NAME)


def asked(profile: Profile, *addresses: str) -> dict[str, LiveAnswer]:
    environment = replace(real_environment(), network=BothFamilies(addresses))
    targets = live_targets(profile, shipped_too=False)
    return {
        each.target.name: each
        for each in asyncio.run(ask_all(profile, environment, targets))
        if NAME in each.target.address
    }


@pytest.mark.parametrize("addresses", [("::1", "127.0.0.1"), ("127.0.0.1", "::1"), ("127.0.0.1",)])
def test_an_address_of_either_family_is_enough(
    profile: Profile, addresses: tuple[str, ...]
) -> None:
    answers = asked(profile, *addresses)
    kinds = {name for name in answers if name.startswith("targets.")}
    assert kinds == {"targets.http", "targets.stun", "targets.media", "targets.websocket",
                     "targets.sip"}  # fmt: skip
    assert all(each.answered for each in answers.values()), answers


def test_where_neither_answers_it_is_told_why(profile: Profile) -> None:
    answers = asked(profile, "::1", "127.0.0.9")
    assert not any(each.answered for each in answers.values())
    assert answers["targets.http"].words == "nothing listens there"
