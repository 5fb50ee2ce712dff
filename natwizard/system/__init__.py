"""The real network and host that probes are given: Linux, Windows, macOS."""
