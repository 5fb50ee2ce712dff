"""What is copied for IT: whoever can change something gets a paragraph written for them."""

import ast
from collections.abc import Iterator
from pathlib import Path

CHECKS = Path(__file__).parents[2] / "natwizard" / "checks"
ADDS_ITS_OWN = {"port_webphone.py"}
"""It writes one paragraph for all of these, with what was seen."""


def remedies() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(CHECKS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and called == "Remedy":
                yield f"{path.name}:{node.lineno}", node


def value_of(call: ast.Call, name: str) -> str:
    return next((ast.unparse(each.value) for each in call.keywords if each.arg == name), "")


def test_the_network_team_gets_a_request_of_its_own() -> None:
    theirs = [
        (place, value_of(call, "request"))
        for place, call in remedies()
        if "NETWORK_TEAM" in value_of(call, "owner") and place.split(":")[0] not in ADDS_ITS_OWN
    ]
    assert len(theirs) > 15
    assert [place for place, request in theirs if not request] == []


def test_a_request_begins_with_what_to_do() -> None:
    told = [value_of(call, "request") for _place, call in remedies()]
    written = [text for text in told if text.startswith(("_('", '_("'))]
    assert len(written) > 15
    assert [text for text in written if not text[3:].startswith("Please ")] == []
