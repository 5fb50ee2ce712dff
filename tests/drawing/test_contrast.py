"""Every pair of colours that is read together, in every theme."""

import pytest

from natwizard.drawing.tokens import (
    DARK,
    LIGHT,
    THEMES,
    Theme,
    ThemeName,
    contrast,
    mix,
    type_scale,
)
from natwizard.model.finding import Status

TEXT, LARGE = 4.5, 3.0


def grounds(theme: Theme) -> tuple[str, ...]:
    return theme.canvas, theme.surface, theme.sidebar, theme.sunken


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_reads_on_every_ground(theme: Theme) -> None:
    for palette in (*grounds(theme), theme.hover):
        for ink in (theme.text, theme.text_2):
            assert contrast(ink, palette) >= TEXT
    for palette in grounds(theme):
        assert contrast(theme.text_3, palette) >= TEXT
        assert contrast(theme.accent, palette) >= TEXT
        assert contrast(theme.control, palette) >= LARGE
    assert contrast(theme.on_accent, theme.accent) >= TEXT
    assert contrast(theme.on_accent, theme.accent_hover) >= TEXT
    assert contrast(theme.text, theme.accent_soft) >= TEXT
    assert contrast(theme.accent, theme.accent_soft) >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("status", Status)
def test_a_status_reads_on_every_ground(theme: Theme, status: Status) -> None:
    colours = theme.status(status)
    for palette in (theme.surface, theme.sidebar, colours.soft):
        assert contrast(colours.foreground, palette) >= TEXT
    assert contrast(theme.on_fill, colours.fill) >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_numbers_read_on_every_part_of_a_whole(theme: Theme) -> None:
    assert len(set(theme.series)) == len(theme.series)
    for colour in theme.series:
        assert contrast(theme.surface, colour) >= TEXT


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        (LIGHT.text, LIGHT.canvas, 16.5),
        (LIGHT.passed.foreground, LIGHT.surface, 6.51),
        (DARK.accent, DARK.canvas, 8.18),
        (DARK.fail.foreground, DARK.sidebar, 7.73),
    ],
)
def test_ratios_are_those_of_the_look(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.06)


def test_each_theme_is_there_once() -> None:
    assert [theme.name for theme in THEMES] == list(ThemeName)


def test_sizes_scale_together_and_mixing_stays_between() -> None:
    assert type_scale(1.25).body == 18
    assert type_scale(1.0).meta == 12
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mix("#123456", "#FFFFFF", 1) == "#123456"
