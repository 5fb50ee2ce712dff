"""On every system a checkout has the bytes that were committed: LF where a text has lines."""

import shutil
import subprocess

import pytest
from packaging_lab import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="needs git and a clone"
)

# in a container of the workflows the checkout is another user's
GIT = ("git", "-c", f"safe.directory={ROOT}")


def test_what_must_stay_lf_is_pinned_for_windows() -> None:
    """As Git for Windows would write it: core.autocrlf is on there by default."""
    kinds = ("installer.nsi", "packaging/linux/install-packages.sh", "tests/golden/report.json",
             "Makefile", "constraints.txt", "natwizard/__init__.py")  # fmt: skip
    told = subprocess.run(
        [*GIT, "check-attr", "eol", "--", *kinds],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert [line.rpartition(": ")[2] for line in told] == ["lf"] * len(kinds)


def test_no_committed_text_has_other_line_ends() -> None:
    told = subprocess.run(
        [*GIT, "ls-files", "--eol"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    # what is marked as no text (fuzzing corpora, copies of other people's files) has its own ends
    texts = [line for line in told if "attr/-text" not in line]
    assert len(texts) > 500
    assert [line for line in texts if line.startswith(("i/crlf", "i/mixed"))] == []
