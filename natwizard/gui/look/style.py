"""Tokens as a palette and as one stylesheet for the whole application."""

from collections.abc import Callable
from string import Template

from PySide6.QtGui import QColor, QPalette

from natwizard.drawing.tokens import RADIUS, Theme, TypeScale

SHEET = Template("""
QWizard, QWizardPage, QDialog { background: $canvas; color: $text; }
QLabel { color: $text; background: transparent; font-size: ${body}px; }
QLabel[face="title"] { font-size: ${title}px; font-weight: 700; }
QLabel[face="lead"] { font-size: ${lead}px; font-weight: 600; }
QLabel[face="remedy"] { font-size: ${lead}px; }
QLabel[face="strong"] { font-weight: 600; }
QLabel[face="meta"] { font-size: ${meta}px; }
QLabel[face="code"] { font-weight: 600; }
QLabel[tone="2"] { color: $text_2; }
QLabel[tone="3"] { color: $text_3; }
QLabel[tone="fail"] { color: $fail; }
QLabel[tone="accent"] { color: $accent; }
QFrame[box="group"] { background: $surface; border: ${line_px}px solid $line;
  border-radius: ${r_group}px; }
QFrame[box="rule"] { background: $line; border: none; }
QFrame[box="strip"] { background: $accent_soft; border: ${strip_px}px solid $line;
  border-radius: ${r_group}px; }
QFrame[box="notice"] { background: $surface; border: ${line_px}px solid $control;
  border-radius: ${r_group}px; }
QFrame[box="sidebar"] { background: $sidebar; border: none;
  border-right: ${line_px}px solid $line; }
QPushButton { color: $text; background: $canvas; border: ${line_px}px solid $control;
  border-radius: ${r_control}px; font-size: ${body}px; padding: 0 ${pad}px;
  min-height: ${button}px; max-height: ${button}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $track; }
QPushButton:focus { outline: none; }
QMessageBox QLabel#qt_msgbox_label { font-size: ${lead}px; font-weight: 600; }
QMessageBox QPushButton:focus { border: 2px solid $accent; }
QPushButton[kind="primary"] { color: $on_accent; background: $accent; border-color: $accent;
  font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="small"] { min-height: ${small}px; max-height: ${small}px;
  padding: 0 ${small_pad}px; }
QPushButton[kind="small"]:checked { background: $accent_soft; border-color: $accent;
  font-weight: 600; }
QPushButton[tight="true"] { padding: 0 ${tight_pad}px; }
QPushButton[kind="link"] { color: $accent; background: transparent; border: none; padding: 0; }
QPushButton[kind="link"]:hover { color: $accent_hover; text-decoration: underline; }
QPushButton[kind="inline"] { color: $accent; background: transparent; border: none; padding: 0;
  min-height: ${line_box}px; max-height: ${line_box}px; }
QPushButton[kind="inline"]:hover { color: $accent_hover; text-decoration: underline; }
QLineEdit, QSpinBox { color: $text; background: $surface; border: ${line_px}px solid $control;
  border-radius: ${r_control}px; padding: 0 ${field_pad}px; font-size: ${body}px;
  min-height: ${button}px; max-height: ${button}px;
  selection-background-color: $accent; selection-color: $on_accent;
  placeholder-text-color: $text_3; }
QLineEdit:focus, QSpinBox:focus { border-color: $accent; }
QLineEdit[wrong="true"] { border-color: $fail; }
QComboBox { color: $text; background: $surface; border: ${line_px}px solid $control;
  border-radius: ${r_control}px; padding: 0 ${field_pad}px; font-size: ${body}px;
  min-height: ${button}px; max-height: ${button}px; combobox-popup: 0; }
QComboBox:focus { border-color: $accent; }
QPushButton:disabled, QPushButton[kind="primary"]:disabled, QLineEdit:disabled, QSpinBox:disabled,
QComboBox:disabled { color: $text_3; background: transparent; border-color: $control;
  border-style: dashed; }
QComboBox::drop-down { border: none; width: ${button}px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { color: $text; background: $surface;
  border: ${line_px}px solid $control; outline: none; font-size: ${body}px;
  selection-background-color: $accent; selection-color: $on_accent; }
QTableView { color: $text; background: $surface; border: ${line_px}px solid $line;
  outline: none; font-size: ${body}px; gridline-color: $line;
  selection-background-color: $accent_soft; selection-color: $text; }
QTableView:focus { border-color: $accent; }
QTableView::item { padding: 0 ${gap}px; border: none; }
QTableView::item:selected { background: $accent_soft; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { color: $text_2; background: $surface; border: none;
  border-bottom: ${line_px}px solid $line; padding: ${gap}px ${field_pad}px; font-size: ${meta}px; }
QCheckBox { color: $text; spacing: ${gap}px; font-size: ${body}px; }
QMenu { color: $text; background: $surface; border: ${line_px}px solid $control;
  padding: ${gap}px 0; font-size: ${body}px; }
QMenu::item { padding: ${gap}px ${pad}px; }
QMenu::item:disabled { color: $text_3; font-style: italic; }
QMenu::item:selected { background: $hover; color: $text; }
QMenu::separator { height: 1px; background: $line; margin: ${gap}px 0; }
QPlainTextEdit { color: $text; background: $surface; border: ${line_px}px solid $control;
  border-radius: ${r_control}px; padding: ${gap}px; font-size: ${body}px;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit:focus { border-color: $accent; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: ${bar}px; margin: 0; }
QScrollBar::handle:vertical { background: $control; border-radius: ${bar_radius}px;
  min-height: 32px; margin: 0 2px; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
QToolTip { color: $text; background: $surface; border: 1px solid $control; padding: 4px;
  font-size: ${body}px; }
QListView { background: transparent; border: none; outline: none; }
QListWidget { background: $sidebar; border: none; border-right: ${line_px}px solid $line;
  outline: none; font-size: ${body}px; padding: ${gap}px 0; }
QListWidget::item { color: $text; padding: ${gap}px ${pad}px;
  border: ${line_px}px solid transparent;
  border-radius: ${r_control}px; margin: 1px ${gap}px; }
QListWidget::item:hover { background: $hover; }
QListWidget::item:selected { background: $surface; color: $text; border-color: $line; }
""")


