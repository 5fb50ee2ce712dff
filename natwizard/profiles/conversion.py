"""Turns a table into a profile, and tells all that is wrong with it at once, in plain words."""

import copy
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final, TypeAlias

import msgspec
from msgspec import inspect

from natwizard.model.profile import Profile
from natwizard.profiles.mistake import KeyPath, parse_key_path

Table: TypeAlias = dict[str, object]
Problem: TypeAlias = tuple[KeyPath, str]

MISTAKES_AT_MOST: Final = 50
STAND_INS: Final[tuple[object, ...]] = ("x", 1, [], {}, False)
"""What is put in a wrong value's place, so that the next mistake comes to light."""

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_TYPE = re.compile(r"Expected `(?P<wanted>[^`]*)`(?P<limit>[^,]*), got `(?P<got>[^`]*)`")
_LIMIT = re.compile(r"Expected `(?P<wanted>[^`]*)` (?P<limit>[^,]+)$")
_CHOICE = re.compile(r"Invalid enum value (?P<value>.*)", re.DOTALL)
_WORDS = {
    "str": "a text in quotes", "int": "a whole number", "float": "a number",
    "bool": "true or false", "array": "a list in [ ]", "object": "a table", "null": "nothing",
    "date": "a date", "datetime": "a date and time", "time": "a time",
}  # fmt: skip


class Converted(msgspec.Struct, frozen=True):
    """A profile, of stand-ins where something is wrong with it.

    Attributes:
        problems: paths in the table, and what is wrong there.
    """

    profile: Profile | None
    problems: tuple[Problem, ...]


def convert_profile(table: Table) -> Converted:
    """Take out what is wrong and try again, until all of it is told; at most fifty mistakes."""
    left = copy.deepcopy(table)
    problems: list[Problem] = []
    mended: set[KeyPath] = set()
    for _count in range(MISTAKES_AT_MOST):
        try:
            return Converted(msgspec.convert(left, type=Profile), tuple(problems))
        except msgspec.ValidationError as error:
            path, words, unknown = _told(error)
            if path not in mended:
                problems.append((path, words))
            if not _mend(left, path, error, unknown=unknown):
                break
            mended.add(path)
    return Converted(None, tuple(problems))


def limit_problem(error: msgspec.ValidationError, limits: type[msgspec.Struct]) -> Problem:
    """What is wrong with the limits of a row; the path begins below `limits`."""
    path, words, unknown = _told(error, limits)
    return (path[:-1], words) if unknown else (path, words)


def _told(
    error: msgspec.ValidationError, root: type[msgspec.Struct] = Profile
) -> tuple[KeyPath, str, bool]:
    """Where, what, and whether it is a key that nobody knows."""
    problem, _, where = str(error).partition(" - at `")
    path = parse_key_path(where)
    if match := _UNKNOWN.fullmatch(problem):
        key, known = match["key"], tuple(_fields_at(root, path))
        if root is Profile:
            return (*path, key), f"unknown key{suggestion(key, known)}", True
        return (*path, key), f"unknown key {key}{suggestion(key, known)}", True
    if match := _MISSING.fullmatch(problem):
        return (*path, match["key"]), "is missing", False
    return path, _plain(problem, root, path), False


def suggestion(wrong: str, known: tuple[str, ...]) -> str:
    """ " (did you mean webphone?)", or the list of a few; empty where nothing is like it."""
    close = get_close_matches(wrong[:80], known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def _plain(problem: str, root: type[msgspec.Struct], path: KeyPath) -> str:
    if match := _TYPE.fullmatch(problem):
        limit = match["limit"].strip()
        wanted = _kinds(match["wanted"])
        return f"expected {wanted}{f' {limit}' if limit else ''}, got {_kinds(match['got'])}"
    if match := _LIMIT.fullmatch(problem):
        return f"expected {_kinds(match['wanted'])} {match['limit']}"
    if match := _CHOICE.fullmatch(problem):
        value = match["value"].strip("'\"")
        choices = tuple(_choices_at(root, path))
        listed = f"expected one of {', '.join(choices)}" if choices else "not one of the choices"
        return f"{listed}; got {value[:80]!r}{suggestion(value, choices)}"
    return problem


def _kinds(names: str) -> str:
    return " or ".join(_WORDS.get(name.strip(), name.strip()) for name in names.split("|"))


def _mend(table: Table, path: KeyPath, error: msgspec.ValidationError, *, unknown: bool) -> bool:
    """Take out an unknown key, or put something in place; whether the mistake has gone."""
    if not path:
        return False
    holder: object = table
    for step in path[:-1]:
        holder = _get(holder, step)
    last = path[-1]
    if unknown:
        return isinstance(holder, dict) and holder.pop(last, None) is not None
    for value in (*_choices_at(Profile, path), *STAND_INS):
        if not _put(holder, last, value):
            return False
        try:
            msgspec.convert(table, type=Profile)
        except msgspec.ValidationError as again:
            if str(again) != str(error) and _told(again)[0][: len(path)] != path:
                return True
        else:
            return True
    return False


def _get(holder: object, step: str | int) -> object:
    """What stands there; None where nothing does."""
    match holder, step:
        case dict(), str():
            return holder.get(step)
        case list(), int() if step < len(holder):
            return holder[step]
        case _:
            return None


def _put(holder: object, step: str | int, value: object) -> bool:
    """Whether there was a place for it."""
    match holder, step:
        case dict(), str():
            holder[step] = value
        case list(), int() if step < len(holder):
            holder[step] = value
        case _:
            return False
    return True


def _type_at(root: type[msgspec.Struct], path: KeyPath) -> inspect.Type | None:
    found: inspect.Type | None = inspect.type_info(root)
    for step in path:
        found = _below(found, step)
        if found is None:
            return None
    return found


def _below(kind: inspect.Type | None, step: str | int) -> inspect.Type | None:
    match kind:
        case inspect.StructType(fields=fields):
            return next((each.type for each in fields if each.encode_name == step), None)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return item
        case inspect.DictType(value_type=value):
            return value
        case inspect.UnionType(types=types):
            return next((found for each in types if (found := _below(each, step))), None)
        case _:
            return None


def _fields_at(root: type[msgspec.Struct], path: KeyPath) -> Iterator[str]:
    """Keys that the table at a path may have."""
    kind = _type_at(root, path)
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for each in kinds:
        if isinstance(each, inspect.StructType):
            yield from (field.encode_name for field in each.fields)


def _choices_at(root: type[msgspec.Struct], path: KeyPath) -> Iterator[str]:
    """Values that the text at a path may have."""
    kind = _type_at(root, path)
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for each in kinds:
        if isinstance(each, inspect.EnumType):
            yield from (str(member.value) for member in each.cls)
        elif isinstance(each, inspect.LiteralType):
            yield from (str(value) for value in each.values)
