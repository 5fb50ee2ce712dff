"""Profiles as files: where one is looked for, and how its mistakes are told."""
