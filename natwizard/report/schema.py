"""The published JSON Schema of a report (draft 2020-12)."""

import inspect

import msgspec

from natwizard.model.report import SCHEMA_VERSION, Report
from natwizard.model.watch import WATCH_SCHEMA_VERSION, WatchRecord

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> bytes:
    """The schema of what `report_json` writes; `evidence` is open, each probe has its own form."""
    body = msgspec.json.schema(Report)
    schema: dict[str, object] = {
        "$schema": DIALECT,
        "$id": f"urn:natwizard:report:{SCHEMA_VERSION}",
        "title": "natwizard report",
        "description": "One run of natwizard: what was measured, how it was judged, what to do.",
    }
    schema.update(body)
    _clean_descriptions(schema)
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def watch_schema() -> bytes:
    """The schema of what `watch_json` writes."""
    schema: dict[str, object] = {
        "$schema": DIALECT,
        "$id": f"urn:natwizard:watch:{WATCH_SCHEMA_VERSION}",
        "title": "natwizard watch",
        "description": "A connection watched over time: columns, bad moments, figures.",
    }
    schema.update(msgspec.json.schema(WatchRecord))
    _clean_descriptions(schema)
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _clean_descriptions(node: object) -> None:
    """Docstrings become descriptions; take their indentation out, in place."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "description" and isinstance(value, str):
                node[key] = inspect.cleandoc(value)
            else:
                _clean_descriptions(value)
    elif isinstance(node, list):
        for value in node:
            _clean_descriptions(value)
