"""Public addresses that earlier runs on this computer saw, from their kept STUN evidence."""

import msgspec
from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.probes.base import Earlier


class EarlierAddress(Struct, frozen=True, kw_only=True):
    """What one earlier run saw first.

    Attributes:
        seen_at: when that run began, ISO 8601.
        local_address: this computer's own on that way; it tells whether the network is the same.
        public: host of the public address.
    """

    seen_at: str
    ip_version: int
    local_address: str
    public: str


class _Reflection(Struct, frozen=True):
    public: HostPort


class _Attempt(Struct, frozen=True):
    value: _Reflection | None = None


class _Flow(Struct, frozen=True):
    """The few fields of a flow that every version has written so far."""

    ip_version: int
    attempt: _Attempt
    local_address: str = ""


class _Evidence(Struct, frozen=True):
    flows: tuple[_Flow, ...] = ()


def earlier_addresses(runs: tuple[Earlier, ...]) -> tuple[EarlierAddress, ...]:
    """One of each run and family, newest first; runs that cannot be read are left out."""
    found: list[EarlierAddress] = []
    for run in runs:
        try:
            evidence = msgspec.json.decode(run.evidence, type=_Evidence)
        except msgspec.MsgspecError:
            continue
        first: dict[int, EarlierAddress] = {}
        for flow in evidence.flows:
            if flow.attempt.value is not None and flow.local_address:
                address = EarlierAddress(
                    seen_at=run.started_at,
                    ip_version=flow.ip_version,
                    local_address=flow.local_address,
                    public=flow.attempt.value.public.host,
                )
                first.setdefault(flow.ip_version, address)
        found += first.values()
    return tuple(found)
