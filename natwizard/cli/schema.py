"""natwizard schema: the JSON Schema that reports and profiles follow."""

import sys
from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard schema`."""
    parser.add_argument("of", nargs="?", choices=("report", "profile"), default="report")


def run(arguments: Namespace) -> int:
    """Print the schema."""
    from natwizard.profiles.schema import profile_schema
    from natwizard.report.schema import report_schema

    schema = report_schema() if arguments.of == "report" else profile_schema()
    sys.stdout.buffer.write(schema)
    return 0
