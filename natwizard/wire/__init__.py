"""Bytes <-> values, without sockets: what no library has."""
