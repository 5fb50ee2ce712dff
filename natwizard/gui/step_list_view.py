"""What the rail shows of a run: steps with their signs, and how far it is."""

from natwizard.drawing.icons import Icon
from natwizard.gui.look.texts import page_title, time_left
from natwizard.gui.run.run_model import RunModel, RunStage
from natwizard.gui.widgets.step_list import StepList, WizardStep
from natwizard.model.finding import Page
from natwizard.model.language import _
from natwizard.model.profile import Role
from natwizard.report.facts import duration_words, seconds_taken

WELCOME = 0
# Above the numbers of all pages of checks, which the profile decides on
SUMMARY = 99
PAGE_IDS = {page: number for number, page in enumerate(Page, 1)}


def usual_pages(role: Role) -> tuple[Page, ...]:
    """What most profiles come to, until this one has been read to its end."""
    questions = role is Role.ADMINISTRATOR
    return tuple(page for page in Page if questions or page is not Page.ADMINISTRATOR)


def steps_of(model: RunModel, pages: tuple[Page, ...]) -> tuple[WizardStep, ...]:
    """Welcome, the pages, Summary."""
    return (
        WizardStep(page_id=WELCOME, title=_("Welcome"), sign=Icon.SHIELD),
        *(
            WizardStep(page_id=PAGE_IDS[page], title=page_title(page), sign=model.page_sign(page))
            for page in pages
        ),
        WizardStep(page_id=SUMMARY, title=_("Summary"), sign=model.summary_sign() or Icon.CLOCK),
    )


def show_progress(step_list: StepList, model: RunModel, now_s: float) -> None:
    """Count, bar, time left and run code at the foot of the rail."""
    if not model.total:
        step_list.set_progress("", 0.0, "", "")
        return
    count = _("{done} of {total} checks").format(done=model.done, total=model.total)
    share = model.share(now_s) if model.busy else model.done / model.total
    step_list.set_progress(count, share, left_words(model, now_s), model.run_code)


def left_words(model: RunModel, now_s: float) -> str:
    """One line: time left, or how the run ended."""
    match model.stage:
        case RunStage.STOPPING:
            return _("Stopping...")
        case RunStage.FINISHED if model.stopped:
            return _("Stopped")
        case RunStage.FINISHED:
            took_s = seconds_taken(model.report) if model.report is not None else None
            if took_s is None:
                return _("Finished")
            return _("Finished in {time}").format(time=duration_words(took_s))
        case RunStage.OPENED:
            return _("Opened from a file")
        case _:
            return time_left(model.seconds_left(now_s))
