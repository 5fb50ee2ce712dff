"""Words of the window."""

import pytest

from natwizard.gui.look.texts import capitalised


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("none found", "None found"),
        ("blocked: 5060", "Blocked: 5060"),
        ("gone.", "Gone."),
        ("\u00e9tat inconnu", "\u00c9tat inconnu"),
        ("wss: answered in 43 ms", "wss: answered in 43 ms"),
        ("dns.example.com: no answer", "dns.example.com: no answer"),
        ("", ""),
    ],
)
def test_a_line_begins_large_but_names_keep_their_spelling(text: str, shown: str) -> None:
    assert capitalised(text) == shown
