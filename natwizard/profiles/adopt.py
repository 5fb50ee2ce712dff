"""A profile as it is put where natwizard finds it: checked, and with a role where one is given."""

import tomllib

import tomli_w

from natwizard.model.profile import Role
from natwizard.profiles.find import read_place
from natwizard.profiles.read import SHIPPED, parse_profile, profile_text

BARE = f'extends = "{SHIPPED}"\n'.encode()


def adopted_profile(place: str, role: Role | None) -> bytes:
    """The profile's own text; only a role given here makes it a new one. Raises ProfileMistake.

    `place` is a path or an https address; empty means the shipped profile. `extends` is kept, so
    that limits of a newer version of natwizard reach it.
    """
    content = read_place(place) if place else BARE
    parse_profile(content, place or "shipped with natwizard")
    if role is None:
        return content
    table = tomllib.loads(profile_text(content))
    return tomli_w.dumps(
        {"role": role.value} | {k: v for k, v in table.items() if k != "role"}
    ).encode()
