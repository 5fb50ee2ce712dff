"""Writes what a run says of every fault of the lab, one text file each, to compare two versions,
and the whole reports as JSON, which tests/report/test_remedies.py holds to its rules.

From the folder `tests`: python -m lab.reports FOLDER [NAME...]. Figures that differ from run to
run are written as "#", so that `diff -r` of two folders shows changes of what is said.
"""

import re
import sys
from pathlib import Path

import msgspec
from lab.topology.fault import Fault
from lab.topology.fault_pairs import FAULTS
from lab.topology.lab import Lab, built_lab

from natwizard.model.report import Report

FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def said(report: Report) -> str:
    """Verdict, cause, and of each check its status, sentence, observation and remedy."""
    cause = report.root_cause
    lines = [f"verdict: {report.verdict}", f"cause: {cause.code if cause else '-'}"]
    for finding in sorted(report.findings, key=lambda each: each.check):
        remedy = f"{finding.remedy.owner}: {finding.remedy.text}" if finding.remedy else "-"
        lines += [
            "",
            f"[{finding.check}] {finding.status}",
            f"  {finding.summary}",
            f"  observed: {FIGURE.sub('#', finding.observed)}",
            f"  remedy: {FIGURE.sub('#', remedy)}",
            f"  depends on: {finding.depends_on or '-'}",
        ]
    return "\n".join(lines) + "\n"


def write_reports(lab: Lab, folder: Path, faults: dict[str, Fault]) -> None:
    """All of them, four at a time."""
    for fault in faults.values():
        lab.begin(fault)
    for name, fault in faults.items():
        path = folder / f"{name.replace(' ', '-').replace('/', '-')}.txt"
        report = lab.checked(fault).report
        path.write_text(said(report), "utf-8")
        path.with_suffix(".json").write_bytes(msgspec.json.encode(report))


def main() -> None:
    """Begin with the healthy office."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:] or list(FAULTS)
    with built_lab() as lab:
        write_reports(lab, folder, {"healthy": Fault()} | {name: FAULTS[name] for name in wanted})


if __name__ == "__main__":
    main()
