"""Fetches a profile over https, by the way out that this computer's settings name."""

from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import SIZE_LIMIT_BYTES

FETCH_TIMEOUT_S = 10.0
"""Over the whole; a proxy script that has to be fetched first is part of it."""


def fetch_profile(address: str) -> bytes:
    """The bytes at an https address. Blocks; may be called beside a running event loop.

    Raises ProfileMistake.
    """
    # these take as long as a window to appear, and few profiles come from afar
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from natwizard.probes.failures import CannotGather
    from natwizard.probes.https.client import HttpsLimits, download
    from natwizard.system.network import SystemNetwork

    limits = HttpsLimits(deadline_s=FETCH_TIMEOUT_S, body_bytes=SIZE_LIMIT_BYTES)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="profile") as thread:
            fetching = thread.submit(asyncio.run, download(SystemNetwork(), address, limits))
            return fetching.result()
    except CannotGather as failed:
        detail = failed.failure.detail or failed.failure.code.value
        raise ProfileMistake(address, f"cannot be fetched: {detail}") from failed
    except (OSError, ValueError) as error:
        reason = str(error) or f"no answer within {FETCH_TIMEOUT_S:g} s"
        raise ProfileMistake(address, f"cannot be fetched: {reason}") from error
