"""How a subcommand ends: its exit code, or what the person has to put right."""

from natwizard.model.exit_code import BY_VERDICT, ExitCode

__all__ = ["BY_VERDICT", "ExitCode", "UsageError"]


class UsageError(Exception):
    """Something the person gave us cannot be used; `str()` is one clear line."""
