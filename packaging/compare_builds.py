"""What differs between two builds of one commit: compare_builds.py [--unsigned] FOLDER FOLDER.

Names every file that only one of them has, and every file of which a byte differs, with how many
bytes and where. Exit code 0 if there is none. --unsigned takes Windows programs and libraries as
they were before they were signed, without the list of checksums, which differs with them.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from steps.file_list import DIGESTS, SEAL, installed_files
from steps.signing import without_signature


def differences(first: Path, second: Path, *, unsigned: bool = False) -> list[str]:
    """One line for each file that is not the same in both."""
    left_out = {DIGESTS, SEAL} if unsigned else set()
    one, other = (set(installed_files(folder)) - left_out for folder in (first, second))
    lines = [f"only in {first}: {name}" for name in sorted(one - other)]
    lines += [f"only in {second}: {name}" for name in sorted(other - one)]
    for name in sorted(one & other):
        contents = [(folder / name).read_bytes() for folder in (first, second)]
        if unsigned:
            contents = [without_signature(content) for content in contents]
        told = difference(*contents)
        if told:
            lines.append(f"{name}: {told}")
    return lines


def difference(one: bytes, other: bytes) -> str:
    """How two contents differ; empty if they do not."""
    if one == other:
        return ""
    if len(one) != len(other):
        return f"{len(one)} and {len(other)} bytes"
    places = [place for place, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) > 1]
    return f"{len(places)} of {len(one)} bytes, from {places[0]:#x} to {places[-1]:#x}"


def main() -> int:
    """0 if both are the same."""
    parser = ArgumentParser(prog="compare_builds.py", description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--unsigned", action="store_true")
    given = parser.parse_args()
    lines = differences(given.first, given.second, unsigned=given.unsigned)
    print("\n".join(lines) or "no file differs")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
