"""Where results are printed."""

from typing import NoReturn

from rich.console import Console


class Output(Console):
    """Standard output; rich would end the program with 1, which means "not ready" here."""

    def __init__(self) -> None:
        super().__init__(highlight=False)

    def on_broken_pipe(self) -> NoReturn:
        self.quiet = True
        raise BrokenPipeError
