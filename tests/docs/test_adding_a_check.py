"""docs/adding-a-check.md, followed to the letter in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from computers.program import PATIENCE_S

ROOT = Path(__file__).parents[2]
NAME = "computer_browser_memory"


def blocks(language: str) -> list[str]:
    """The page's code blocks of one language, in order."""
    page = (ROOT / "docs/adding-a-check.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def copy_project(to: Path) -> Path:
    for folder in ("natwizard", "resources"):
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (to / "tests/checks").mkdir(parents=True)
    return to


def apply_page(project: Path) -> None:
    check, import_line, cases = blocks("python")
    (project / f"natwizard/checks/{NAME}.py").write_text(check, "utf-8")
    (project / f"tests/checks/test_{NAME}.py").write_text(cases, "utf-8")
    catalogue = project / "natwizard/checks/catalogue.py"
    text = catalogue.read_text("utf-8").replace(
        "import COMPUTER_RAM\n", f"import COMPUTER_RAM\n{import_line}"
    )
    catalogue.write_text(
        re.sub(
            r"^    COMPUTER_RAM,$",
            f"    COMPUTER_RAM,\n    {NAME.upper()},",
            text,
            flags=re.MULTILINE,
        ),
        "utf-8",
    )
    with (project / "resources/profiles/natterbox.toml").open("a", encoding="utf-8") as profile:
        profile.write("\n" + blocks("toml")[0])


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(project), "XDG_DATA_HOME": str(project / "data")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project, env=environment, capture_output=True, text=True, timeout=PATIENCE_S,
        check=False,
    )  # fmt: skip


def test_a_check_added_as_the_page_says_is_judged_and_tested(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    apply_page(project)
    cases = run(
        project, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/checks/test_{NAME}.py"
    )
    assert "4 passed" in cases.stdout, cases.stdout + cases.stderr
    check = run(
        project,
        "-m",
        "natwizard",
        "check",
        "--only",
        "computer",
        "--quiet",
        "--json",
        "report.json",
    )
    report = json.loads((project / "report.json").read_text("utf-8"))
    assert check.returncode in {0, 1, 2}, check.stderr
    found = next(f for f in report["findings"] if f["check"] == "computer.browser_memory")
    assert found["expected"] == "at most 60\u00a0%"
    assert found["status"] in {"pass", "warn"}
