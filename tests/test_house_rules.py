"""Rules of the house that no linter knows."""

import ast
import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from natwizard.checks.catalogue import CHECKS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "natwizard").rglob("*.py"))

SHORT_LINES = 40
MOST_SHORT_FILES = 36
MOST_SINGLE_IMPORTERS = 56
"""Ceilings, to be lowered: what one other module uses usually ends in that module's file."""

# What is found by a list, a command or an operating system is an entry of its own: one importer
# is how it is meant to be.
ENTRIES = (
    "natwizard.checks.",  # checks/catalogue.py lists the checks
    "natwizard.cli.",  # cli/main.py imports the subcommand that was asked for
    "natwizard.gui.pages.",
    "natwizard.report.as_",  # one file a format
)
REGISTRIES = {
    "natwizard.reflector.server",  # starts one file a service
    "natwizard.reflector.stand_ins",  # plays one file a kind of public server
    "natwizard.gui.page_set",  # makes one file a page
    "natwizard.gui.planner.window",  # shows one file a topic
    "natwizard.gui.settings.dialog",  # shows one file a section
}
PLATFORMS = {"linux", "macos", "windows"}
PROBE_OF_A_CHECK = "natwizard.probes."


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_one_job_and_says_which(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith('"""'), "a module opens with one sentence on its one job"


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in SOURCES}


def imported_by(path: Path) -> Iterator[str]:
    """The project's modules that a file imports, at its top or later."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in MODULES else node.module


def importers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for module, path in MODULES.items():
        for imported in imported_by(path):
            if imported in MODULES and imported != module:
                found[imported].add(module)
    return found


def is_entry(module: str, by: str) -> bool:
    """Whether a module has one importer by design."""
    a_probe = module.startswith(PROBE_OF_A_CHECK) and by.startswith("natwizard.checks.")
    is_package = MODULES[module].name == "__init__.py"
    platform = module.rpartition(".")[2] in PLATFORMS
    listed = module.startswith(ENTRIES) or by in REGISTRIES
    return is_package or platform or a_probe or listed


def test_modules_with_one_importer_stay_few() -> None:
    single = sorted(
        f"{module} <- {by}"
        for module, (by, *others) in importers().items()
        if not others and not is_entry(module, by)
    )
    assert len(single) <= MOST_SINGLE_IMPORTERS, "\n".join(["fold one of these:", *single])


def test_short_files_stay_few() -> None:
    short = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name != "__init__.py" and len(path.read_text("utf-8").splitlines()) < SHORT_LINES
    ]
    assert len(short) <= MOST_SHORT_FILES, "\n".join(["fold one of these:", *short])


def test_a_check_is_named_by_its_object() -> None:
    names = "|".join(re.escape(check.name) for check in CHECKS)
    literal = re.compile(rf"""["']({names})["']""")
    elsewhere = [
        f"{path.relative_to(ROOT)}: {found[1]}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[1] != "checks"
        for found in literal.finditer(path.read_text("utf-8"))
    ]
    assert not elsewhere, "\n".join(elsewhere)


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]


def test_constraints_name_no_place_to_fetch_from() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in text
    assert "--hash=sha256:" in text


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))


@pytest.mark.xdist_group("house")
def test_groups_keep_their_tests_on_one_worker(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@house")
