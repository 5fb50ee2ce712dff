"""Text for the terminal whose no-break spaces hold: rich breaks a line at any white space."""

from typing import TYPE_CHECKING, Final, NoReturn

from rich.console import Console
from rich.text import Text as RichText

from natwizard.model.writing import NARROW_NBSP, NBSP
from natwizard.report.plain import close_isolates

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, JustifyMethod, OverflowMethod
    from rich.containers import Lines
    from rich.measure import Measurement


NARROWEST: Final = 40
"""Columns: COLUMNS may say 0, with which rich prints nothing, or so few that each line is a letter.
A terminal that really has fewer breaks the lines itself."""


class TerminalOutput(Console):
    """Standard output; rich would end the program with 1, which means "not ready" here."""

    def __init__(self) -> None:
        super().__init__(highlight=False)
        if self.width < NARROWEST:
            self.width = NARROWEST

    def on_broken_pipe(self) -> NoReturn:
        self.quiet = True
        raise BrokenPipeError


# private-use characters: no white space to rich, one cell wide, and in no text of ours
HELD = str.maketrans({NBSP: "\ue000", NARROW_NBSP: "\ue001"})
FREED = str.maketrans({"\ue000": NBSP, "\ue001": NARROW_NBSP})


class Text(RichText):
    """Keeps numbers and their units on one line."""

    def copy(self) -> "Text":
        """The same, of this kind: adding texts up copies them."""
        made = self.blank_copy(self.plain)
        made.spans = list(self.spans)
        return made

    def blank_copy(self, plain: str = "") -> "Text":
        """Another text in the same style."""
        return Text(
            plain,
            style=self.style,
            justify=self.justify,
            overflow=self.overflow,
            no_wrap=self.no_wrap,
            end=self.end,
            tab_size=self.tab_size,
        )

    def wrap(
        self,
        console: "Console",
        width: int,
        *,
        justify: "JustifyMethod | None" = None,
        overflow: "OverflowMethod | None" = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> "Lines":
        """As rich wraps, with what must stay together held together meanwhile."""
        lines = self._held().wrap(console, width, justify=justify, overflow=overflow,
                                  tab_size=tab_size, no_wrap=no_wrap)  # fmt: skip
        for line in lines:
            line.plain = line.plain.translate(FREED)
        close_isolates(lines)
        return lines

    def __rich_measure__(self, console: "Console", options: "ConsoleOptions") -> "Measurement":
        return self._held().__rich_measure__(console, options)

    def _held(self) -> RichText:
        held = RichText.copy(self)
        held.plain = held.plain.translate(HELD)
        return held
