"""Writes the golden report anew; run it only after a deliberate change of the format."""

from pathlib import Path

from report.samples import not_ready

from natwizard.report.as_json import write_json

if __name__ == "__main__":
    write_json(not_ready(), Path(__file__).parents[1] / "golden" / "report.json")
