"""The detached thread of the probes, by the name the system's own modules use."""

from natwizard.probes.detached import run_detached

__all__ = ["run_detached"]
