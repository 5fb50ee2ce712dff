"""As much of JSON Schema (draft 2020-12) as the report's schema uses."""

from collections.abc import Iterator
from typing import Any

KNOWN = frozenset(
    ("$ref", "$defs", "$schema", "$id", "title", "description", "default", "type", "enum",
     "properties", "required", "items", "anyOf", "additionalProperties")
)  # fmt: skip
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
    "number": (int, float), "null": type(None),
}  # fmt: skip


def mismatches(value: Any, schema: Any, root: Any, path: str = "$") -> Iterator[str]:
    """Where a value does not keep to a schema; a keyword not known here is a mismatch too."""
    if unknown := schema.keys() - KNOWN:
        yield f"{path}: keyword {unknown}"
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        yield from mismatches(value, target, root, path)
    fits = [not any(mismatches(value, each, root, path)) for each in schema.get("anyOf", ())]
    if fits and not any(fits):
        yield f"{path}: fits none"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} not in enum"
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        yield f"{path}: not {schema['type']}"
    elif isinstance(value, dict):
        yield from _in_object(value, schema, root, path)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from mismatches(member, schema.get("items", {}), root, f"{path}[{number}]")


def _in_object(value: dict[str, Any], schema: Any, root: Any, path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    if schema.get("additionalProperties") is False:
        yield from (f"{path}: {name} is too much" for name in value.keys() - schema["properties"])
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield from mismatches(value[name], part, root, f"{path}.{name}")
