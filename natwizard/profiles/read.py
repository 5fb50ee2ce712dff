"""Profile files as values: size-capped, validated down to each limit, `extends` followed.

With `whole=False`, IDs and limits are left for later: only they need the checks, which take a third
of a second to load. The window looks at a profile so, paints, and then reads it to its end.
"""

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache, cached_property
from ipaddress import ip_network
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec import inspect

from natwizard.assets import asset
from natwizard.model.address import parse_host_port, parse_ports
from natwizard.model.encoding import as_utf8
from natwizard.model.language import ENGLISH, _, speaking
from natwizard.model.profile import Profile, PublicUse, Targets
from natwizard.profiles.mistake import (
    KeyPath,
    ProfileMistake,
    TooComplicated,
    key_lines,
    key_text,
    parse_key_path,
    together,
)

# Anything of this size is answered within a second of processor time (decision 104)
SIZE_LIMIT_BYTES = 1024 * 1024
MISTAKES_AT_MOST: Final = 50
"""Of each kind; a person reads a few, and looking for what was meant takes a while for each."""
SUPPORTED_SCHEMA = 1
SHIPPED = "natterbox"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
# It is the key that hides names of computers (decision 73): a short one can be found by trying
SHORTEST_SALT = 16
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$'*+/=^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,200}")
"""RFC 5322's atoms, less what would mean something in a mailto address."""

PUBLIC_AT_MOST = 64
# Whoever signed in comes back to this computer and to no other (RFC 8252, 7.3)
CALLBACKS = ("http://localhost:", "http://127.0.0.1:")

Table = dict[str, object]


def read_profile_file(path: Path, *, whole: bool = True) -> Profile:
    """Read a profile from a file. Raises ProfileMistake with one line for a person."""
    return parse_profile(read_profile_bytes(path), str(path), whole=whole)


def read_profile_bytes(path: Path) -> bytes:
    """At most SIZE_LIMIT_BYTES + 1 bytes of a profile's file. Raises ProfileMistake."""
    try:
        if path.is_dir():
            raise ProfileMistake(str(path), "this is a folder, a profile file (TOML) was expected")
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise ProfileMistake(str(path), f"cannot be read: {error.strerror or error}") from error


def profile_text(content: bytes) -> str:
    """A profile's bytes as text; editors of Windows begin with a mark, or write UTF-16.

    Raises UnicodeDecodeError.
    """
    return as_utf8(content).decode("utf-8-sig")


def shipped_profile(*, whole: bool = True) -> Profile:
    """The profile that comes with the program."""
    return read_profile_file(asset(f"profiles/{SHIPPED}.toml"), whole=whole)


def parse_profile(content: bytes, location: str, *, whole: bool = True) -> Profile:
    """Turn the bytes of a profile into a value. Raises ProfileMistake, with all that is wrong."""
    if len(content) > SIZE_LIMIT_BYTES:
        raise ProfileMistake(location, "larger than 1 MB; a profile is a short TOML text")
    file = _File(location, *_parse_toml(content, location))
    mistakes = []
    if "extends" in file.table and file.table["extends"] != SHIPPED:
        # the rest is read as if it were: all that is wrong is told at once
        mistakes.append(file.mistake(("extends",), f'expected "{SHIPPED}"'))
    mistakes += islice(_id_mistakes(file), MISTAKES_AT_MOST) if whole else []
    converted = convert_profile(_extended(file.table))
    mistakes += [file.mistake(path, problem) for path, problem in converted.problems]
    if whole and converted.profile is not None:
        told = {path[:length] for path, _problem in converted.problems for length in (2, 3)}
        mistakes += islice(_meaning_mistakes(converted.profile, file, told), MISTAKES_AT_MOST)
    if mistakes:
        raise together(_told_once(mistakes))
    if converted.profile is None:
        raise ProfileMistake(location, "not a profile")
    return converted.profile


def _told_once(mistakes: list[ProfileMistake]) -> list[ProfileMistake]:
    """A row whose ID nobody knows is told by that alone: all else of it follows."""
    unknown = {each.key.removesuffix(".id") for each in mistakes if "no such check" in each.problem}
    kept: dict[tuple[str, str], ProfileMistake] = {}
    for each in mistakes:
        row = each.key.partition("]")[0] + "]"
        if row not in unknown or "no such check" in each.problem:
            kept.setdefault((each.key, each.problem), each)
    return list(kept.values())


