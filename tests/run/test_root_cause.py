"""One cause behind many findings, as a table of cases."""

import pytest

from natwizard.model.finding import Finding, Page, Status
from natwizard.run.root_cause import root_cause_of


def finding(check: str, status: Status) -> Finding:
    return Finding(
        check=check,
        requirement=check,
        title=check,
        page=Page.CONNECTION,
        required=True,
        status=status,
        summary="",
        observed="",
        expected="",
    )


@pytest.mark.parametrize(
    ("link", "ports", "quality", "code"),
    [
        (Status.FAIL, Status.UNKNOWN, Status.UNKNOWN, "no_network"),
        (Status.FAIL, Status.FAIL, Status.NOT_APPLICABLE, "no_network"),
        (Status.FAIL, Status.PASS, Status.UNKNOWN, ""),
        (Status.PASS, Status.UNKNOWN, Status.UNKNOWN, ""),
        (Status.WARN, Status.FAIL, Status.FAIL, ""),
    ],
)
def test_no_network_is_named_once_for_all_it_explains(
    link: Status, ports: Status, quality: Status, code: str
) -> None:
    findings = (
        finding("computer.ram", Status.PASS),
        finding("link.wired", link),
        finding("port.tcp443", ports),
        finding("quality.loss", quality),
        finding("ip.ranges", Status.PASS),
    )
    cause = root_cause_of(findings)
    assert (cause.code if cause else "") == code
    if cause:
        assert "computer.ram" not in cause.explains
        assert {"link.wired", "port.tcp443"} <= set(cause.explains)
