"""The look in force: theme, sizes and fonts; changes with the system and with F11."""

import sys

from msgspec import structs
from PySide6.QtCore import QElapsedTimer, QObject, QRectF, QSizeF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QBoxLayout
from shiboken6 import isValid

from natwizard.drawing.base_palette import ThemeName
from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.tokens import (
    HIGH_CONTRAST,
    LIGHT,
    StatusColours,
    Theme,
    TypeScale,
    theme_named,
    type_scale,
)
from natwizard.gui.application import use_fusion
from natwizard.gui.look.preferences import (
    contrast_ground,
    factor_of,
    system_font,
    system_theme_name,
)
from natwizard.gui.look.style import palette, stylesheet

# Twenty a second, one timer for all: arcs that turn must not take time from what is measured
FRAME_MS = 50
TURN_MS = 1200
FOLD_MS = 120


class Motion(QObject):
    """How far the arcs have come round.

    Signals:
        ticked: draw anything that turns again.
    """

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self.ticked)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._wanted, self._quiet, self._visible = False, False, True
        self._resting_turn = 0.0
        self._still = False

    @property
    def turn(self) -> float:
        """0 to 1; stands still while nothing may move."""
        if self._timer.isActive():
            self._resting_turn = (self._clock.elapsed() % TURN_MS) / TURN_MS
        return self._resting_turn

    @property
    def reduced(self) -> bool:
        """Whether the person, or the system (Windows tells), asks for as little as possible."""
        system = sys.platform == "win32" and not QApplication.isEffectEnabled(
            Qt.UIEffect.UI_AnimateMenu
        )
        return self._still or system

    @property
    def fold_ms(self) -> int:
        """How long folding takes."""
        return 0 if self.reduced else FOLD_MS

    def keep_still(self, *, still: bool) -> None:
        """Whether the person asks for rest."""
        self._still = still
        self._update()

    def run(self, *, wanted: bool, quiet: bool) -> None:
        """Whether something runs, and whether the line is being measured alone."""
        self._wanted, self._quiet = wanted, quiet
        self._update()

    def show(self, *, visible: bool) -> None:
        """Whether anyone can see it."""
        self._visible = visible
        self._update()

    def _update(self) -> None:
        moves = self._wanted and self._visible and not self._quiet and not self.reduced
        if moves and not self._timer.isActive():
            self._timer.start()
        elif not moves and self._timer.isActive():
            self._timer.stop()


HELPDESK_FACTOR = 1.25
ICON_PX = 20
# Of a screen's pixels to logical ones: between them Qt scales the next picture
RATIOS = (1.0, 1.5, 2.0, 3.0)


class Appearance(QObject):
    """What every widget draws itself with.

    Signals:
        changed: sizes or colours are different now; palette and stylesheet are set already.
    """

    changed = Signal()

    def __init__(
        self, app: QApplication, *, theme: Theme | None = None, font: QFont | None = None
    ) -> None:
        super().__init__(app)
        self._app = app
        self._fixed = theme
        self._base = font or system_font()
        self._system_factor = factor_of(self._base)
        self.helpdesk_size = False
        self._icons: dict[tuple[Icon, str], QIcon] = {}
        self.motion = Motion(self)
        self.theme: Theme = LIGHT
        self.type: TypeScale = TypeScale()
        use_fusion(app)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        self._apply()

    @property
    def factor(self) -> float:
        """All sizes are multiplied by this."""
        return self._system_factor * (HELPDESK_FACTOR if self.helpdesk_size else 1.0)

    def px(self, size: float) -> int:
        """A size of the look, in logical pixels of this window."""
        return round(size * self.factor)

    def toggle_helpdesk_size(self) -> None:
        """Larger type, for a shared screen."""
        self.helpdesk_size = not self.helpdesk_size
        self._apply()

    def use(self, theme: Theme | None) -> None:
        """Stay with a theme; None follows the system again."""
        self._fixed = theme
        self._apply()

    def font(self, size_px: int, *, bold: int = 400, tabular: bool = False) -> QFont:
        """The system's face in one of our sizes; `tabular` for figures that change."""
        font = QFont(self._base)
        font.setPixelSize(size_px)
        # 400, 600 and 700 only: Segoe UI has no 500
        font.setWeight(QFont.Weight(bold))
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def space(
        self,
        layout: QBoxLayout,
        *,
        margins: tuple[float, float, float, float] = (0, 0, 0, 0),
        spacing: float = 0,
    ) -> None:
        """Margins and spacing of a layout that outlives a change of sizes."""

        def apply() -> None:
            if isValid(layout):
                layout.setContentsMargins(*(self.px(margin) for margin in margins))
                layout.setSpacing(self.px(spacing))

        apply()
        self.changed.connect(apply)

    def icon(self, icon: Icon, colour: str = "") -> QIcon:
        """A line icon for a button, sharp at every device ratio; drawn once for each look."""
        key = icon, colour or self.theme.text
        if key not in self._icons:
            made = self._icons[key] = QIcon()
            for ratio in RATIOS:
                made.addPixmap(self._pixmap(icon, key[1], ratio))
                made.addPixmap(self._pixmap(icon, self.theme.text_3, ratio), QIcon.Mode.Disabled)
        return self._icons[key]

    def _pixmap(self, icon: Icon, colour: str, ratio: float) -> QPixmap:
        side = self.px(ICON_PX)
        pixmap = QPixmap((QSizeF(side, side) * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_icon(painter, QRectF(0, 0, side, side), icon, colour)
        painter.end()
        return pixmap

    @Slot()
    def _system_changed(self) -> None:
        self._apply()

    def _apply(self) -> None:
        self._icons.clear()
        self.theme = self._fixed or system_theme()
        self.type = type_scale(self.factor)
        self._app.setFont(self.font(self.type.body))
        self._app.setPalette(palette(self.theme))
        self._app.setStyleSheet(stylesheet(self.theme, self.type, self.px))
        self.changed.emit()


def system_theme() -> Theme:
    """What the system asks for: its own colours in high contrast, else dark or light."""
    name = system_theme_name()
    if name is ThemeName.HIGH_CONTRAST and sys.platform == "win32":
        return _system_colours()
    return theme_named(name)


def _system_colours() -> Theme:
    """Windows' contrast themes; only shapes and words are ours."""
    system, palette_now = contrast_ground(), QGuiApplication.palette()
    window, text = system.canvas, system.text
    status = StatusColours(foreground=text, soft=window, fill=window)
    return structs.replace(
        HIGH_CONTRAST,
        canvas=window,
        surface=window,
        sidebar=system.sidebar,
        sunken=window,
        hover=palette_now.color(QPalette.ColorRole.Button).name().upper(),
        line=system.line,
        track=palette_now.color(QPalette.ColorRole.Mid).name().upper(),
        control=text,
        text=text,
        text_2=text,
        text_3=text,
        accent=system.accent,
        accent_hover=system.accent,
        on_accent=system.on_accent,
        accent_soft=window,
        on_fill=text,
        passed=status,
        borderline=status,
        warn=status,
        fail=status,
        unknown=status,
        manual=status,
        not_applicable=status,
        series=(text,) * len(HIGH_CONTRAST.series),
    )
