"""OPTIONS to a real SIP server: kamailio, as somebody else may run it, on the three usual ports."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from servers.udp_lab import make_context, run

from natwizard.checks import nat_sip_alg, port_sip
from natwizard.checks.base import Inputs, NoLimits
from natwizard.model.finding import Status
from natwizard.model.outcome import Gathered
from natwizard.model.profile import Targets
from natwizard.probes.sip import SIP
from natwizard.probes.sip_mirror import SIP_MIRROR
from natwizard.reflector.certificates import make_certificate

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(not shutil.which("kamailio"), reason="needs kamailio"),
]

START_S = 20
CONFIGURATION = """#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
listen=udp:{host}:5060
listen=tcp:{host}:5060
listen=udp:{host}:5050
listen=tcp:{host}:5050
listen=tls:{host}:5061
loadmodule "tls.so"
loadmodule "sl.so"
loadmodule "pv.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "private_key", "{folder}/key.pem")
modparam("tls", "certificate", "{folder}/certificate.pem")
request_route {{
  if ($rm == "OPTIONS") {{ sl_send_reply("200", "OK"); exit; }}
  sl_send_reply("405", "Method Not Allowed");
}}
"""


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    """A profile that points at it: an address of loopback that is ours, with the real ports."""
    folder, host = tmp_path_factory.mktemp("kamailio"), f"127.{os.getpid() % 200 + 20}.7.60"
    certificate = make_certificate((host,))
    (folder / "key.pem").write_text(certificate.key_pem)
    (folder / "certificate.pem").write_text(certificate.certificate_pem)
    (folder / "kamailio.cfg").write_text(CONFIGURATION.format(host=host, folder=folder))
    command = (
        "kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "32", "-M", "4",
        "-P", str(folder / "pid"), "-Y", str(folder), "-w", str(folder),
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_until_it_listens(host, folder / "log")
        yield Targets(
            sip=(f"{host}:5060", f"{host}:5050"),
            sip_tls=f"{host}:5061",
            sip_mirror=f"{host}:5060",
            extra_roots=(certificate.authority_pem,),
        )
    finally:
        server.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        server.wait(5)


def _wait_until_it_listens(host: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((host, 5061), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(log.read_text(errors="replace")[-2000:])


def test_options_are_answered_over_udp_tcp_and_tls(kamailio: Targets) -> None:
    evidence = run(SIP.gather(make_context(kamailio)))
    answers = [each.attempt.value for each in evidence.tries]
    assert [answer.status_code if answer else 0 for answer in answers] == [200] * 5
    assert all(answer and answer.server.startswith("kamailio") for answer in answers)
    case = Inputs(outcomes={SIP.name: Gathered(evidence=evidence)})
    judgement = port_sip.judge(case, port_sip.SipLimits())
    assert (judgement.status, judgement.observed) == (
        Status.PASS,
        "UDP 5060, TCP 5060, UDP 5050, TCP 5050, TLS 5061 answered",
    )


def test_a_server_that_does_not_mirror_proves_nothing_of_an_alg(kamailio: Targets) -> None:
    evidence = run(SIP_MIRROR.gather(make_context(kamailio)))
    assert [each.method for each in evidence.tries] == ["OPTIONS", "OPTIONS"]  # never an INVITE
    case = Inputs(outcomes={SIP_MIRROR.name: Gathered(evidence=evidence)})
    judgement = nat_sip_alg.judge(case, NoLimits())
    assert judgement.status is Status.UNKNOWN
    assert judgement.remedy is not None
    assert "targets.sip_mirror" in judgement.remedy.text
