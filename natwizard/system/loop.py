"""The event loop that probes run on."""

import asyncio
import sys


def make_loop() -> asyncio.AbstractEventLoop:
    """Selector loop on Windows: its UDP outlives ICMP unreachable (CPython gh-91227)."""
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    return asyncio.new_event_loop()
