"""natwizard-gui: the empty window at once, so that nobody clicks twice; then what is in it."""

import sys
from importlib import import_module

from natwizard.gui.application import the_application
from natwizard.gui.shell import Shell

IN_TURN = (
    "msgspec",
    "natwizard.gui.appearance",
    "natwizard.profiles.find",
    "natwizard.gui.pages.welcome",
    "natwizard.gui.wizard",
    "natwizard.gui.app",
)
"""What the first page needs, in pieces: between two of them the window paints and can be closed."""


def entry() -> None:
    """Show the window, load what belongs into it, and run until it is closed."""
    application = the_application()
    shell = Shell()
    shell.show_at_once()
    for module in IN_TURN:
        import_module(module)
        application.processEvents()
        if not shell.isVisible():
            shell.put_away()
            sys.exit(0)
    from natwizard.gui.app import open_or_explain

    code = open_or_explain(shell)
    shell.put_away()
    sys.exit(code)
