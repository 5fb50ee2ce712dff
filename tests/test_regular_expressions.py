"""No regular expression of ours takes the square of a text's length, whatever a stranger writes.

Each one of the program is run on texts made for it: the beginnings of what it matches, and after
them one sign or a few of its own again and again.
"""

import ast
import pkgutil
import re
import string
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]  # there is no public one
from typing import NamedTuple

import pytest
from growth import assert_time_grows_with_input

import natwizard

SOURCES = Path(natwizard.__file__).parent
CHARACTERS = 500, 8_000
"""The cube of the second would take hours."""
GENERIC = " \t\n/\\\"'<[({:.-_=,;@0aA"
SEARCHING = ("search", "finditer", "findall", "sub", "split")
INLINE = {*SEARCHING, "match", "fullmatch"}
HARMLESS = {
    "natwizard.probes.browser_page.site.MARKED": "reads the program's own pages",
    "natwizard.report.pdf.draw.BRACKETED": "reads what Qt wrote, and nothing of anybody else's",
}


class Expression(NamedTuple):
    """One of the program, and whether it is looked for anywhere in a text."""

    name: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    searches: bool


@cache
def expressions() -> tuple[Expression, ...]:
    """Those of all modules that this system can load, and those that stand in a call."""
    source = {path: path.read_text("utf-8") for path in SOURCES.rglob("*.py")}
    used = "\n".join(source.values())
    found = {}
    for module in pkgutil.walk_packages([str(SOURCES)], "natwizard."):
        if module.name.endswith("__main__"):
            continue
        try:
            loaded = import_module(module.name)
        except (ImportError, AttributeError, OSError):  # another system's
            continue
        for name, value in vars(loaded).items():
            if isinstance(value, re.Pattern):
                searches = re.search(rf"\b{name}\.({'|'.join(SEARCHING)})\b", used) is not None
                found[id(value)] = Expression(f"{module.name}.{name}", value, searches)
    return (*found.values(), *(each for path in source for each in _inline(path, source[path])))


def _inline(path: Path, text: str) -> Iterator[Expression]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=how),
                args=[ast.Constant(value=str() as pattern), *_],
            ) if how in INLINE:
                name = f"{path.name}:{node.lineno}"
                yield Expression(name, re.compile(pattern, re.MULTILINE), how in SEARCHING)


def shortest(parsed: object) -> str:
    """A short text that it matches, or nearly: what is only looked at, ahead or back, is left."""
    text = ""
    for operator, argument in parsed:  # type: ignore[attr-defined]
        match str(operator):
            case "LITERAL":
                text += chr(argument)
            case "ANY" | "NOT_LITERAL":
                text += "a"
            case "IN":
                text += next(filter(None, map(_member, argument)), "a")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                text += shortest(argument[2]) * min(argument[0], 40)
            case "SUBPATTERN":
                text += shortest(argument[3])
            case "ATOMIC_GROUP":
                text += shortest(argument)
            case "BRANCH":
                text += shortest(argument[1][0])
    return text


def _member(part: tuple[object, object]) -> str:
    match str(part[0]), part[1]:
        case "LITERAL", int(code):
            return chr(code)
        case "RANGE", (int(low), _):
            return chr(low)
        case "CATEGORY", kind:
            return {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "1"}.get(str(kind), "a")
    return ""


def attacks(expression: Expression) -> Iterator[tuple[str, str]]:
    """A beginning, and what is repeated after it."""
    pattern = expression.pattern.pattern
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    whole = shortest(parser.parse(text, expression.pattern.flags & ~re.UNICODE & ~re.DEBUG))
    signs = sorted({*GENERIC, *(each for each in text if each in string.printable)})
    repeated = [*signs, r"\"", r"\'", *(whole[:end] for end in range(2, 13))]
    for beginning in dict.fromkeys(("", whole[:1], whole[: len(whole) // 2], whole)):
        for sign in dict.fromkeys(filter(None, repeated)):
            yield beginning, sign


def look(expression: Expression, beginning: str, sign: str, characters: int) -> None:
    text = beginning + sign * (characters // len(sign)) + "\0"
    pattern = expression.pattern
    subject = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    pattern.fullmatch(subject)  # type: ignore[arg-type]
    if expression.searches:
        for _found in pattern.finditer(subject):  # type: ignore[arg-type]
            pass


def assert_none_is_slow(expression: Expression) -> None:
    for beginning, sign in attacks(expression):

        def work(characters: int, beginning: str = beginning, sign: str = sign) -> None:
            look(expression, beginning, sign, characters)

        try:
            for characters in CHARACTERS:
                assert_time_grows_with_input(work, characters)
        except AssertionError as error:
            raise AssertionError(
                f"{expression.name}: {beginning!r}, {sign!r} * n: {error}"
            ) from None


@pytest.mark.timeout(600)
def test_time_of_every_expression_grows_with_the_text() -> None:
    slow = []
    for expression in expressions():
        if expression.name in HARMLESS:
            continue
        try:
            assert_none_is_slow(expression)
        except AssertionError as error:
            slow.append(str(error))
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(
    "pattern",
    [
        r"<\s*[/!?]?\s*[A-Za-z]",
        r"[\\/]+(?:Users|home)",
        r'"(?:\\.|[^"\\\n])*"',
        r"(?P<name>[^\[=]+?)\s*=",
        r"<release\b[^>]*?\bversion=",
        r"[,;]|\s+(?:or|and)\s+",
    ],
)
def test_one_that_takes_the_square_is_found(pattern: str) -> None:
    with pytest.raises(AssertionError, match="times as long"):
        assert_none_is_slow(Expression("x", re.compile(pattern), searches=True))
