"""Checks a bill of materials against the schema of CycloneDX: check_sbom.py FILE."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main(path: Path) -> int:
    """0 if it is valid; else the first thing that is not."""
    trouble = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text("utf-8"))
    if trouble:
        print(trouble)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