class _File:
    """A profile's file, for saying where in it something stands."""

    def __init__(self, location: str, text: str, table: Table) -> None:
        self.location = location
        self.table = table
        self._text = text

    def mistake(self, path: KeyPath, problem: str) -> ProfileMistake:
        """`path` as in the merged profile."""
        return self.own_mistake(self._path_in_file(path), problem)

    def own_mistake(self, place: KeyPath, problem: str) -> ProfileMistake:
        """`place` as in the file itself."""
        return ProfileMistake(self.location, problem, line=self._line(place), key=key_text(place))

    def _path_in_file(self, path: KeyPath) -> KeyPath:
        """Where a row of the merged profile stands in this file: `extends` may have moved it."""
        match path:
            case ("requirements", int(index), *rest) if self._rows_in_file is not None:
                place = self._rows_in_file[index]
                return path if place is None else ("requirements", place, *rest)
        return path

    @cached_property
    def _rows_in_file(self) -> list[int | None] | None:
        """Of each row of the merged profile, the first place here; None where nothing moves."""
        own = self.table.get("requirements")
        if "extends" not in self.table or not isinstance(own, list):
            return None
        places: dict[str, int] = {}
        for place, key in enumerate(_row_keys(own)):
            places.setdefault(key, place)
        return [places.get(key) for key in dict.fromkeys((*_row_keys(_shipped_rows()), *places))]

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        return key_lines(self._text)

    def _line(self, path: KeyPath) -> int:
        """Of a key, or of the nearest table around it that the file does have."""
        while path:
            if line := self._lines.get(path):
                return line
            path = path[:-1]
        return 0


