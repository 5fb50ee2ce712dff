"""Every pair of colours in the stylesheet and the palette that the window really uses."""

import re
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QDialog, QPushButton

from natwizard.drawing.tokens import THEMES, Theme, contrast, type_scale
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.style import palette, stylesheet
from natwizard.model.finding import Status

TEXT, LARGE = 4.5, 3.0
RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
ON_ANY_GROUND = ("QLabel", "QCheckBox", 'QPushButton[kind="link"]', 'QPushButton[kind="inline"]')
FIELDS = ("QLineEdit", "QSpinBox", "QComboBox", "QPlainTextEdit", "QMenu", "QPushButton")

Role = QPalette.ColorRole
PAIRS = (
    (Role.WindowText, Role.Window), (Role.Text, Role.Base), (Role.Text, Role.AlternateBase),
    (Role.ButtonText, Role.Button), (Role.HighlightedText, Role.Highlight),
    (Role.ToolTipText, Role.ToolTipBase), (Role.Link, Role.Window),
    (Role.PlaceholderText, Role.Base),
)  # fmt: skip


def rules(theme: Theme) -> Iterator[tuple[str, dict[str, str]]]:
    """Selector and properties, one selector at a time."""
    sheet = stylesheet(theme, type_scale(1.0), round)
    for match in RULE.finditer(sheet):
        pairs = (line.split(":", 1) for line in match["body"].split(";") if ":" in line)
        properties = {name.strip(): value.strip() for name, value in pairs}
        for selector in match["selectors"].split(","):
            yield selector.strip(), properties


def grounds(theme: Theme, selector: str, properties: dict[str, str]) -> list[str]:
    """What a rule's text stands on."""
    own = COLOUR.search(properties.get("background", ""))
    if own:
        return [own[0]]
    if selector.startswith(ON_ANY_GROUND):
        return [theme.canvas, theme.surface, theme.sunken]
    if selector.startswith("QListWidget"):
        return [theme.sidebar, theme.surface, theme.hover]
    return [theme.canvas, theme.surface]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_of_every_rule_reads_on_its_ground(theme: Theme) -> None:
    seen = 0
    for selector, properties in rules(theme):
        for ink in ("color", "placeholder-text-color"):
            if COLOUR.fullmatch(properties.get(ink, "")):
                for backdrop in grounds(theme, selector, properties):
                    seen += 1
                    assert contrast(properties[ink], backdrop) >= TEXT, (selector, ink, backdrop)
        inverse = properties.get("selection-color"), properties.get("selection-background-color")
        if inverse[0] and inverse[1]:
            assert contrast(inverse[0], inverse[1]) >= TEXT, selector
    assert seen > 40


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_edge_of_every_control_is_seen(theme: Theme) -> None:
    seen = 0
    for selector, properties in rules(theme):
        border = COLOUR.search(properties.get("border", "") + properties.get("border-color", ""))
        if border and selector.startswith(FIELDS):
            seen += 1
            for backdrop in (theme.canvas, theme.surface):
                assert contrast(border[0], backdrop) >= LARGE, selector
    assert seen > 8


@pytest.mark.parametrize("kind", ["", "primary", "small"])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_disabled_button_is_told_by_its_shape(look: Appearance, theme: Theme, kind: str) -> None:
    look.use(theme)
    button = QPushButton("")
    button.setProperty("kind", kind)
    button.setFixedWidth(120)
    enabled, fill = edge_and_fill(button)
    assert len(enabled) == 1, "the edge is one line"
    button.setEnabled(False)
    disabled, empty = edge_and_fill(button)
    assert len(disabled) > 1, "the edge has gaps"
    assert empty == QColor(theme.canvas)
    assert (fill == empty) is (kind != "primary")


def edge_and_fill(button: QPushButton) -> tuple[set[str], QColor]:
    """Colours along the left edge, between the round corners, and the one in the middle."""
    holder = QDialog()
    button.setParent(holder)
    button.move(0, 0)
    button.show()
    holder.ensurePolished()
    picture = holder.grab().toImage()
    button.setParent(None)
    edge = {picture.pixelColor(0, y).name() for y in range(9, button.height() - 9)}
    return edge, picture.pixelColor(60, button.height() // 2)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_palette_reads(theme: Theme) -> None:
    made = palette(theme)
    for ink, backdrop in PAIRS:
        assert contrast(made.color(ink).name(), made.color(backdrop).name()) >= TEXT, (
            ink,
            backdrop,
        )
    for role in (Role.Text, Role.ButtonText):
        disabled = made.color(QPalette.ColorGroup.Disabled, role).name()
        assert contrast(disabled, theme.canvas) >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("status", Status)
def test_what_is_painted_beside_words_is_seen(theme: Theme, status: Status) -> None:
    colour = theme.status(status).foreground
    for backdrop in (theme.canvas, theme.surface, theme.sunken, theme.sidebar, theme.hover):
        assert contrast(colour, backdrop) >= LARGE, "glyphs"
    for backdrop in (theme.surface, theme.sunken):
        assert contrast(colour, backdrop) >= TEXT, "status words"
    for backdrop in (theme.canvas, theme.surface, theme.sidebar):
        assert contrast(theme.accent, backdrop) >= LARGE, "the ring around the keyboard's control"
    assert contrast(colour, theme.track) >= LARGE, "the dot on the limit bar"
    assert contrast(theme.text, theme.track) >= LARGE, "its tick"
