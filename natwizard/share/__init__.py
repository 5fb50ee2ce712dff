"""Hands a finished run to whoever looks after these computers: a folder, a collector, a queue."""
