"""natwizard schema: the JSON Schema that reports, profiles and watches follow."""

import sys
from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard schema`."""
    parser.add_argument("of", nargs="?", choices=("report", "profile", "watch"), default="report")


def run(arguments: Namespace) -> int:
    """Print the schema."""
    from natwizard.profiles.schema import profile_schema
    from natwizard.report.schema import report_schema, watch_schema

    schemas = {"report": report_schema, "profile": profile_schema, "watch": watch_schema}
    sys.stdout.buffer.write(schemas[arguments.of]())
    return 0
