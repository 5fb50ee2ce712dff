"""A profile as TOML, as `natwizard profile show` prints it and `read` reads it back."""

import msgspec
import tomli_w

from natwizard.model.profile import Profile


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
