"""natwizard-gui: the empty window at once, so that nobody clicks twice; then what is in it."""

import os
import sys
from importlib import import_module

from natwizard.gui.application import the_application
from natwizard.gui.shell import Shell
from natwizard.system.display import has_display

NO_DISPLAY = 64
"""As natwizard says it (cli/exit_code.py): wrong usage."""

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
    if not (has_display() or os.environ.get("QT_QPA_PLATFORM")):
        # Qt would end the program with words about a library, and a dump
        sys.stderr.write("natwizard-gui: there is no display here; use: natwizard check\n")
        sys.exit(NO_DISPLAY)
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
