"""Stands before a proxy and makes it slow: what people send is passed on late, once.

Usage: slow_relay.py PORT PORT_OF_PROXY
"""

import asyncio
import contextlib
import sys

LATE_S = 5.0
"""Longer than any server on the direct way may take, and a slow proxy's ordinary time."""


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main(port: int, port_of_proxy: int) -> None:
    """Serve until it is ended."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(LATE_S)
        with contextlib.suppress(OSError):
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port_of_proxy)
            await asyncio.gather(pump(reader, onward_writer), pump(onward_reader, writer))

    server = await asyncio.start_server(relay, "0.0.0.0", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
