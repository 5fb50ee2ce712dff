"""`python -m natwizard` is the same as `natwizard`."""

from natwizard.cli.main import entry

entry()
