"""Small buttons with an icon; the one that copies says so when it has."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from natwizard.drawing.icons import Icon
from natwizard.gui.look.appearance import ICON_PX, Appearance
from natwizard.model.language import _
from natwizard.report.plain import plain

COPIED_MS = 2000
ENTER_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
ICON_GAP = "  "
MARKED_TEXT = "marked_text"


class IconButton(QPushButton):
    """A button with a line icon, in the small size by default."""

    def __init__(
        self,
        look: Appearance,
        icon: Icon,
        text: str,
        *,
        kind: str = "small",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._icon = look, icon
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.set_label(text)
        self._draw_icon()
        look.changed.connect(self._draw_icon)

    def set_label(self, text: str, icon: Icon | None = None) -> None:
        """Change the words, and the icon."""
        set_words(self, text, icon=True)
        if icon is not None:
            self._icon = icon
            self._draw_icon()

    @Slot()
    def _draw_icon(self) -> None:
        side = self._look.px(ICON_PX)
        primary = self.property("kind") == "primary"
        colour = self._look.theme.on_accent if primary else ""
        self.setIcon(self._look.icon(self._icon, colour))
        self.setIconSize(QSize(side, side))


class LinkButton(QPushButton):
    """Opens a web page in the browser; looks like a link, and is one for the keyboard."""

    def __init__(self, text: str, url: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._url = url
        self.setProperty("kind", "inline")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setText(plain(text).replace("&", "&&"))
        self.setToolTip(url)
        self.setMinimumWidth(1)  # where it is too long it is cut, and makes no page wider
        self.clicked.connect(self._open)

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._url))


class CopyButton(IconButton):
    """Puts a text on the clipboard and says "Copied" for two seconds."""

    def __init__(
        self,
        look: Appearance,
        text: str,
        content: str,
        parent: QWidget | None = None,
        *,
        kind: str = "small",
    ) -> None:
        super().__init__(look, Icon.COPY, text, kind=kind, parent=parent)
        self._words, self._content = text, content
        self._back = QTimer(self, interval=COPIED_MS, singleShot=True)
        self._back.timeout.connect(self._restore)
        self.clicked.connect(self._copy)

    def set_content(self, content: str) -> None:
        """Copy another text from now on; nothing to copy is nothing to press."""
        self._content = content
        self.setEnabled(bool(content))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._content)
        self.setMinimumWidth(self.width())
        self.set_label(_("Copied"), Icon.TICK)
        self._back.start()

    @Slot()
    def _restore(self) -> None:
        self.set_label(self._words, Icon.COPY)


class ActionLink(QPushButton):
    """A command as a link within a page, with the words and the state of its action."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        self.setProperty("kind", "inline")
        self.setAutoDefault(False)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        words = self._action.text().replace("&", "")
        if self.text() != words:
            set_words(self, words)
        self.setEnabled(self._action.isEnabled())
        shown = self._action.isVisible()
        if self.parent() is not None or not shown:  # without a parent it would be a window
            self.setVisible(shown)


class AltLetters(QObject):
    """Underlines the Alt letters of a window's buttons for as long as Alt is held, as Windows does.

    Fusion would underline them at all times. The window is filtered only while they are shown: an
    event filter in Python costs time with every event.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def show(self) -> None:
        """Alt went down."""
        self._window.removeEventFilter(self)
        self._window.installEventFilter(self)
        self._set_shown(shown=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        released = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyRelease
        alt = released and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt
        # Alt+Tab: the release goes to the other window
        if alt or event.type() == QEvent.Type.WindowDeactivate:
            self._window.removeEventFilter(self)
            self._set_shown(shown=False)
        return super().eventFilter(watched, event)

    def _set_shown(self, *, shown: bool) -> None:
        for button in self._window.findChildren(QAbstractButton):
            marked = button.property(MARKED_TEXT)
            if isinstance(marked, str) and marked.replace("&", "") == button.text().replace(
                "&", ""
            ):
                letter = button.shortcut()
                button.setText(marked if shown else marked.replace("&", ""))
                button.setShortcut(letter)  # each new text takes the shortcut away


def show_alt_letters(window: QWidget) -> None:
    """Underline the letters of a window until Alt is released."""
    made = window.findChild(AltLetters, options=Qt.FindChildOption.FindDirectChildrenOnly)
    (made or AltLetters(window)).show()


def press_focused(window: QWidget, event: QKeyEvent) -> bool:
    """Press the button that has the keyboard, if the key is Enter; whether that was done.

    Alt alone shows the letters that it takes.

    Our buttons are not autoDefault, so that Enter in a field does not press whatever comes
    next; a dialog then ignores Enter on a button, too.
    """
    if event.key() == Qt.Key.Key_Alt:
        show_alt_letters(window)
    focused = window.focusWidget()
    if event.key() not in ENTER_KEYS or not isinstance(focused, QAbstractButton):
        return False
    focused.click()
    return True


def set_words(button: QAbstractButton, text: str, *, icon: bool = False) -> None:
    """Words with an Alt letter, the one after "&"; it is underlined while Alt is held.

    The shortcut stays readable to screen readers.
    """
    words = text.replace("&", "")
    shown = ICON_GAP + words if icon else words
    letter = QKeySequence.mnemonic(text)
    if button.text() != shown or button.shortcut() != letter:
        button.setText(shown)
        button.setProperty(MARKED_TEXT, ICON_GAP + text if icon else text)
        button.setShortcut(letter)
        button.setAccessibleName(words)
