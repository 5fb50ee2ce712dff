"""An agent's first run, a helpdesk's session, an administrator's day, step by step as pictures.

`make walk` puts them into build/walk, a folder a language; somebody has to look at them.
"""

import shutil
import sys
from pathlib import Path

from gui import pictures  # first: it chooses the platform and the scale, before Qt is loaded
from gui.example_run import bad_findings, events_until, finished, good_findings
from gui.other_runs import failing_findings
from msgspec import structs
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox

from natwizard.checks.catalogue import CHECKS
from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT
from natwizard.gui.application import the_application
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY
from natwizard.gui.stop_question import ask_to_stop
from natwizard.languages import available_languages, use_language
from natwizard.model.events import Event, RunFinished
from natwizard.model.finding import Finding, Page
from natwizard.model.language import _, current_language


def spoken(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """As a run in this language has them: titles of the checks, texts as far as a catalogue has."""
    titles = {check.name: check.title for check in CHECKS}
    return tuple(
        structs.replace(
            each,
            title=_(titles.get(each.check, each.title)),
            summary=_(each.summary),
            observed=_(each.observed) if each.observed else "",
            expected=_(each.expected) if each.expected else "",
            remedy=structs.replace(each.remedy, text=_(each.remedy.text)) if each.remedy else None,
        )
        for each in findings
    )


def run(findings: tuple[Finding, ...]) -> list[Event]:
    """A whole run, its report in the language of now."""
    *events, last = finished(spoken(findings))
    assert isinstance(last, RunFinished)
    report = structs.replace(last.report, language=current_language().code)
    return [*events, RunFinished(report=report)]


class Walk:
    """Numbers the pictures of one story."""

    def __init__(self, studio: pictures.Studio, story: str) -> None:
        self._studio, self._story, self._number = studio, story, 0

    def shoot(self, window: pictures.QWidget, step: str) -> None:
        """Keep the next picture."""
        self._number += 1
        self._studio.shoot(window, f"{self._story}-{self._number:02}-{step}")


def agent(studio: pictures.Studio) -> None:
    """Start, wait, be told what is wrong, read one row, save; then run again, and all is well."""
    walk = Walk(studio, "1-agent")
    wizard = studio.wizard([])
    walk.shoot(wizard, "welcome")
    studio.put_away(wizard)
    wizard = studio.wizard(events_until(spoken(bad_findings()), Page.UDP_MEDIA))
    wizard.go_to(PAGE_IDS[Page.UDP_MEDIA])
    walk.shoot(wizard, "measuring")
    ask_to_stop(wizard, lambda: None)
    (question,) = wizard.findChildren(QMessageBox)
    walk.shoot(question, "stop-question")
    question.reject()
    studio.put_away(wizard)
    wizard = studio.wizard(run(bad_findings()))
    wizard.go_to(SUMMARY)
    walk.shoot(wizard, "not-ready")
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    walk.shoot(wizard, "what-is-wrong")
    wizard.go_to(SUMMARY)
    report = wizard.control.model.report
    if report is not None:
        wizard.session.reports.write(report, studio.folder / "natwizard-report.pdf")
    walk.shoot(wizard, "saved")
    studio.put_away(wizard)
    wizard = studio.wizard(run(good_findings()))
    wizard.go_to(SUMMARY)
    walk.shoot(wizard, "ready")
    studio.put_away(wizard)


def helpdesk(studio: pictures.Studio) -> None:
    """A shared screen: larger type, names hidden, every page of a computer where much is wrong."""
    walk = Walk(studio, "2-helpdesk")
    wizard = studio.wizard(run(failing_findings()))
    wizard.go_to(SUMMARY)
    walk.shoot(wizard, "summary")
    studio.look.toggle_helpdesk_size()
    walk.shoot(wizard, "larger-type")
    studio.look.toggle_helpdesk_size()
    wizard.control.hide_names(hidden=True)
    walk.shoot(wizard, "names-hidden")
    for page in wizard.steps():
        wizard.go_to(PAGE_IDS[page])
        walk.shoot(wizard, page)
    studio.put_away(wizard)


def administrator(studio: pictures.Studio) -> None:
    """Settings from end to end, then the planner."""
    walk = Walk(studio, "3-administrator")
    wizard = studio.wizard([])
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    for place in range(dialog.step_list.count()):
        dialog.step_list.setCurrentRow(place)
        walk.shoot(dialog, f"settings-{place:02}")
    dialog.reject()
    studio.put_away(wizard)
    planner = studio.planner()
    for topic in planner.pages:
        planner.go_to(topic)
        walk.shoot(planner, f"planner-{topic}")
    studio.put_away(planner)


def main() -> None:
    """All stories, in each language, in light, dark and high contrast."""
    folder = pictures.ROOT / "build" / "walk"
    shutil.rmtree(folder, ignore_errors=True)
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder))
    application = the_application()
    for code in available_languages():
        use_language(code)
        place = folder / code
        place.mkdir(parents=True)
        studio = pictures.Studio(application, place)
        for theme in (LIGHT, DARK, HIGH_CONTRAST):
            studio.look.use(theme)
            for story in (agent, helpdesk, administrator):
                story(studio)
    count = len(list(Path(folder).rglob("*.png")))
    sys.stdout.write(f"{count} pictures in {folder}\n")


if __name__ == "__main__":
    main()
