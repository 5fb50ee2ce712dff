"""A profile that a person is changing: what they typed, what is wrong with it, and its text."""

import tomllib
from pathlib import Path

import tomli_w
from msgspec import Struct, structs

from natwizard.model.address import host_port_of_url
from natwizard.model.profile import Profile, Role, Targets
from natwizard.profiles.find import SHIPPED_PLACE
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import parse_profile, profile_text, read_profile_bytes, target_problems
from natwizard.profiles.write import BARE, profile_toml


class Draft(Struct, frozen=True, kw_only=True):
    """Changes lie over a text that stays as its author wrote it, `extends` and all.

    Attributes:
        base: the text that is being changed.
        before: what it says.
        location: where it came from.
        profile: what it says with the changes.
    """

    base: bytes
    before: Profile
    location: str
    profile: Profile

    @property
    def changed(self) -> bool:
        """Whether anything is different from the text."""
        return self.profile != self.before

    def problems(self) -> dict[str, str]:
        """What `natwizard profile validate` would say of each address, by its key."""
        found: dict[str, str] = {}
        for key, problem in target_problems(self.profile.targets):
            found.setdefault(key, problem)
        return found

    def text_of(self, key: str) -> str:
        """A target as it is typed: several of them with commas between."""
        value = getattr(self.profile.targets, key)
        return value if isinstance(value, str) else ", ".join(value)

    def with_text(self, key: str, text: str) -> "Draft":
        """The draft with one target typed anew; an address of a page or a server counts as its
        host where only a host can stand.
        """
        typed = self._with_target(key, text)
        if key in typed.problems():
            hosts = self._with_target(key, ",".join(map(host_port_of_url, text.split(","))))
            return typed if key in hosts.problems() else hosts
        return typed

    def _with_target(self, key: str, text: str) -> "Draft":
        several = isinstance(getattr(Targets(), key), tuple)
        parts = tuple(part.strip() for part in text.split(",") if part.strip())
        targets = structs.replace(self.profile.targets, **{key: parts if several else text.strip()})
        return structs.replace(self, profile=structs.replace(self.profile, targets=targets))

    def with_roots(self, pems: tuple[str, ...]) -> "Draft":
        """The draft with these certificates counting as public."""
        targets = structs.replace(self.profile.targets, extra_roots=pems)
        return structs.replace(self, profile=structs.replace(self.profile, targets=targets))

    def with_role(self, role: Role) -> "Draft":
        """The draft with another way of taking calls to begin with."""
        return structs.replace(self, profile=structs.replace(self.profile, role=role))

    def with_name(self, name: str, version: str) -> "Draft":
        """The draft under another name; an empty one leaves the name of the text."""
        named = structs.replace(
            self.profile,
            name=name.strip() or self.before.name,
            version=version.strip() or self.before.version,
        )
        return structs.replace(self, profile=named)

    def toml(self) -> bytes:
        """A profile file. Raises ProfileMistake where it would not be a valid one."""
        table = tomllib.loads(profile_text(self.base))
        heads = {
            "name": self.profile.name,
            "version": self.profile.version,
            "role": self.profile.role.value,
        }
        for key, value in heads.items():
            if value != getattr(self.before, key):
                table[key] = value
        changes = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in structs.asdict(self.profile.targets).items()
            if value != getattr(self.before.targets, key)
        }
        if changes:
            table["targets"] = table.get("targets", {}) | changes
        content = tomli_w.dumps(table).encode() if self.changed else self.base
        parse_profile(content, self.location)
        return content


def begin_draft(profile: Profile, location: str) -> Draft:
    """A draft of the profile in force; of its own text where that can still be had."""
    return Draft(
        base=_text_of(profile, location), before=profile, location=location, profile=profile
    )


def _text_of(profile: Profile, location: str) -> bytes:
    try:
        text = BARE if location == SHIPPED_PLACE else read_profile_bytes(Path(location))
        if parse_profile(text, location) == profile:
            return text
    except (ProfileMistake, ValueError):
        pass  # from the network, from a program, or changed since: all of it is written out
    return profile_toml(profile).encode()
