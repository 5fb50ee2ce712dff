"""The writing guide as rules, and every sentence of every check as one table to read.

`python tests/languages/writing_rules.py` runs the case tables of all rules and prints what they
say, each once: check, status, sentence, measured against needed, what to do, who. Read it as
somebody would who takes calls for a living and has never heard of UDP.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from natwizard.checks.catalogue import CHECKS
from natwizard.model.finding import Judgement, Status

ROOT = Path(__file__).parents[2]
MOST_WORDS = 12
JARGON = re.compile(
    r"\b(TLS|SSL|EDNS0?|NAT|STUN|TURN|RFC|UDP|TCP|DNS|SIP|ALG|RTP|RTT|MOS|MTU|ICMP|HTTPS?|URLs?|IP|"
    r"CPU|RAM|WebRTC|CIDR|ICE|QoS|DSCP|jitter|latency|handshake|payload|"
    r"resolvers?|certificates?|datagrams?|symmetric|endpoint|timeout|timed out|"
    r"errors?|invalid|null|exception|stack|socket|websockets?)\b",
    re.IGNORECASE,
)
RUDE = re.compile(r"!|\bplease\b|\bsorry\b|\boops\b|\bunfortunately\b", re.IGNORECASE)
VERBS = {
    "Add", "Allow", "Ask", "Assign", "Check", "Choose", "Close", "Compare", "Confirm", "Connect",
    "Correct", "Exempt", "Fix", "Free", "Give", "Install", "Keep", "Leave", "Let", "Look", "Make",
    "Name", "Open", "Pin", "Plug", "Point", "Put", "Raise", "Remove", "Replace", "Run", "See",
    "Send", "Set", "Sign", "Start", "Switch", "Take", "Tell", "Try", "Turn", "Type", "Update",
    "Upgrade", "Use", "Wait",
}  # fmt: skip
PLACES = ("In Setup, ",)
"""Of a remedy that says first where to go."""

TO_DO = {Status.FAIL, Status.WARN, Status.BORDERLINE, Status.UNKNOWN, Status.MANUAL}


def _without_title(summary: str) -> str:
    """A title carries the vendor's term, so a sentence may begin with it."""
    return next(
        (summary.removeprefix(c.title) for c in CHECKS if summary.startswith(c.title)), summary
    )


def faults_of(made: Judgement) -> list[str]:
    """What in a judgement is not as the writing guide says."""
    faults = []
    words = made.summary.split()
    if len(words) > MOST_WORDS:
        faults.append(f"{len(words)} words: {made.summary}")
    if found := JARGON.search(_without_title(made.summary)):
        faults.append(f"jargon ({found[0]}): {made.summary}")
    if not made.summary.endswith((".", "?")):
        faults.append(f"no full sentence: {made.summary}")
    if found := RUDE.search(made.summary):
        faults.append(f"tone ({found[0]}): {made.summary}")
    told = made.remedy.text if made.remedy is not None else ""
    if told and told.split()[0] not in VERBS and not told.startswith(PLACES):
        faults.append(f"no verb first: {told}")
    if made.status in TO_DO and made.remedy is None:
        faults.append(f"nothing to do ({made.status}): {made.summary}")
    return faults


def main() -> None:
    """The table."""
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "words.jsonl")
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/checks"],
            cwd=ROOT, env={**os.environ, "WORDS_TABLE": str(lines)}, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    seen: set[tuple[str, str, str]] = set()
    for check, status, summary, observed, expected, text, owner, _request in sorted(rows):
        key = (check, status, re.sub(r"\d+", "1", summary + text))
        if key in seen:
            continue
        seen.add(key)
        print(f"{check:24} {status:14} {summary}")  # noqa: T201
        print(f"{'':39} {observed} | needs {expected}")  # noqa: T201
        if text:
            print(f"{'':39} -> {text} ({owner})")  # noqa: T201
    print(f"\n{len(seen)} different things are said.")  # noqa: T201


if __name__ == "__main__":
    main()
