"""What the window's programs end with where they cannot begin."""

WRONG_USAGE = 64
"""As `natwizard` says it (cli/exit_code.py), which is not loaded before the first picture."""
