"""The table of what wine does otherwise names tests that there are."""

import re
from pathlib import Path

from computers.wine_differences import DIFFERENCES

TESTS = Path(__file__).parents[1]


def test_every_name_of_the_table_is_one_of_a_test() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", sources))
    named = {name.partition("[")[0] for name in DIFFERENCES}
    assert named - there == set(), "renamed, or gone: a difference that skips nothing"
