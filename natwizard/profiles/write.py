"""A profile as TOML, as `natwizard profile show` prints it and `read` reads it back."""

import tomllib
from typing import TYPE_CHECKING

import msgspec
import tomli_w

from natwizard.model.profile import Profile, Role
from natwizard.profiles.read import SHIPPED, parse_profile, profile_text

if TYPE_CHECKING:
    from natwizard.profiles.find import Fetch

BARE = f'extends = "{SHIPPED}"\n'.encode()


def adopted_profile(place: str, role: Role | None, fetch: "Fetch | None" = None) -> bytes:
    """The profile's own text; only a role given here makes it a new one. Raises ProfileMistake.

    `place` is a path or an https address; empty means the shipped profile. `extends` is kept, so
    that limits of a newer version of natwizard reach it.
    """
    from natwizard.profiles.find import read_place  # `profile --help` waits for none of it

    content = read_place(place, fetch) if place else BARE
    parse_profile(content, place or "shipped with natwizard")
    if role is None:
        return content
    table = tomllib.loads(profile_text(content))
    return tomli_w.dumps(
        {"role": role.value} | {k: v for k, v in table.items() if k != "role"}
    ).encode()


def profile_toml(profile: Profile) -> str:
    """The whole profile; what is not set is left out."""
    table = msgspec.to_builtins(profile)
    return tomli_w.dumps({key: _without_nothing(value) for key, value in table.items()})


def _without_nothing(value: object) -> object:
    """TOML has no word for "nothing"; a key that is left out means the same."""
    if isinstance(value, dict):
        return {key: _without_nothing(each) for key, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_without_nothing(each) for each in value]
    return value
