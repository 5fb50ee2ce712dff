"""Builds what people install: build.py STEP [STEP ...] [--target linux|windows|macos].

Every step can be run by hand and says what it does; the release workflow runs the same ones.
Windows is built on Windows, or on Linux under wine.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from steps import signing
from steps.archives import make_portable, write_checksums
from steps.freeze import freeze
from steps.installer import make_installer
from steps.linux_packages import make_deb, make_rpm
from steps.macos import make_dmg
from steps.paths import TARGETS, this_system
from steps.sbom import publish_sbom
from steps.selftesting import run_selftest
from steps.windows_python import make_windows_python
from steps.windows_suite import run_windows_suite

Step = Callable[[str], object]


def main() -> int:
    """Run the steps in the order given."""
    parser = ArgumentParser(prog="build.py", description=__doc__)
    parser.add_argument("steps", nargs="+", choices=sorted(STEPS), metavar="STEP",
                        help=", ".join(STEPS))  # fmt: skip
    parser.add_argument("--target", choices=TARGETS, default=this_system())
    arguments = parser.parse_args()
    for name in arguments.steps:
        print(f"== {name} ({arguments.target})", flush=True)
        STEPS[name](arguments.target)
    return 0


STEPS: dict[str, Step] = {
    "windows-python": make_windows_python,
    "windows-suite": run_windows_suite,
    "freeze": freeze,
    "selftest": run_selftest,
    "sign": signing.sign,
    "installer": make_installer,
    "portable": make_portable,
    "deb": make_deb,
    "rpm": make_rpm,
    "dmg": make_dmg,
    "verify": signing.verify,
    "sbom": publish_sbom,
    "checksums": write_checksums,
}

if __name__ == "__main__":
    sys.exit(main())