def stylesheet(theme: Theme, sizes: TypeScale, px: Callable[[float], int]) -> str:
    """The whole sheet. Heights leave out borders, as QSS counts them."""
    borders = 2 * theme.line_px
    return SHEET.substitute(
        canvas=theme.canvas,
        surface=theme.surface,
        sidebar=theme.sidebar,
        hover=theme.hover,
        sunken=theme.sunken,
        line=theme.line,
        track=theme.track,
        control=theme.control,
        text=theme.text,
        text_2=theme.text_2,
        text_3=theme.text_3,
        accent=theme.accent,
        accent_hover=theme.accent_hover,
        accent_soft=theme.accent_soft,
        on_accent=theme.on_accent,
        fail=theme.fail.foreground,
        title=sizes.title,
        lead=sizes.lead,
        body=sizes.body,
        meta=sizes.meta,
        line_px=theme.line_px,
        strip_px=theme.line_px if theme.banner_border_px else 0,
        r_control=px(RADIUS.control),
        r_group=px(RADIUS.group),
        button=px(36) - borders,
        small=px(30) - borders,
        line_box=px(20),
        pad=px(16),
        tight_pad=px(9),
        small_pad=px(12),
        field_pad=px(11),
        gap=px(8),
        bar=px(10),
        bar_radius=px(3),
    )


def palette(theme: Theme) -> QPalette:
    """Colours for what Fusion draws itself. Set before QWizard is made: its frame copies Base."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.canvas,
        QPalette.ColorRole.Base: theme.canvas,
        QPalette.ColorRole.AlternateBase: theme.sunken,
        QPalette.ColorRole.Button: theme.surface,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.surface,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.text_3,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    group = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(group, role, QColor(theme.text_3))
    return made
