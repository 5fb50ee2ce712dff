"""An agent's first run, a helpdesk's session, an administrator's day, step by step as pictures.

`make walk` puts them into build/walk, a folder a language; somebody has to look at them.
"""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from gui import pictures  # first: it chooses the platform and the scale, before Qt is loaded
from gui.example_run import bad_findings, events_until, finished
from gui.other_runs import failing_findings
from msgspec import structs
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox

from natwizard.checks.catalogue import CHECKS
from natwizard.cli.headless import run_headless
from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT
from natwizard.gui.application import the_application
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.settings.setup import SetupDialog, SetupQuestion
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY
from natwizard.gui.stop_question import ask_to_stop
from natwizard.gui.wizard import Wizard
from natwizard.languages import available_languages, use_language
from natwizard.model.events import CheckJudged, Event, PlannedCheck, RunFinished, RunPlanned
from natwizard.model.finding import Finding, Page
from natwizard.model.language import _, current_language
from natwizard.model.profile import Answers, Profile
from natwizard.model.report import Report
from natwizard.probes.host import Screen
from natwizard.profiles.read import parse_profile, shipped_profile
from natwizard.profiles.setup_file import read_offer
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import demo_settings
from natwizard.reflector.stand_ins import background_stand_ins
from natwizard.run.plan import RunPlan, make_plan
from natwizard.run.rejudge import rejudge
from natwizard.system.environment import real_environment
from natwizard.system.mapped_network import MappedNetwork, World


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


class RealRun(NamedTuple):
    """What was measured once; judged anew it speaks the language of now."""

    plan: RunPlan
    report: Report

    def shown(self, studio: pictures.Studio) -> Wizard:
        """A window in which this run has just finished."""
        report = rejudge(self.report, self.plan)
        wizard = studio.wizard([])
        model, now_s = wizard.control.model, wizard.control.now_s()
        wizard.control.plan = self.plan
        checks = tuple(
            PlannedCheck(check=each.check, title=each.title, page=each.page,
                         headline=each.headline, waits_for=())
            for each in report.findings
        )  # fmt: skip
        begun = RunPlanned(run_id=report.run_id, run_code=report.run_code, checks=checks, probes=())
        judged = (CheckJudged(finding=each) for each in report.findings)
        for event in (begun, *judged, RunFinished(report=report)):
            model.apply(event, now_s)
        wizard.go_to(SUMMARY)
        wizard.refresh()
        return wizard


class RealRuns(NamedTuple):
    """All well, a webphone port that turns everybody away, and only public servers."""

    well: RealRun
    blocked: RealRun
    public: RealRun


SCREEN = Screen(name="1", width_px=1920, height_px=1080, logical_width_px=1920,
                logical_height_px=1080, primary=True)  # fmt: skip
CLOSED = ("127.0.0.1:9", "127.0.0.2:9")


def measured() -> RealRuns:
    """On this computer; no browser is opened."""
    with BackgroundReflector(demo_settings()) as reflector:
        well = parse_profile(reflector.profile_text().encode(), "walk")
        webphone, control = CLOSED
        closed = structs.replace(well.targets, webphone=webphone, webphone_control=control)
        runs = [_measure(well), _measure(structs.replace(well, targets=closed))]
    shipped = shipped_profile()
    with background_stand_ins(shipped) as stand_ins:
        network = MappedNetwork(stand_ins.places, resolvers=stand_ins.resolvers)
        world = World(network=network, public_roots=(stand_ins.authority_pem,))
        return RealRuns(*runs, _measure(shipped, world))


def _measure(profile: Profile, world: World | None = None) -> RealRun:
    plan = make_plan(profile, Answers(concurrent_calls=10), location="walk")
    environment = real_environment((SCREEN,), world=world)
    report, _stopped = run_headless(plan, environment, lambda _event: None)
    return RealRun(plan, report)


class Walk:
    """Numbers the pictures of one story."""

    def __init__(self, studio: pictures.Studio, story: str) -> None:
        self._studio, self._story, self._number = studio, story, 0

    def shoot(self, window: pictures.QWidget, step: str) -> None:
        """Keep the next picture."""
        self._number += 1
        self._studio.shoot(window, f"{self._story}-{self._number:02}-{step}")


def agent(studio: pictures.Studio, runs: RealRuns) -> None:
    """Start, wait, be told what is wrong, read one row, save; then run again, and all is well.

    What the pages say comes from the rules; how a page looks while it measures is made up.
    """
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
    wizard = runs.blocked.shown(studio)
    walk.shoot(wizard, "not-ready")
    wizard.go_to(PAGE_IDS[Page.WEBPHONE_PORT])
    walk.shoot(wizard, "what-is-wrong")
    wizard.go_to(SUMMARY)
    report = wizard.control.model.report
    if report is not None:
        wizard.session.reports.write(report, studio.folder / "natwizard-report.pdf")
    walk.shoot(wizard, "saved")
    studio.put_away(wizard)
    wizard = runs.well.shown(studio)
    walk.shoot(wizard, "all-well")
    studio.put_away(wizard)
    wizard = runs.public.shown(studio)
    walk.shoot(wizard, "to-public-servers")
    for page in wizard.steps():
        wizard.go_to(PAGE_IDS[page])
        walk.shoot(wizard, f"to-public-servers-{page}")
    studio.put_away(wizard)


def helpdesk(studio: pictures.Studio, _runs: RealRuns) -> None:
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


def administrator(studio: pictures.Studio, _runs: RealRuns) -> None:
    """Settings from end to end, a file that sets up others, then the planner."""
    walk = Walk(studio, "3-administrator")
    wizard = studio.wizard([])
    dialog = open_settings(wizard.session, lambda: wizard.welcome)
    for place in range(dialog.step_list.count()):
        dialog.step_list.setCurrentRow(place)
        walk.shoot(dialog, f"settings-{place:02}")
    dialog.reject()
    made = SetupDialog(wizard, studio.look, wizard.control.sibling())
    made.open()
    made.company.setText("Example Ltd")
    walk.shoot(made, "set-up-file")
    path = studio.folder / "example.natwizard"
    if made.write(path):
        question = SetupQuestion(wizard, studio.look, read_offer(str(path)))
        question.open()
        walk.shoot(question, "set-up-question")
        question.reject()
    made.reject()
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
    runs = measured()
    for code in available_languages():
        use_language(code)
        place = folder / code
        place.mkdir(parents=True)
        studio = pictures.Studio(application, place)
        for theme in (LIGHT, DARK, HIGH_CONTRAST):
            studio.look.use(theme)
            for story in (agent, helpdesk, administrator):
                story(studio, runs)
    count = len(list(Path(folder).rglob("*.png")))
    sys.stdout.write(f"{count} pictures in {folder}\n")


if __name__ == "__main__":
    main()
