"""Profile files as values: size-capped, validated down to each limit, `extends` followed.

With `whole=False`, IDs and limits are left for later: only they need the checks, which take a third
of a second to load. The window looks at a profile so, paints, and then reads it to its end.
"""

import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from natwizard.assets import asset
from natwizard.model.address import parse_host_port, parse_ports
from natwizard.model.profile import Profile, PublicUse, Targets
from natwizard.profiles.mistake import KeyPath, ProfileMistake, key_text, line_of, parse_key_path

SIZE_LIMIT_BYTES = 1024 * 1024
SUPPORTED_SCHEMA = 1
SHIPPED = "natterbox"
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
SHORTEST_SALT = 16
PUBLIC_AT_MOST = 64
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
    """A profile's bytes as text, without the mark that some editors of Windows begin with.

    Raises UnicodeDecodeError.
    """
    return content.decode("utf-8-sig")


def shipped_profile(*, whole: bool = True) -> Profile:
    """The profile that comes with the program."""
    return read_profile_file(asset(f"profiles/{SHIPPED}.toml"), whole=whole)


def parse_profile(content: bytes, location: str, *, whole: bool = True) -> Profile:
    """Turn the bytes of a profile into a value. Raises ProfileMistake."""
    if len(content) > SIZE_LIMIT_BYTES:
        raise ProfileMistake(location, "larger than 1 MB; a profile is a short TOML text")
    text, table = _parse_toml(content, location)
    if whole:
        _check_ids(location, text, table)
    merged = _extend(table, location, text)
    try:
        profile = msgspec.convert(merged, type=Profile)
    except msgspec.ValidationError as error:
        raise _mistake_from(error, location, text, table) from error
    if whole:
        _check_meaning(profile, location, text, table)
    return profile


