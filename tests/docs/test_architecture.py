"""The page on the architecture is true of the tree: all that it names is there, and no more."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
PATHS = sorted({each for each in re.findall(r"`([\w./-]+)`", PAGE) if "/" in each})
TREE = re.findall(r"^\| `(natwizard/\w+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert links
    assert all((ROOT / "docs" / link).exists() for link in links)


def test_every_package_has_its_line() -> None:
    packages = {each.parent.name for each in (ROOT / "natwizard").glob("*/__init__.py")}
    assert {each.removeprefix("natwizard/") for each in TREE} == packages


def test_rows_stand_in_the_order_in_which_packages_may_import() -> None:
    """A row's package imports none of a lower row: the layers that lint-imports holds, upwards."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["type"] == "layers")
    height = {
        name.strip().removeprefix("natwizard."): -level
        for level, layer in enumerate(layers)
        for name in layer.split("|")
    }
    heights = [height[each.removeprefix("natwizard/")] for each in TREE]
    assert heights == sorted(heights)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (match[1].replace("/", ".").removesuffix(".py"), match[0])
        for match in re.findall(r"`(\w+)` (?:in|of) `(natwizard/[\w/]+\.py)`", PAGE)
    ],
)
def test_functions_are_where_it_says(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


def test_types_are_where_it_says() -> None:
    named = re.findall(r"`(\w+)` \(`(natwizard/[\w/]+\.py)`\)", PAGE)
    assert len(named) >= 2
    for name, path in named:
        module = importlib.import_module(path.replace("/", ".").removesuffix(".py"))
        assert hasattr(module, name), (name, path)


def test_the_limit_that_it_follows_is_in_the_shipped_profile() -> None:
    profile = tomllib.loads((ROOT / "resources/profiles/natterbox.toml").read_text("utf-8"))
    limits = [row.get("limits", {}) for row in profile["requirements"]]
    assert [each["jitter_ms"] for each in limits if "jitter_ms" in each] == [20.0]


def test_make_has_the_targets_that_it_names() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`make ([\w-]+)`", PAGE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
