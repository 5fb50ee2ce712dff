"""The mail that asks for the service's addresses, as somebody copies it."""

import pytest

from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.languages import language_of
from natwizard.model.outcome import Failure, FailureCode


@pytest.mark.parametrize(
    ("language", "to", "public"),
    [
        ("en", "To our account team at Natterbox: ", "public servers"),
        ("de", "An unser Account-Team bei Natterbox: ", "öffentlich"),
        ("fr", "À notre équipe commerciale chez Natterbox\u00a0: ", "publics"),
        ("es", "A nuestro equipo de cuenta de Natterbox: ", "públicos"),
    ],
)
def test_the_mail_goes_to_the_account_team_and_is_true_of_runs_without_public_servers(
    language: str, to: str, public: str
) -> None:
    failure = Failure(code=FailureCode.NO_TARGET, operation="read", detail="targets.media")
    with language_of(language):
        remedy = judge_missing("Packet loss", "", failure).remedy
    assert remedy is not None
    assert remedy.request.startswith(to)
    assert public not in remedy.request
    for asked in ("10062", "5060", "3479", "5000", "64000"):
        assert asked in remedy.request
