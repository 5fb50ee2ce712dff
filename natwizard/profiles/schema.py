"""The JSON Schema of profiles, with the limits of every check."""

import msgspec

from natwizard.checks.catalogue import CHECKS
from natwizard.model.profile import Profile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def profile_schema() -> bytes:
    """Schema of a whole profile; `$defs` holds one "limits of ..." for each check."""
    (profile,), definitions = msgspec.json.schema_components(
        (Profile,), ref_template="#/$defs/{name}"
    )
    for check in CHECKS:
        (_,), limits = msgspec.json.schema_components(
            (check.limits,), ref_template="#/$defs/{name}"
        )
        name = check.limits.__name__
        definitions[f"limits of {check.name}"] = limits[name]
    schema = {"$schema": DIALECT, "title": "natwizard profile", **profile, "$defs": definitions}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"
