"""What was seen in place of a web page, in one sentence."""

from natwizard.checks.endings import Ending, Step
from natwizard.model.language import _
from natwizard.model.outcome import FailureCode

CUT = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY}


def trouble(port: int, ending: Ending) -> str:
    """What was seen, in one sentence."""
    code = ending.code
    if ending.step is Step.ENCRYPTION:
        if code is FailureCode.TIMED_OUT:
            text = _("Secure pages on port {port} fall silent as encryption begins.")
        elif code in CUT:
            text = _("Something cuts secure pages, port {port}, as encryption begins.")
        else:
            text = _("Secure pages on port {port} cannot be encrypted.")
    elif ending.step is Step.EXCHANGE:
        if code is FailureCode.TIMED_OUT:
            text = _("Port {port} takes the question, but no page comes back.")
        elif code in CUT:
            text = _("Something cuts web pages on port {port}.")
        else:
            text = _("Something that is no web server answers on port {port}.")
    elif code is FailureCode.TIMED_OUT:
        text = _("Your network blocks web pages on port {port}.")
    elif code in CUT:
        text = _("Connections to port {port} are cut at once.")
    else:
        text = _("Web pages on port {port} are turned away.")
    return text.format(port=port)