def _parse_toml(content: bytes, location: str) -> tuple[str, Table]:
    try:
        text = profile_text(content)
        key_lines(text)
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ProfileMistake(location, "not a text file in UTF-8") from error
    except TooComplicated as error:
        raise ProfileMistake(location, f"{error}; a profile is a short TOML text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileMistake(location, f"not valid TOML: {error}") from error
    except ValueError as error:  # such as a whole number of five thousand digits
        raise ProfileMistake(location, "not valid TOML: a number is too long") from error


def _extended(table: Table) -> Table:
    """Lay a profile that says `extends = "natterbox"` over the shipped one."""
    if "extends" not in table:
        return table
    top = {key: value for key, value in table.items() if key != "extends"}
    return _overlay(_shipped_table(), top)


@cache
def _shipped_table() -> Table:
    """Once for all: a profile of thousands of rows asks for it at each. Nobody may change it."""
    return tomllib.loads(asset(f"profiles/{SHIPPED}.toml").read_text("utf-8"))


def _shipped_rows() -> list[object]:
    rows = _shipped_table()["requirements"]
    return rows if isinstance(rows, list) else []


def _overlay(base: Table, top: Mapping[str, object]) -> Table:
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        if key == "requirements" and isinstance(below, list) and isinstance(value, list):
            merged[key] = _overlay_rows(below, value)
        elif isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _overlay(below, value)
        else:
            merged[key] = value
    return merged


def _overlay_rows(base: list[object], top: list[object]) -> list[object]:
    """Requirements are laid over each other by their `id`; new ones come last."""
    rows = dict(zip(_row_keys(base), base, strict=True))
    for key, row in zip(_row_keys(top), top, strict=True):
        below = rows.get(key)
        if isinstance(below, dict) and isinstance(row, dict):
            rows[key] = _overlay(below, row)
        else:
            rows[key] = row
    return list(rows.values())


def _row_keys(rows: list[object]) -> list[str]:
    """What tells rows apart: the `id`, or the place of one that has none."""
    return [
        str(row["id"]) if isinstance(row, dict) and "id" in row else f"#{place}"
        for place, row in enumerate(rows)
    ]


def _meaning_mistakes(
    profile: Profile, file: _File, told: AbstractSet[KeyPath]
) -> Iterator[ProfileMistake]:
    """What types cannot say: versions, references, addresses, and every check's own limits.

    Args:
        told: beginnings of paths where a stand-in stands for what is wrong.
    """
    if profile.schema_version != SUPPORTED_SCHEMA and ("schema_version",) not in told:
        yield file.mistake(("schema_version",), f"expected {SUPPORTED_SCHEMA}")
    with speaking(ENGLISH):  # mistakes in a file are for scripts, too
        targets = target_problems(profile.targets)
        public = public_problems(profile)
    for key, problem in targets:
        if ("targets", key) in told:
            continue
        yield file.mistake(("targets", key), problem)
    if profile.updates.address and not profile.updates.address.startswith("https://"):
        yield file.mistake(("updates", "address"), "expected an address that starts with https://")
    for path, problem in (*public, *sharing_problems(profile)):
        yield file.mistake(path, problem)
    yield from _row_mistakes(profile, file, told)


def _row_mistakes(
    profile: Profile, file: _File, told: AbstractSet[KeyPath]
) -> Iterator[ProfileMistake]:
    from natwizard.checks.catalogue import CHECKS

    checks = {check.name: check for check in CHECKS}
    for index, row in enumerate(profile.requirements):
        path: KeyPath = ("requirements", index)
        whole = path not in told
        if whole and row.source and row.source not in profile.sources:
            hint = suggestion(row.source, tuple(profile.sources))
            known = f"expected one of {', '.join(profile.sources)}{hint}"
            yield file.mistake((*path, "source"), known)
        check = checks.get(row.id)
        if check is None or (row.question is not None and not check.asks_until_signed_in):
            if whole and (row.page is None or not row.title):
                yield file.mistake((*path, "question"), "a question needs `title` and `page` too")
        elif not {(*path, "id"), (*path, "limits")} & told:
            for where, problem in limit_problems(row.limits, check.limits):
                yield file.mistake((*path, "limits", *where), problem)


def _id_mistakes(file: _File) -> Iterator[ProfileMistake]:
    """Before anything else: a misspelt ID would read as a new row that lacks everything."""
    from natwizard.checks.catalogue import CHECKS

    rows = file.table.get("requirements")
    known = tuple(check.name for check in CHECKS)
    for place, row in enumerate(rows if isinstance(rows, list) else []):
        is_row = isinstance(row, dict) and isinstance(row.get("id"), str)
        if is_row and row["id"] not in known and not _asks(row["id"], row):
            path: KeyPath = ("requirements", place, "id")
            hint = suggestion(row["id"], known)
            yield file.own_mistake(path, f"no such check: {row['id']}{hint}")


def _asks(name: str, row: Table) -> bool:
    """Whether a row is a question, here or in the shipped profile that it is laid over."""
    rows = [row, *(below for below in _shipped_rows() if isinstance(below, dict))]
    return any("question" in each for each in rows if each.get("id") == name)


def target_problems(targets: Targets) -> list[tuple[str, str]]:
    """Targets that cannot be read, by key, each with what was expected.

    In the language of now: the window says it beside the field.
    """
    from natwizard.probes.salesforce.cti_users import NAMED_AT_MOST

    ports = {"webphone": 10062, "tls_floor": 443, "sip": 5060, "sip_tls": 5061, "sip_mirror": 5060,
             "turn": 3478}  # fmt: skip
    needs_port = ("webphone_control", "stun", "stun_control", "media", "resolvers",
                  "resolver_control", "tls", "tls_control")  # fmt: skip
    urls = {"http": ("http://",), "https": ("https://",), "websocket": ("ws://", "wss://"),
            "webphone_origin": ("https://", "http://"), "websocket_origin": ("https://", "http://"),
            "websocket_test": ("https://", "http://"),
            "salesforce_login": ("https://",), "salesforce_callback": CALLBACKS}  # fmt: skip
    problems = []
    if targets.turn and not (targets.turn_user and targets.turn_password):
        problems.append(("turn", _("expected turn_user and turn_password with it")))
    if len(targets.salesforce_cti_users) > NAMED_AT_MOST:
        text = _("expected at most {count} names").format(count=NAMED_AT_MOST)
        problems.append(("salesforce_cti_users", text))
    for key, value in msgspec.structs.asdict(targets).items():
        for text in filter(None, (value,) if isinstance(value, str) else value):
            try:
                if key in urls and not text.startswith(urls[key]):
                    raise ValueError(_expected_beginning(urls[key]))
                if key == "udp_range_ports":
                    parse_ports((text,))
                elif key in ports or key in needs_port:
                    parse_host_port(text, default_port=ports.get(key, _default_port(key)))
            except ValueError as error:
                problems.append((key, str(error)))
    problems += [("extra_roots", problem) for problem in _root_problems(targets.extra_roots)]
    return problems


def _expected_beginning(schemes: tuple[str, ...]) -> str:
    text = _("expected an address that starts with {beginnings}")
    return text.format(beginnings=", ".join(schemes))


WEB_SCHEMES = {
    PublicUse.WEB_PAGE: ("http://",),
    PublicUse.WEBSOCKET: ("ws://", "wss://"),
}
"""Uses whose address is one of the web's; all others are host:port."""


def public_problems(profile: Profile) -> list[tuple[KeyPath, str]]:
    """What cannot be used of [[public]], each with what was expected."""
    problems = list[tuple[KeyPath, str]]()
    if len(profile.public) > PUBLIC_AT_MOST:
        problems.append((("public",), f"expected at most {PUBLIC_AT_MOST} servers"))
    for place, server in enumerate(profile.public[:PUBLIC_AT_MOST]):
        schemes = WEB_SCHEMES.get(server.use, ())
        is_web = bool(schemes)
        if is_web and not server.address.startswith(schemes):
            problems.append((("public", place, "address"), _expected_beginning(schemes)))
        texts = {"witness": server.witness, **({} if is_web else {"address": server.address})}
        for key, text in texts.items():
            try:
                if text or key == "address":
                    parse_host_port(text)
            except ValueError as error:
                problems.append((("public", place, key), str(error)))
    return problems


def sharing_problems(profile: Profile) -> list[tuple[KeyPath, str]]:
    """What cannot be used of [share] and [[sites]], each with what was expected."""
    share, problems = profile.share, list[tuple[KeyPath, str]]()
    if share.otlp and not _is_collector(share.otlp):
        text = "expected an address that starts with https://, without a user name in it"
        problems.append((("share", "otlp"), text))
    if not share.token.isascii() or not share.token.isprintable() or " " in share.token:
        problems.append((("share", "token"), "expected printable ASCII without spaces"))
    if share.salt and len(share.salt) < SHORTEST_SALT:
        text = f"expected at least {SHORTEST_SALT} characters"
        problems.append((("share", "salt"), text))
    if share.mail and not MAIL_ADDRESS.fullmatch(share.mail):
        problems.append((("share", "mail"), "expected one address, like helpdesk@example.com"))
    for place, site in enumerate(profile.sites):
        for subnet in site.subnets:
            try:
                ip_network(subnet)
            except ValueError as error:
                problems.append((("sites", place, "subnets"), str(error)))
    return problems


def _is_collector(address: str) -> bool:
    """https, or an agent on this very computer."""
    try:
        parts = urlsplit(address)
        here = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
        return bool(parts.hostname) and (parts.scheme == "https" or here) and not parts.username
    except ValueError:
        return False


def _root_problems(pems: tuple[str, ...]) -> list[str]:
    """Few profiles have certificates: what reads them is loaded for those alone."""
    if not pems:
        return []
    from natwizard.profiles.roots import roots_of

    problems = []
    for pem in pems:
        try:
            roots_of(pem)
        except ValueError as error:
            problems.append(str(error))
    return problems


def _default_port(key: str) -> int | None:
    return {"resolvers": 53, "resolver_control": 53, "tls": 443, "tls_control": 443}.get(key)


Problem: TypeAlias = tuple[KeyPath, str]

STAND_INS: Final[tuple[object, ...]] = ("x", 1, [], {}, False)
"""What is put in a wrong value's place, so that the next mistake comes to light."""

# Texts of msgspec's errors, which carry their parts in no other way
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


def limit_problems(limits: Mapping[str, object], kind: type[msgspec.Struct]) -> Iterator[Problem]:
    """What is wrong with each limit of a row, at most fifty; paths begin below `limits`."""
    left = dict(limits)
    for _count in range(MISTAKES_AT_MOST):
        try:
            msgspec.convert(left, type=kind)
        except msgspec.ValidationError as error:
            path, words, unknown = _told(error, kind)
            yield (path[:-1] if unknown else path), words
            # limits have defaults, so that the next mistake shows without this one
            if not path or left.pop(str(path[0]), None) is None:
                return
        else:
            return


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
    from difflib import get_close_matches  # late: few profiles have a mistake

    # a hostile profile may hold a long text, and the search takes the square of its length
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
