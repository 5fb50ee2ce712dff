"""Which language is spoken: asked for, set, kept, or that of the system."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from languages.pseudo import PSEUDO, pseudo

from natwizard.cli.main import main, take_language
from natwizard.languages import (
    UnknownLanguage,
    available_languages,
    chosen_language,
    language_of,
    system_language,
    use_language,
)
from natwizard.model.language import N_, Language, _, current_language, speak, speaking
from natwizard.report.open_report import open_report

REPORT = Path(__file__).parents[1] / "golden" / "report.json"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LC_ALL": "fr_CA.UTF-8", "LANG": "de_DE.UTF-8"}, "fr"),
        ({"LANG": "es_MX"}, "es"),
        ({"LANG": "nl_NL.UTF-8"}, "en"),
        ({"LANG": "nl_NL.UTF-8", "LANGUAGE": "nl:de:en"}, "de"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_system_decides_where_nobody_else_does(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows tells its language by a call")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert system_language() == expected


@pytest.mark.parametrize(
    ("asked", "set_to", "kept", "expected"),
    [
        ("de", "fr", "es", "de"),
        ("", "fr", "es", "fr"),
        ("", "", "es", "es"),
        ("de_CH", "", "", "de"),
        ("", "", "xx", "en"),
    ],
)
def test_what_is_nearest_to_the_person_wins(
    monkeypatch: pytest.MonkeyPatch, asked: str, set_to: str, kept: str, expected: str
) -> None:
    monkeypatch.setenv("NATWIZARD_LANGUAGE", set_to)
    monkeypatch.setenv("LC_ALL", "C")
    assert chosen_language(asked, kept) == expected


def test_a_language_nobody_has_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnknownLanguage, match="no such language: tlh"):
        chosen_language("tlh")
    assert main(["check", "--language", "tlh"]) == 64
    assert "known: en, de, fr, es" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "rest", "asked"),
    [
        (["check", "--language", "de", "--quiet"], ["check", "--quiet"], "de"),
        (["--language=fr", "check"], ["check"], "fr"),
        (["check"], ["check"], ""),
        (["check", "--language"], ["check"], ""),
    ],
)
def test_the_option_may_stand_anywhere(words: list[str], rest: list[str], asked: str) -> None:
    assert take_language(words) == (rest, asked)


def test_a_choice_holds_in_every_thread() -> None:
    heard: list[str] = []
    thread = threading.Thread(target=lambda: heard.append(current_language().code))
    use_language("de")
    thread.start()
    thread.join()
    assert heard == ["de"]


def test_a_report_is_read_out_in_its_own_language() -> None:
    speak(PSEUDO)
    assert _("Ready") == pseudo("Ready")
    with language_of("en"):
        assert _("Ready") == "Ready"
    with language_of("a language of a later version"):
        assert current_language().code == "en"
    assert _("Ready") == pseudo("Ready")


def test_no_text_stays_no_text() -> None:
    """gettext answers its own header to an empty message."""
    for code in available_languages():
        with language_of(code):
            assert _("") == ""


def test_a_mark_changes_nothing() -> None:
    with speaking(Language(code="de", translations=PSEUDO.translations)):
        assert N_("Ready") == "Ready"


def test_every_text_is_looked_up_when_it_is_shown_not_when_it_is_imported() -> None:
    """Imports everything in the pseudo-language: what was frozen then would show in English."""
    program = (
        "import pkgutil, importlib, sys\n"
        "sys.path.insert(0, 'tests')\n"
        "from languages.pseudo import PSEUDO\n"
        "from natwizard.model import language\n"
        "import natwizard\n"
        "language.speak(PSEUDO)\n"
        "for module in pkgutil.walk_packages(natwizard.__path__, 'natwizard.'):\n"
        "    if module.name != 'natwizard.__main__': importlib.import_module(module.name)\n"
        "found = [f'{name}.{key}' for name, module in sys.modules.items()\n"
        "    if name.startswith('natwizard') for key, value in vars(module).items()\n"
        "    if '\\u00e9\\u00f1d\\u00e9' in repr(value)]\n"
        "print(found)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


def test_a_report_says_its_language() -> None:
    assert open_report(REPORT).language == "en"
