"""Widgets that receive values and emit intents."""