def _parse_toml(content: bytes, location: str) -> tuple[str, Table]:
    try:
        text = profile_text(content)
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ProfileMistake(location, "not a text file in UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileMistake(location, f"not valid TOML: {error}") from error


def _extend(table: Table, location: str, text: str) -> Table:
    """Lay a profile that says `extends = "natterbox"` over the shipped one."""
    if "extends" not in table:
        return table
    if table["extends"] != SHIPPED:
        line = line_of(text, ("extends",))
        raise ProfileMistake(location, f'expected "{SHIPPED}"', line=line, key="extends")
    top = {key: value for key, value in table.items() if key != "extends"}
    return _overlay(_shipped_table(), top)


def _shipped_table() -> Table:
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


def _mistake_from(
    error: msgspec.ValidationError, location: str, text: str, table: Table
) -> ProfileMistake:
    problem, _, where = str(error).partition(" - at `")
    path = parse_key_path(where)
    prefix = "Object contains unknown field `"
    if problem.startswith(prefix):
        path = (*path, problem.removeprefix(prefix).rstrip("`"))
        problem = "unknown key"
    path = _path_in_file(path, table)
    return ProfileMistake(location, problem, line=_line(text, path), key=key_text(path))


def _path_in_file(path: KeyPath, table: Table) -> KeyPath:
    """Where a row of the merged profile stands in this file: `extends` may have moved it."""
    own = table.get("requirements")
    match path:
        case ("requirements", int(index), *rest) if "extends" in table and isinstance(own, list):
            merged = list(dict.fromkeys((*_row_keys(_shipped_rows()), *_row_keys(own))))
            if merged[index] in _row_keys(own):
                return ("requirements", _row_keys(own).index(merged[index]), *rest)
    return path


def _line(text: str, path: KeyPath) -> int:
    """The line of a key, or of the nearest table around it that the file does have."""
    while path:
        line = line_of(text, path)
        if line:
            return line
        path = path[:-1]
    return 0


def _check_meaning(profile: Profile, location: str, text: str, table: Table) -> None:
    """What types cannot say: versions, references, addresses, and every check's own limits."""

    def mistake(path: KeyPath, problem: str) -> ProfileMistake:
        place = _path_in_file(path, table)
        return ProfileMistake(location, problem, line=_line(text, place), key=key_text(place))

    if profile.schema_version != SUPPORTED_SCHEMA:
        raise mistake(("schema_version",), f"expected {SUPPORTED_SCHEMA}")
    if profile.updates.address and not profile.updates.address.startswith("https://"):
        raise mistake(("updates", "address"), "expected an address that starts with https://")
    of_targets = ((("targets", key), problem) for key, problem in target_problems(profile.targets))
    for place, problem in (*of_targets, *public_problems(profile), *sharing_problems(profile)):
        raise mistake(place, problem)
    from natwizard.checks.catalogue import CHECKS

    checks = {check.name: check for check in CHECKS}
    for index, row in enumerate(profile.requirements):
        path: KeyPath = ("requirements", index)
        if row.source and row.source not in profile.sources:
            raise mistake((*path, "source"), f"expected one of {', '.join(profile.sources)}")
        check = checks.get(row.id)
        if check is None or (row.question is not None and not check.asks_until_signed_in):
            if row.page is None or not row.title:
                raise mistake((*path, "question"), "a question needs `title` and `page` too")
        else:
            try:
                check.bind(row.limits)
            except msgspec.ValidationError as error:
                problem, _, where = str(error).partition(" - at `")
                raise mistake((*path, "limits", *parse_key_path(where)), problem) from error


def _check_ids(location: str, text: str, table: Table) -> None:
    """Before anything else: a misspelt ID would read as a new row that lacks everything."""
    from natwizard.checks.catalogue import CHECKS

    rows = table.get("requirements")
    known = {check.name for check in CHECKS}
    for place, row in enumerate(rows if isinstance(rows, list) else []):
        is_row = isinstance(row, dict) and isinstance(row.get("id"), str)
        if is_row and row["id"] not in known and not _asks(row["id"], row):
            path: KeyPath = ("requirements", place, "id")
            problem = f"no such check: {row['id']}"
            raise ProfileMistake(location, problem, line=_line(text, path), key=key_text(path))


def _asks(name: str, row: Table) -> bool:
    """Whether a row is a question, here or in the shipped profile that it is laid over."""
    rows = [row, *(below for below in _shipped_rows() if isinstance(below, dict))]
    return any("question" in each for each in rows if each.get("id") == name)


def target_problems(targets: Targets) -> list[tuple[str, str]]:
    """Targets that cannot be read, by key, each with what was expected."""
    from natwizard.probes.salesforce.cti_users import NAMED_AT_MOST

    ports = {"webphone": 10062, "tls_floor": 443, "sip": 5060, "sip_tls": 5061, "sip_mirror": 5060,
             "turn": 3478}  # fmt: skip
    needs_port = ("webphone_control", "stun", "stun_control", "media", "resolvers",
                  "resolver_control", "tls", "tls_control")  # fmt: skip
    urls = {"http": ("http://",), "https": ("https://",), "websocket": ("ws://", "wss://"),
            "salesforce_login": ("https://",), "salesforce_callback": CALLBACKS}  # fmt: skip
    problems = []
    if targets.turn and not (targets.turn_user and targets.turn_password):
        problems.append(("turn", "expected turn_user and turn_password with it"))
    if len(targets.salesforce_cti_users) > NAMED_AT_MOST:
        problems.append(("salesforce_cti_users", f"expected at most {NAMED_AT_MOST} names"))
    for key, value in msgspec.structs.asdict(targets).items():
        for text in filter(None, (value,) if isinstance(value, str) else value):
            try:
                if key in urls and not text.startswith(urls[key]):
                    raise ValueError(
                        f"expected an address that starts with {' or '.join(urls[key])}"
                    )
                if key == "udp_range_ports":
                    parse_ports((text,))
                elif key in ports or key in needs_port:
                    parse_host_port(text, default_port=ports.get(key, _default_port(key)))
            except ValueError as error:
                problems.append((key, str(error)))
    problems += [("extra_roots", problem) for problem in _root_problems(targets.extra_roots)]
    return problems


def public_problems(profile: Profile) -> list[tuple[KeyPath, str]]:
    """What cannot be used of [[public]], each with what was expected."""
    problems = list[tuple[KeyPath, str]]()
    if len(profile.public) > PUBLIC_AT_MOST:
        problems.append((("public",), f"expected at most {PUBLIC_AT_MOST} servers"))
    for place, server in enumerate(profile.public[:PUBLIC_AT_MOST]):
        is_web = server.use is PublicUse.WEBSOCKET
        if is_web and not server.address.startswith(("ws://", "wss://")):
            text = "expected an address that starts with ws:// or wss://"
            problems.append((("public", place, "address"), text))
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
