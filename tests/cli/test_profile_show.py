"""`natwizard profile show` prints a profile that others may read over a shoulder."""

from pathlib import Path

import pytest

from natwizard.cli.main import main

SITE = """
extends = "natterbox"
schema_version = 1
name = "Site"
version = "1"

[targets]
turn = "turn.example.com"
turn_user = "site"
turn_password = "not for you"
websocket = ["wss://kim:not-for-you@echo.example.com/"]
"""


def test_the_password_is_hidden_and_that_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text(SITE, "utf-8")
    assert main(["profile", "show", str(profile)]) == 0
    told = capsys.readouterr()
    assert "not for you" not in told.out + told.err
    assert "not-for-you" not in told.out + told.err
    assert 'turn_password = "***"' in told.out
    assert 'turn_user = "site"' in told.out
    assert "the password is hidden" in told.err


def test_without_a_password_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "show"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "turn_password" not in told.out or '"***"' not in told.out
