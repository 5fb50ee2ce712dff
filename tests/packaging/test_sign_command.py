"""The words of a signing command, as a runner of each system is given them."""

from pathlib import Path

import pytest
from steps.signing import sign_command

FILE = Path("natwizard.exe")


@pytest.mark.parametrize(
    ("command", "windows", "words"),
    [
        (
            r'"C:\Program Files\kit\signtool.exe" sign /f C:\keys\a.pfx {file}',
            True,
            [r"C:\Program Files\kit\signtool.exe", "sign", "/f", r"C:\keys\a.pfx", "natwizard.exe"],
        ),
        (r"sign\ er --key 'a b' {file}", False, ["sign er", "--key", "a b", "natwizard.exe"]),
        ("signer --in={file} --again {file}", False,
         ["signer", "--in=natwizard.exe", "--again", "natwizard.exe"]),
    ],
)  # fmt: skip
def test_backslashes_are_letters_on_windows(command: str, windows: bool, words: list[str]) -> None:
    assert sign_command(command, FILE, windows=windows) == words
