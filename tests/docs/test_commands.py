"""Every command that a document, a help text or a text of the program names is one that there is.

Its options are looked up in the real parsers, so that a command that is renamed, or an option
that goes, is found wherever somebody was told to type it.
"""

import ast
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from natwizard.cli.main import SUBCOMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted((*(ROOT / "docs").glob("*.md"), ROOT / "README.md"))
MODULES = sorted((ROOT / "natwizard").rglob("*.py"))
CATALOGUES = sorted((ROOT / "resources/translations").rglob("*.po"))

FENCE = re.compile(r"^ *```\w*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
TYPED = re.compile(
    r"(?:^|[\s/\"\u201c`(])natwizard ((?:--)?[a-z][a-z-]*)((?: [^\n\"\u201d`|;&>]+)?)"
)
"""A program's name and the word after it, in something that is to be typed."""
COMMAND_IN_PROSE = re.compile(
    r"\bnatwizard ([a-z]+)(?= (?:REPORT|FILE|FOLDER|PROFILE)\b| --| \{|[\"\u201d`])"
    r"([^\n.\"\u201d`]*)"
)
"""In prose "natwizard looks" is none; one with an option, a FILE or a closing quote is."""
OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*)")
OF_EVERY_COMMAND = {"--help", "--version", "--language"}


@cache
def options_of(command: str) -> frozenset[str]:
    """All that a subcommand's parsers take, those of its own subcommands included."""
    parser = ArgumentParser(add_help=False)
    import_module(f"natwizard.cli.{command}").add_arguments(parser)
    return frozenset((*_options(parser), *OF_EVERY_COMMAND))


def _options(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from _options(below)


def faults(commands: Iterator[tuple[str, str]]) -> list[str]:
    found = []
    for command, rest in commands:
        if command.startswith("--"):
            known = command in OF_EVERY_COMMAND or command in options_of("window")
            found += [] if known else [command]
        elif command not in SUBCOMMANDS:
            found.append(f"natwizard {command}")
        else:
            unknown = set(OPTION.findall(rest)) - options_of(command)
            found += [f"natwizard {command} {option}" for option in sorted(unknown)]
    return found


def commands_of_page(text: str) -> Iterator[tuple[str, str]]:
    code = [*FENCE.findall(text), *CODE.findall(FENCE.sub("", text))]
    for piece in code:
        for line in piece.replace("\\\n", " ").splitlines():
            if not line.lstrip().startswith(("#", "[")):
                yield from TYPED.findall(line.partition(" #")[0])


def texts_of_module(path: Path) -> Iterator[str]:
    """Texts of the program that people read; not its docstrings."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_commands_of_a_page_exist(page: Path) -> None:
    assert faults(commands_of_page(page.read_text("utf-8"))) == []


def test_the_pages_hold_commands() -> None:
    named = {
        command for page in PAGES for command, _rest in commands_of_page(page.read_text("utf-8"))
    }
    assert len(named & set(SUBCOMMANDS)) > 10


def test_commands_in_texts_of_the_program_exist() -> None:
    named = [(path.name, command) for path in MODULES for text in texts_of_module(path)
             for command in COMMAND_IN_PROSE.findall(text)]  # fmt: skip
    assert len(named) > 5
    wrong = [f"{name}: {fault}" for name, command in named for fault in faults(iter([command]))]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=[path.parts[-3] for path in CATALOGUES])
def test_a_translation_names_the_commands_of_its_text(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        english = message.id if isinstance(message.id, str) else message.id[0]
        translated = message.string if isinstance(message.string, str) else message.string[0]
        if english and translated:
            wanted = [command for command, _rest in COMMAND_IN_PROSE.findall(english)]
            told = [command for command, _rest in COMMAND_IN_PROSE.findall(translated)]
            assert told == wanted, english
