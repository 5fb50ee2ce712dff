"""Every command of the window, once: text, icon, shortcut, and when it may be used.

Footer buttons, menus and shortcuts share these QActions, so that no command is offered in one
place and refused in another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from natwizard.drawing.icons import Icon
from natwizard.gui.run.run_model import RunStage
from natwizard.model.language import N_, _

BUSY = {RunStage.RUNNING, RunStage.STOPPING}


class Command(Enum):
    """What a person can ask the window to do."""

    START = auto()
    NEXT_PAGE = auto()
    PREVIOUS_PAGE = auto()
    STOP = auto()
    RUN_PAGE_AGAIN = auto()
    RUN_AGAIN = auto()
    RUN_FAILED_AGAIN = auto()
    SAVE_PDF = auto()
    SAVE_JSON = auto()
    SAVE_HTML = auto()
    COPY_FOR_HELPDESK = auto()
    SEND_TO_HELPDESK = auto()
    SHOW_SENT = auto()
    OPEN_REPORT = auto()
    MORE = auto()
    SETTINGS = auto()
    PLANNER = auto()
    GUIDE = auto()
    HISTORY = auto()
    COMPARE = auto()
    WATCH = auto()
    SHOW_NAMES = auto()
    HIDE_NAMES = auto()
    LARGER_TYPE = auto()
    CLOSE = auto()


class CommandSpec(Struct, frozen=True, kw_only=True):
    """How a command is offered.

    Attributes:
        text: marked for translation; "&" is before the letter that Alt reaches.
        kind: the stylesheet's kind of a button for it ("primary", "link").
        shortcut: as QKeySequence reads it; one key may serve two commands of which never both
            are enabled.
    """

    text: str
    icon: Icon | None = None
    kind: str = ""
    shortcut: str = ""
    checkable: bool = False


COMMANDS: Final[Mapping[Command, CommandSpec]] = {
    Command.START: CommandSpec(text=N_("&Start checks"), kind="primary"),
    Command.NEXT_PAGE: CommandSpec(text=N_("&Next"), kind="primary"),
    Command.PREVIOUS_PAGE: CommandSpec(text=N_("&Back")),
    Command.STOP: CommandSpec(text=N_("&Stop")),
    Command.RUN_PAGE_AGAIN: CommandSpec(
        text=N_("&Run this page again"), icon=Icon.RERUN, shortcut="F5"
    ),
    Command.RUN_AGAIN: CommandSpec(text=N_("&Run again"), icon=Icon.RERUN, shortcut="F5"),
    Command.RUN_FAILED_AGAIN: CommandSpec(text=N_("Run again what did not pass")),
    Command.SAVE_PDF: CommandSpec(
        text=N_("&Save PDF"), icon=Icon.SAVE, kind="primary", shortcut="Ctrl+S"
    ),
    Command.SAVE_JSON: CommandSpec(text=N_("Save JSON...")),
    Command.SAVE_HTML: CommandSpec(text=N_("Save HTML, for screen readers...")),
    Command.COPY_FOR_HELPDESK: CommandSpec(text=N_("Copy for the &helpdesk"), icon=Icon.COPY),
    Command.SEND_TO_HELPDESK: CommandSpec(text=N_("Send to helpdesk"), shortcut="Ctrl+E"),
    Command.SHOW_SENT: CommandSpec(text=N_("Show what is sent")),
    Command.OPEN_REPORT: CommandSpec(text=N_("Open a &report..."), kind="link", shortcut="Ctrl+O"),
    Command.MORE: CommandSpec(text=N_("&More"), icon=Icon.MORE),
    Command.SETTINGS: CommandSpec(text=N_("Settings...")),
    Command.PLANNER: CommandSpec(text=N_("Planner...")),
    Command.GUIDE: CommandSpec(text=N_("Guide: what each row means..."), shortcut="F1"),
    Command.HISTORY: CommandSpec(text=N_("Runs on this computer..."), shortcut="Ctrl+H"),
    Command.COMPARE: CommandSpec(text=N_("Compare runs..."), shortcut="Ctrl+M"),
    Command.WATCH: CommandSpec(text=N_("Watch this connection..."), shortcut="Ctrl+T"),
    Command.SHOW_NAMES: CommandSpec(
        text=N_("Show names and addresses in copies and files"), checkable=True
    ),
    Command.HIDE_NAMES: CommandSpec(text=N_("Hide names"), shortcut="F9", checkable=True),
    Command.LARGER_TYPE: CommandSpec(
        text=N_("Larger type for a shared screen"), shortcut="F11", checkable=True
    ),
    Command.CLOSE: CommandSpec(text=N_("&Close")),
}

HELPDESK_COMMANDS = (
    Command.RUN_FAILED_AGAIN,
    Command.HISTORY,
    Command.COMPARE,
    Command.WATCH,
)
MORE_MENU = (
    (Command.SEND_TO_HELPDESK, Command.SHOW_SENT),
    (Command.SAVE_JSON, Command.SAVE_HTML, Command.OPEN_REPORT, Command.SETTINGS, Command.PLANNER),
    HELPDESK_COMMANDS,
    (Command.SHOW_NAMES, Command.GUIDE),
)
TOOLS_MENU = (HELPDESK_COMMANDS, (Command.LARGER_TYPE, Command.GUIDE))


class Place(Enum):
    """Which kind of page is open."""

    WELCOME = auto()
    CHECKS = auto()
    SUMMARY = auto()


class WindowState(Struct, frozen=True, kw_only=True):
    """What decides which commands may be used.

    Attributes:
        page_can_run: something on the open page can be measured again.
        failed_can_run: something that did not pass can be measured again.
        names_can_show: the report holds names, and nobody hides them on the screen.
        shares: the profile names somebody who gets the results.
        sending: this one is under way to them.
    """

    place: Place
    stage: RunStage
    has_report: bool = False
    page_can_run: bool = False
    failed_can_run: bool = False
    names_can_show: bool = False
    shares: bool = False
    sending: bool = False

    @property
    def busy(self) -> bool:
        """Whether a run goes on."""
        return self.stage in BUSY

    @property
    def settled(self) -> bool:
        """Whether there is a report and nothing that changes it."""
        return self.has_report and not self.busy


def enabled_commands(state: WindowState) -> frozenset[Command]:
    """The commands that may be used. Pure: the one place that decides it."""
    on_checks, on_summary = state.place is Place.CHECKS, state.place is Place.SUMMARY
    own = state.stage is RunStage.FINISHED
    allowed = {
        Command.NEXT_PAGE: True,
        Command.PREVIOUS_PAGE: True,
        Command.CLOSE: True,
        Command.SETTINGS: True,
        Command.PLANNER: True,
        Command.GUIDE: True,
        Command.WATCH: True,
        Command.HIDE_NAMES: True,
        Command.LARGER_TYPE: True,
        Command.START: not state.busy,
        Command.STOP: state.stage is RunStage.RUNNING,
        Command.RUN_PAGE_AGAIN: on_checks and state.page_can_run,
        Command.RUN_AGAIN: on_summary and own,
        Command.RUN_FAILED_AGAIN: own and state.failed_can_run,
        Command.OPEN_REPORT: not state.busy,
        Command.HISTORY: not state.busy,
        Command.COMPARE: not state.busy,
        Command.MORE: state.settled,
        Command.SAVE_PDF: state.settled,
        Command.SAVE_JSON: state.settled,
        Command.SAVE_HTML: state.settled,
        Command.COPY_FOR_HELPDESK: state.settled,
        Command.SEND_TO_HELPDESK: state.settled and not state.sending,
        Command.SHOW_SENT: state.shares and not state.busy,
        Command.SHOW_NAMES: state.settled and state.names_can_show,
    }
    return frozenset(command for command, may in allowed.items() if may)


def hidden_commands(state: WindowState) -> frozenset[Command]:
    """The commands that make no sense now and are not even shown."""
    hidden = set()
    if state.stage is RunStage.OPENED:
        hidden |= {Command.RUN_PAGE_AGAIN}
    if state.stage is not RunStage.FINISHED:
        hidden |= {Command.RUN_AGAIN, Command.RUN_FAILED_AGAIN}
    if not state.busy:
        hidden |= {Command.STOP}
    if not state.shares:
        hidden |= {Command.SHOW_SENT}
    return frozenset(hidden)


class Actions(QObject):
    """The QActions of one window, by command; their shortcuts work in all of it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._actions: dict[Command, QAction] = {}
        for command, spec in COMMANDS.items():
            action = QAction(self)
            action.setCheckable(spec.checkable)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
                action.setShortcutVisibleInContextMenu(True)
                window.addAction(action)
            self._actions[command] = action
        self.retranslate()

    def __getitem__(self, command: Command) -> QAction:
        return self._actions[command]

    def connect_to(self, command: Command, do: Callable[[], object]) -> None:
        """Have a command done; of a checkable one connect `toggled` instead."""
        self[command].triggered.connect(lambda _checked=False: do())

    def retranslate(self) -> None:
        """All texts in the language of now."""
        for command, action in self._actions.items():
            action.setText(_(COMMANDS[command].text))

    def refresh(self, state: WindowState) -> None:
        """Let each command be used, or not, as the window stands."""
        enabled, hidden = enabled_commands(state), hidden_commands(state)
        for command, action in self._actions.items():
            action.setEnabled(command in enabled)
            action.setVisible(command not in hidden)

    def pop_up(
        self, groups: Sequence[Iterable[Command]], button: QWidget, parent: QWidget
    ) -> QMenu:
        """A menu of commands above a button, with a line between groups."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for index, group in enumerate(groups):
            if index:
                menu.addSeparator()
            for command in group:
                menu.addAction(self[command])
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
        return menu
