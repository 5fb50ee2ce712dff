"""port.tcp80: do plain web pages come through?"""

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.shared.line import answers
from natwizard.checks.web_ports import judge_port
from natwizard.model.finding import Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.web import WEB


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The page has to come; silence counts where port 443 answers."""
    web = inputs.evidence(WEB)
    if not web.http:
        no_target = Failure(
            code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.http"
        )
        raise EvidenceMissing(WEB.name, no_target)
    return judge_port(
        80,
        web.http,
        other_port_answers=answers(web.https),
        expected=_("the real page"),
        choice=web.http_choice,
    )


PORT_TCP80 = Check(
    name="port.tcp80",
    title=N_("Web pages (port 80)"),
    page=Page.FIREWALL_PORTS,
    needs=(WEB,),
    limits=NoLimits,
    judge=judge,
)
