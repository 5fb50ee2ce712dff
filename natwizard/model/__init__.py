"""Frozen values that everything else passes around. No I/O, no Qt."""
