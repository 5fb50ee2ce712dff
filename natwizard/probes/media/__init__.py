"""Packets at the rate of a call: the stream, the load of several calls, routers on the path."""
