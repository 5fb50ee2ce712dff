"""make audit: known vulnerabilities and licences of what natwizard is made of.

Vulnerabilities are looked up by version for every package of the hashed lists (pip-audit asks the
Python Packaging Advisory Database; it needs the internet). Licences are those that installed
packages tell of themselves; one that is not on the list here is for a person to read first.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("constraints.txt", "constraints-build.txt", "packaging/reflector/requirements.txt")

OPTIONS = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner=off")

# May be bundled with a program under the MIT licence; LGPL because Qt's libraries stay apart files
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "LGPL-3.0-only",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
NAMES = {
    "Apache Software License": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "LGPL": "LGPL-3.0-only",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

WORDING = {
    "MIT": "without restriction, including without limitation the rights to use, copy, modify, "
    "merge, publish, distribute, sublicense, and/or sell copies",
    "ISC": "and/or distribute this software for any purpose with or without fee is hereby granted",
}
"""What a licence's text says and no other's does."""


def main() -> int:
    """Both audits, with the pip-audit that is named; 1 if either finds something."""
    unknown = [
        f"{name}: {', '.join(licences) or 'none named'}"
        for name, licences in sorted(bundled_licences().items())
        if not licences & ALLOWED
    ]
    for line in unknown:
        print(f"licence to be read by a person: {line}")
    vulnerable = [path for path in LISTS if not is_free_of_advisories(sys.argv[1], path)]
    return 1 if unknown or vulnerable else 0


def is_free_of_advisories(pip_audit: str, path: str) -> bool:
    """Whether pip-audit knows nothing against what a hashed list names; it prints what it does.

    Strict: a package that could not be looked up has not been audited.
    """
    audited = subprocess.run(
        (pip_audit, *OPTIONS, "-r", path),
        cwd=ROOT,
        check=False,
    )
    return audited.returncode == 0


def bundled_licences() -> dict[str, set[str]]:
    """Each package that natwizard brings along, with the SPDX identifiers it names."""
    return {name: set(_licences(name)) for name in _needed("natwizard", set())}


def _needed(name: str, seen: set[str]) -> set[str]:
    """Adds what a package needs, and what that needs, to those seen."""
    for text in metadata.requires(name) or ():
        requirement = Requirement(text)
        known = re.sub(r"[-_.]+", "-", requirement.name).lower()
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and known not in seen:
            seen.add(known)
            _needed(known, seen)
    return seen


def _licences(name: str) -> Iterator[str]:
    told = metadata.metadata(name)
    expression = told.get("License-Expression")
    if expression:
        yield from re.findall(r"[\w.+-]+", expression)
        return
    for classifier in told.get_all("Classifier", []):
        if classifier.startswith("License ::"):
            text = classifier.rpartition(":: ")[2]
            yield NAMES.get(text, text)
    licence = (told.get("License") or "").splitlines()
    if licence:
        yield from (NAMES.get(part, part) for part in licence[0].split(" OR "))
    else:
        yield from _licences_by_their_text(name)


def _licences_by_their_text(name: str) -> Iterator[str]:
    """Of a package that names none but ships its licence's text: the one that the text is."""
    for path in metadata.files(name) or ():
        if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            text = " ".join(path.read_text(encoding="utf-8").split())
            yield from (licence for licence, words in WORDING.items() if words in text)


if __name__ == "__main__":
    sys.exit(main())
