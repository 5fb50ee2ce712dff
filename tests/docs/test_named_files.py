"""What a document names is there: files of the project, links, targets of make, steps of the build.

A test that was renamed proves nothing to whoever looks for it by the name in a table of promises.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"))
FOLDERS = ("natwizard", "tests", "packaging", "docs", "resources", ".github")
FILES = frozenset(
    f"/{path.relative_to(ROOT).as_posix()}"
    for folder in (*(ROOT / name for name in FOLDERS), ROOT)
    for path in (folder.glob("*") if folder == ROOT else folder.rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
)
FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|ps1|nsi|nsh|sh|yml|c|manifest|spec)")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
TO_BE_WRITTEN = {
    "natwizard/checks/computer_browser_memory.py",
    "tests/checks/test_computer_browser_memory.py",
}
"""What docs/adding-a-check.md has its reader write."""


def named_files(text: str) -> set[str]:
    """Every word in code that is the name of a source, with or without folders."""
    words = {word.rstrip(".,;:").partition("::")[0] for code in CODE.findall(text)
             for word in code.split()}  # fmt: skip
    return {word for word in words if FILE.fullmatch(word)} - TO_BE_WRITTEN


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_files_and_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [name for name in sorted(named_files(text))
            if not any(path.endswith(f"/{name}") for path in FILES)] == []  # fmt: skip
    prose = CODE.sub("", FENCE.sub("", text))
    assert [link for link in LINK.findall(prose) if not (page.parent / link).exists()] == []


def test_many_are_named() -> None:
    assert len(set().union(*(named_files(page.read_text("utf-8")) for page in PAGES))) > 150


def test_targets_and_build_steps_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    build = (ROOT / "packaging/build.py").read_text("utf-8").partition("STEPS: dict")[2]
    steps = re.findall(r'^    "([a-z-]+)":', build, re.MULTILINE)
    asked_of_make, asked_of_build = set[str](), set[str]()
    for page in PAGES:
        for code in CODE.findall(page.read_text("utf-8")):
            if match := re.fullmatch(r"make ((?:[a-z-]+ ?)+)", code):
                asked_of_make |= set(match[1].split())
            if match := re.fullmatch(
                r"(?:python3? )?(?:packaging/)?build\.py ((?:[a-z-]+ ?)+)", code
            ):
                asked_of_build |= set(match[1].split())
    assert len(asked_of_make) > 10
    assert asked_of_build
    assert asked_of_make - set(targets) == set()
    assert asked_of_build - set(steps) == set()
