"""A whole run where nothing is wrong: no row is red, and none unknown without a reason of ours.

One run of each kind here; `make healthy-runs` does ten.
"""

import pytest
from benchmarks.bench_runs import GOALS_S, NOT_KNOWN_HERE, complaints, healthy_run
from lab.test_lines import spoilt_by_this_computer
from lab.topology.fault import Fault
from lab.topology.internet import Internet
from lab.topology.lab import built_lab, missing
from lab.topology.public_world import PublicWorld, trust_public

from natwizard.model.finding import Status

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]


@pytest.mark.parametrize("world", GOALS_S)
def test_on_a_healthy_line_nothing_is_red_or_unknown(world: type[Internet]) -> None:
    with built_lab(1, world) as lab:
        if world is PublicWorld:
            trust_public(lab.sites[0])
        report = healthy_run(lab, Fault())
    if spoilt_by_this_computer(report):
        pytest.skip("this machine is too busy to keep time")
    assert list(complaints(report)) == []
    passed = {each.check for each in report.findings if each.status is Status.PASS}
    assert len(passed) > len(NOT_KNOWN_HERE)
    assert {"port.tcp443", "quality.loss", "quality.jitter", "quality.bandwidth"} <= passed
