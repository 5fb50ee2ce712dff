"""The catalogues: complete, in step with the sources, and safe to fill in."""

import ast
import gettext
import io
import re
import string

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from steps.extraction import template
from steps.paths import ROOT
from translations import (
    FOLDER,
    LANGUAGES,
    catalogue_path,
    is_translated,
    mo_bytes,
    po_bytes,
    read_catalogue,
    untranslated,
)

from natwizard.languages import available_languages

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
UNIT = re.compile(r"[\d}](?P<gap>.)(?:ms|s|kbit/s|Mbit/s|MB|GB|KB|Mo|Go|ko|%)(?!\w)")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return template()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read_catalogue(request.param)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in messages(catalogue)}


def sources_of(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def fields(text: str) -> list[str]:
    parsed = string.Formatter().parse(text)
    return sorted(f"{name}:{spec}" for _text, name, spec, _conversion in parsed if name is not None)


def edges(text: str) -> tuple[str, str]:
    """The white space before and after."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def test_every_language_of_the_program_has_a_catalogue() -> None:
    assert {"en", *LANGUAGES} == set(available_languages())


def test_the_template_is_in_step_with_the_sources(texts: Catalog) -> None:
    with (FOLDER / "natwizard.pot").open("rb") as file:
        assert ids(read_po(file)) == ids(texts), "run: make translations"


def test_no_text_hides_from_the_extraction(texts: Catalog) -> None:
    """A text inside an f-string is looked up, but not found by the tool that extracts."""
    known = {source for message in messages(texts) for source in sources_of(message)}
    for path in (ROOT / "natwizard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert known.issuperset(_looked_up(node)), path


def _looked_up(node: ast.AST) -> set[str]:
    """The texts that a call of _() and its like looks up."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return set()
    count = {"_": 1, "N_": 1, "ngettext": 2}.get(node.func.id, 0)
    constants = [each.value for each in node.args[:count] if isinstance(each, ast.Constant)]
    return {value for value in constants if isinstance(value, str)}


def test_a_catalogue_holds_every_text_and_no_other(catalogue: Catalog, texts: Catalog) -> None:
    assert ids(catalogue) == ids(texts), "run: make translations"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_translated_yet_is_shown_in_english(language: str) -> None:
    """Only a release waits for translators (.github/workflows/release.yml asks for them)."""
    compiled = gettext.GNUTranslations(io.BytesIO(catalogue_path(language, "mo").read_bytes()))
    for message in untranslated(language):
        source = sources_of(message)[0]
        assert compiled.gettext(source) == source


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    written = catalogue_path(language, "po").read_bytes()
    compiled = catalogue_path(language, "mo").read_bytes()
    assert compiled == mo_bytes(written, language), "run: make translations"


def test_fields_are_the_same_in_every_form(catalogue: Catalog) -> None:
    """A field that a form leaves out or invents would show braces or break the sentence."""
    for message in filter(is_translated, messages(catalogue)):
        allowed = [fields(source) for source in sources_of(message)]
        for form in forms_of(message):
            assert fields(form) in allowed, (message.id, form)


def test_spaces_and_line_ends_around_a_text_are_kept(catalogue: Catalog) -> None:
    for message in filter(is_translated, messages(catalogue)):
        source = sources_of(message)[0]
        for form in forms_of(message):
            assert edges(form) == edges(source), form


def test_a_number_and_its_unit_stay_on_one_line(catalogue: Catalog) -> None:
    for message in filter(is_translated, messages(catalogue)):
        for form in forms_of(message):
            for found in UNIT.finditer(form):
                assert found["gap"] in {NBSP, NARROW_NBSP} or not found["gap"].isspace(), form


def test_alt_letters_are_kept(catalogue: Catalog) -> None:
    """ "&Next" needs its one "&": the letter after it works with Alt."""
    for message in filter(is_translated, messages(catalogue)):
        if re.match(r"[^&]*&\w[^&]*$", sources_of(message)[0]):
            assert all(form.count("&") == 1 for form in forms_of(message)), message.id


def test_plurals_have_all_the_forms_of_their_language(catalogue: Catalog) -> None:
    for message in filter(is_translated, messages(catalogue)):
        if not isinstance(message.id, str):
            assert len(forms_of(message)) == catalogue.num_plurals, message.id


def test_nothing_is_fuzzy(catalogue: Catalog) -> None:
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []


def test_an_empty_translation_falls_back_to_english() -> None:
    catalogue = Catalog(locale="de")
    catalogue.add(("{count} check", "{count} checks"))
    catalogue.add("Nothing")
    loaded = gettext.GNUTranslations(io.BytesIO(mo_bytes(po_bytes(catalogue), "de")))
    assert loaded.gettext("Nothing") == "Nothing"
    assert loaded.ngettext("{count} check", "{count} checks", 2) == "{count} checks"


COUNTS_OF_MANY = frozenset((
    # beyond what a sentence can name, or said of several alone
    "Your traffic leaves under {count} public addresses.",
    "{count} ports of desk phones are turned away.",
    "Your network blocks {count} ports of desk phones.",
    "{count} times from {start} to {end}",
    "{attempt} ({count} times)",
    ("{count} cells of the file itself look like formulas to a spreadsheet; "
     "--guard-formulas makes them harmless."),
    "{count} columns are called {name}: give the number of one",
    "it names {count} servers, and more than {most} is no company's set-up",
    "Delete these {count} runs and watches?",
    "By chance: in less than one of {count} such folders.",
    "expected at most {count} names",
    # they read so of one as well
    "And {count} more",
    "elsewhere {count}",
    "never reported {count}",
    "The last {count} runs and watches are kept here, and nowhere else.",
    "Signed in at {host}. Each reading takes about {count} API calls.",
    "{count} files, all as they were made",
    "Trying {count} ports",
    "{count} rows checked",
    "{count} bytes to {place}",
    "To {place}, {count} bytes:",
    "{count} of the vendor's {all} ranges are trusted (no code at sign-in)",
    # no word in them is another with one, in any of the languages
    "{count} inside", "{count} outside ({shown})", "{count} your own", "{count} of {total} OK",
    "{count} OK", "{count} borderline", "{count} advice", "{count} could not tell",
    "{count} to confirm", "{count} without permission", "{count} without a full licence",
    "{count} with a community licence",
    # ends a list that is cut off
    "And {count} more: see the CSV.", "{count} entries", "Salesforce: {count} API calls used.",
))  # fmt: skip


def test_what_is_counted_has_a_form_for_one(texts: Catalog) -> None:
    """ "1 non configurés": a text with a count is a plural, unless one never comes, or reads so."""
    counted = {
        message.id
        for message in messages(texts)
        if isinstance(message.id, str) and "{count}" in message.id
    }
    assert counted == COUNTS_OF_MANY
