"""An answer of a web server is read up to a limit, however it is packed."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import CannotGather
from natwizard.probes.https.client import bounded_body

LIMIT_BYTES = 256 * 1024
BOMB = gzip.compress(bytes(64 * 1024 * 1024))


class Chunks(httpx.AsyncByteStream):
    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


def body_of(*chunks: bytes, packed: bool) -> bytes:
    headers = {"Content-Encoding": "gzip"} if packed else {}
    response = httpx.Response(200, headers=headers, stream=Chunks(*chunks))
    return asyncio.run(bounded_body(response, LIMIT_BYTES, "read"))


@pytest.mark.parametrize("packed", [False, True])
def test_as_much_as_the_limit_is_read_and_one_byte_more_is_not(packed: bool) -> None:
    def sent(content: bytes) -> bytes:
        return gzip.compress(content) if packed else content

    whole = b"x" * LIMIT_BYTES
    assert body_of(sent(whole), packed=packed) == whole
    with pytest.raises(CannotGather) as refused:
        body_of(sent(whole + b"x"), packed=packed)
    assert refused.value.failure.code is FailureCode.TOO_LARGE


def test_chunks_are_put_together() -> None:
    content = bytes(range(256)) * 100
    packed = gzip.compress(content)
    assert body_of(packed[:10], packed[10:50], packed[50:], packed=True) == content


@pytest.mark.parametrize("pieces", [1, 4])
def test_a_small_bomb_never_becomes_a_large_one(pieces: int) -> None:
    """Refused is not enough: what was unpacked before must not have filled the memory either."""
    size = -(-len(BOMB) // pieces)
    chunks = [BOMB[start : start + size] for start in range(0, len(BOMB), size)]
    tracemalloc.start()
    try:
        with pytest.raises(CannotGather) as refused:
            body_of(*chunks, packed=True)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.failure.code is FailureCode.TOO_LARGE
    assert most < 16 * LIMIT_BYTES
