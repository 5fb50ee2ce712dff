"""Installed browsers, their policies, and the newest versions that their vendors name."""
