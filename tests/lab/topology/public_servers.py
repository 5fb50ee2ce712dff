"""Servers that strangers run, as far as no Debian package offers them: beacons and echoes.

Usage: public_servers.py CERTIFICATE KEY BEACON... -- ECHO...

Each beacon is an address that UDP on port 7770 is answered on, by the documented limits; the first
is the nearest. Each echo is an address of a secure websocket server on port 443, the last of which
greets whoever connects.
"""

import asyncio
import ssl
import sys

from websockets.asyncio.server import ServerConnection, serve

from natwizard.reflector.beacon import Beacon, serving_beacons

BEACON_PORT, ECHO_PORT = 7770, 443
STEP_S = 0.004
LARGEST_MESSAGE = 1024


async def echo(connection: ServerConnection, greeting: str) -> None:
    if greeting:
        await connection.send(greeting)
    async for message in connection:
        if len(message) > LARGEST_MESSAGE:
            return
        await connection.send(message)


async def main() -> None:
    """Serve until it is ended."""
    certificate, key, *addresses = sys.argv[1:]
    parted = addresses.index("--")
    beacons, echoes = addresses[:parted], addresses[parted + 1 :]
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    places = [
        Beacon(delay_s=lambda _number, place=place: STEP_S * place) for place in range(len(beacons))
    ]
    with serving_beacons(*places, addresses=tuple(beacons), port=BEACON_PORT):
        for address in echoes:
            greeting = "Request served by the lab" if address == echoes[-1] else ""
            await serve(
                lambda connection, greeting=greeting: echo(connection, greeting),
                address, ECHO_PORT, ssl=tls,
            )  # fmt: skip
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
