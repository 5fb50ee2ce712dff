"""The commands in the administrator guide are ones that the program takes."""

import re
import shlex
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/administrator-guide.md").read_text("utf-8").replace("\\\n", " ")
BLOCKS = re.findall(r"```(?:sh|powershell)\n(.*?)```", GUIDE, re.DOTALL)
COMMAND = re.compile(
    r"^(?:& \$program|natwizard) (?P<rest>(?!reflector).*?)(?: >.*)?$", re.MULTILINE
)
COMMANDS = sorted({match["rest"] for block in BLOCKS for match in COMMAND.finditer(block)})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide_is_understood(command: str) -> None:
    name, *words = shlex.split(command)
    module = import_module(f"natwizard.cli.{name}")
    parser = ArgumentParser(exit_on_error=False)
    module.add_arguments(parser)
    parser.parse_args(words)


def test_the_guide_shows_each_way_of_rolling_out() -> None:
    assert sum(command.startswith("check --quiet") for command in COMMANDS) >= 4
