"""Runs a reflector until it is told to stop."""

import asyncio
from collections.abc import Callable

from natwizard.reflector.server import Reflector
from natwizard.reflector.settings import ReflectorSettings


async def serve(
    settings: ReflectorSettings, ready: Callable[[Reflector], None], stop: asyncio.Event
) -> None:
    """Start, tell `ready` once every port listens, and close within a second of `stop`.

    Raises OSError where a port cannot be had.
    """
    async with Reflector(settings) as reflector:
        ready(reflector)
        await stop.wait()
