"""The bounded https client of the probes."""
