"""port.tcp443: do secure web pages come through?"""

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.line import answers
from natwizard.checks.web_ports import judge_port
from natwizard.model.finding import Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.web import WEB


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The page has to come; silence counts where port 80 answers."""
    web = inputs.evidence(WEB)
    if not web.https:
        no_target = Failure(
            code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.https"
        )
        raise EvidenceMissing(WEB.name, no_target)
    return judge_port(
        443,
        web.https,
        other_port_answers=answers(web.http),
        expected=_("the real page"),
        choice=web.https_choice,
    )


PORT_TCP443 = Check(
    name="port.tcp443",
    title=N_("Secure web pages (port 443)"),
    page=Page.FIREWALL_PORTS,
    needs=(WEB,),
    limits=NoLimits,
    judge=judge,
)
