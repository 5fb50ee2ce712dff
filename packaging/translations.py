"""Keeps the catalogues in resources/translations up to date with the texts of the program.

    translations.py update     extract, update every .po, compile every .mo   (make translations)
    translations.py missing    list what has no translation yet; exits 1 if there is any
    translations.py countries  names of countries, from Babel's copy of CLDR, once a year

How to translate: docs/translating.md.
"""

import io
import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from steps.extraction import template
from steps.paths import ROOT

FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("de", "fr", "es")
COUNTRIES = ROOT / "resources" / "country-names.json"
WIDTH = 100
HEADER = "# natwizard in {name}. How to translate: docs/translating.md"
DROPPED = (
    "POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team",
    "Project-Id-Version", "Report-Msgid-Bugs-To", "Generated-By",
)  # fmt: skip
"""Lines of a header that change from day to day, or say nothing that git does not."""
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def catalogue_path(language: str, suffix: str) -> Path:
    """Where the catalogue of a language is kept; suffix "po" or "mo"."""
    return FOLDER / language / "LC_MESSAGES" / f"natwizard.{suffix}"


def read_catalogue(language: str) -> Catalog:
    """The translations as they stand; an empty catalogue where there are none."""
    path = catalogue_path(language, "po")
    if not path.exists():
        return Catalog(locale=language, project="natwizard", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, texts: Catalog) -> Catalog:
    """The catalogue with new texts added and old ones dropped; translations stay."""
    catalog = read_catalogue(language)
    catalog.update(texts, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = HEADER.format(name=language)
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """A .po file that only changes where a text does."""
    written = io.BytesIO()
    write_po(
        written, catalog, width=WIDTH, include_lineno=False, sort_by_file=True, omit_header=False
    )
    lines = written.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_DROPPED_LINES)).encode()


_DROPPED_LINES = tuple(f'"{name}:' for name in DROPPED)


def mo_bytes(po: bytes, language: str) -> bytes:
    """The compiled form that the program loads; what is not translated stays English."""
    catalog = read_po(io.BytesIO(po), locale=language)
    for message in catalog:
        if message.id and not is_translated(message):
            message.string = ""
    catalog.creation_date = catalog.revision_date = NO_DATE
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def is_translated(message: Message) -> bool:
    """Whether every form of a message has words."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(forms) and all(forms) and not message.fuzzy


def untranslated(language: str) -> list[Message]:
    """What a translator still has to do, in the file's order."""
    catalog = updated(language, template())
    return [message for message in catalog if message.id and not is_translated(message)]


def update() -> None:
    """Write the template, and .po and .mo of every language."""
    texts = template()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "natwizard.pot").write_bytes(po_bytes(texts))
    for language in LANGUAGES:
        catalog = updated(language, texts)
        catalogue_path(language, "po").parent.mkdir(parents=True, exist_ok=True)
        written = po_bytes(catalog)
        catalogue_path(language, "po").write_bytes(written)
        catalogue_path(language, "mo").write_bytes(mo_bytes(written, language))
    print(f"{len(texts)} texts in {FOLDER.relative_to(ROOT)}")


def missing(languages: tuple[str, ...]) -> int:
    """Print what is missing; the exit code says whether anything is."""
    count = 0
    for language in languages:
        left = untranslated(language)
        count += len(left)
        print(f"{language}: {len(left)} without a translation")
        for message in left:
            place = message.locations[0][0] if message.locations else "?"
            text = message.id if isinstance(message.id, str) else " | ".join(message.id)
            print(f"  {place}: {text!r}")
    return 1 if count else 0


def country_names() -> bytes:
    """Every country that has a numbering plan, in every language."""
    locales = {code: Locale(code).territories for code in ("en", *LANGUAGES)}
    names = {
        country: {code: territories[country] for code, territories in locales.items()}
        for country in sorted(phonenumbers.SUPPORTED_REGIONS)
    }
    content = {"source": "CLDR, by Babel; licence: Unicode-3.0", "names": names}
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode()


def main() -> int:
    """Read the command line."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("action", choices=("update", "missing", "countries"))
    parser.add_argument("languages", nargs="*", help="for missing: de, fr, es (default: all)")
    arguments = parser.parse_args()
    if arguments.action == "missing":
        return missing(tuple(arguments.languages) or LANGUAGES)
    if arguments.action == "countries":
        COUNTRIES.write_bytes(country_names())
        return 0
    update()
    return 0


if __name__ == "__main__":
    sys.exit(main())
