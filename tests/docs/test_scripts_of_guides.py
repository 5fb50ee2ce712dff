"""Scripts that the guides tell people to run: what can be tried of them without their system.

There is no PowerShell here: its grammar reads them, and what they name is what the program writes.
The line for macOS and Linux runs, with a real `jq`, on a real file.
"""

import re
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest
from report.samples import not_ready, ready

from natwizard.model.report import Report
from natwizard.system.last_run import KEY, LastRun, last_run_of

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^( *)```powershell\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SCRIPTS = [
    (f"{page.name}:{page.read_text()[: found.start()].count(chr(10)) + 1}", dedent(found[2]))
    for page in sorted(DOCS.glob("*.md"))
    for found in BLOCK.finditer(page.read_text())
]
SITE = (DOCS / "site.md").read_text()


@pytest.mark.parametrize(("place", "script"), SCRIPTS, ids=[place for place, _text in SCRIPTS])
def test_every_script_is_powershell(place: str, script: str) -> None:
    tree_sitter = pytest.importorskip("tree_sitter", reason="make test-oracles installs it")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    # a script that is cut off is none: the grammar is not one that takes everything
    assert parser.parse(f"{script}if (".encode()).root_node.has_error
    assert not parser.parse(script.encode()).root_node.has_error, place


def test_a_detection_script_asks_for_nothing_but_what_is_written() -> None:
    (script,) = (text for _place, text in SCRIPTS if "LastRun" in text)
    assert f"HKCU:\\{KEY}" in script
    asked = set(re.findall(r"\$run\.(\w+)", script))
    written = {
        "".join(part.capitalize() for part in name.split("_")) for name in LastRun.__struct_fields__
    }
    assert {"At", "ExitCode"} <= asked <= written


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs Debian's jq")
@pytest.mark.parametrize(("report", "code"), [(ready(), 0), (not_ready(), 1)])
def test_the_line_for_other_systems_tells_ready_from_not(
    report: Report, code: int, tmp_path: Path
) -> None:
    (command,) = re.findall(r"`jq -e '([^']+)' ~/\.local/state/natwizard/last-run\.json`", SITE)
    file = tmp_path / "last-run.json"
    file.write_bytes(msgspec.json.encode(last_run_of(report)))
    done = subprocess.run(
        ["jq", "-e", command, str(file)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == code
