"""Whatever number a system gives an error, it is a failure and no fault of the program."""

import asyncio
import errno
import os
import socket

import pytest
from cases.reach_cases import case_of
from servers.reach_lab import LabNetwork, lab_context

from natwizard.checks.base import Check
from natwizard.checks.port_web_pages import PORT_TCP80, PORT_TCP443
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import BadAnswer, failure_from
from natwizard.probes.network import Endpoint
from natwizard.probes.web import WEB

EVERY_NUMBER = (*sorted(errno.errorcode), 10_013, 10_022, 10_050, 10_064, 99_999)


@pytest.mark.parametrize("number", EVERY_NUMBER)
def test_every_number_is_a_failure(number: int) -> None:
    failure = failure_from(OSError(number, "as the system words it"), "connect_tcp")
    if failure.code is FailureCode.OTHER:
        assert errno.errorcode.get(number, "OSError") in failure.detail
        assert "as the system words it" in failure.detail


@pytest.mark.parametrize("name", ["EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN"])
def test_a_host_that_is_down_is_unreachable(name: str) -> None:
    error = OSError(getattr(errno, name), "down")
    assert failure_from(error, "connect_tcp").code is FailureCode.NETWORK_UNREACHABLE


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (10_051, FailureCode.NETWORK_UNREACHABLE),
        (10_052, FailureCode.CONNECTION_RESET),
        (10_053, FailureCode.CONNECTION_RESET),
        (10_054, FailureCode.CONNECTION_RESET),
        (10_055, FailureCode.MACHINE_BUSY),
        (10_060, FailureCode.TIMED_OUT),
        (10_061, FailureCode.CONNECTION_REFUSED),
        (10_065, FailureCode.NETWORK_UNREACHABLE),
        (10_101, FailureCode.CONNECTION_RESET),
    ],
)
def test_numbers_of_windows_own_are_known(number: int, code: FailureCode) -> None:
    assert failure_from(OSError(number, "as Windows words it"), "connect_tcp").code is code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (socket.EAI_NONAME, FailureCode.NAME_NOT_FOUND),
        (11_004, FailureCode.NAME_NOT_FOUND),  # WSANO_DATA: it is there, without an address
        (11_002, FailureCode.NAME_LOOKUP_FAILED),  # WSATRY_AGAIN
        (11_003, FailureCode.NAME_LOOKUP_FAILED),  # WSANO_RECOVERY
        (socket.EAI_AGAIN, FailureCode.NAME_LOOKUP_FAILED),
    ],
)
def test_a_name_without_an_address_is_told_from_a_lookup_that_failed(
    number: int, code: FailureCode
) -> None:
    assert failure_from(socket.gaierror(number, "as worded"), "resolve").code is code


def test_a_group_of_such_errors_is_told_by_its_first() -> None:
    inner = ExceptionGroup("inner", [OSError(errno.EINVAL, "x"), TimeoutError()])
    failure = failure_from(ExceptionGroup("outer", [inner, BadAnswer("y")]), "ask")
    assert (failure.code, failure.detail[:6]) == (FailureCode.OTHER, "EINVAL")


def test_a_group_with_a_defect_in_it_stays_a_defect() -> None:
    group = ExceptionGroup("outer", [OSError(errno.EINVAL, "x"), KeyError("ours")])
    with pytest.raises(ExceptionGroup) as raised:
        failure_from(group, "ask")
    assert raised.value is group


class Refusing(LabNetwork):
    """Every name leads to one address, and connecting there fails with one number."""

    def __init__(self, number: int) -> None:
        super().__init__(names={})
        self._number = number

    async def resolve(self, target: object, *, timeout_s: float) -> tuple[Endpoint, ...]:  # noqa: ARG002
        return (Endpoint(family=socket.AF_INET, address="192.0.2.7", port=443),)

    async def connect_tcp(
        self,
        endpoint: Endpoint,  # noqa: ARG002
        *,
        timeout_s: float,  # noqa: ARG002
        segment_bytes: int = 0,  # noqa: ARG002
    ) -> socket.socket:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize("check", [PORT_TCP80, PORT_TCP443])
@pytest.mark.parametrize("number", [errno.EHOSTDOWN, errno.EINVAL, errno.EBADF, errno.ENOTCONN,
                                    errno.EPROTO, errno.ENOBUFS, errno.EMFILE])  # fmt: skip
def test_an_error_that_no_table_names_accuses_nobody(number: int, check: Check) -> None:  # type: ignore[type-arg]
    targets = Targets(http="http://web.example.com/", https="https://web.example.com/")
    evidence = asyncio.run(WEB.gather(lab_context(targets, Refusing(number))))
    judged = check.bind({})(case_of((WEB, evidence)))
    assert judged.status is Status.UNKNOWN
    if failure_from(OSError(number, ""), "x").code is FailureCode.OTHER:
        assert errno.errorcode[number] in judged.observed
