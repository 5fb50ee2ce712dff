"""natwizard-gui: the empty window at once, so that nobody clicks twice; then what is in it."""

import gc
import os
import sys
from importlib import import_module

from natwizard.gui.application import import_uninspected, the_application
from natwizard.gui.exit_code import WRONG_USAGE
from natwizard.gui.main_window import MainWindow
from natwizard.system.browser import NO_DISPLAY, has_display
from natwizard.system.home import require_home

IN_TURN = (
    "msgspec",
    "natwizard.gui.look.appearance",
    "natwizard.profiles.find",
    "natwizard.gui.pages.welcome",
    "natwizard.gui.wizard",
    "natwizard.gui.app",
)
"""What the first page needs, in pieces: between two of them the window paints and can be closed."""


# `profiles.setup_file.SUFFIX`, without what that module has to load before the window is there
SETUP_SUFFIX = ".natwizard"


def entry() -> None:
    """Show the window, load what belongs into it, and run until it is closed."""
    if not (has_display() or os.environ.get("QT_QPA_PLATFORM")):
        # Qt would end the program with words about a library, and a dump
        sys.stderr.write(f"natwizard-gui: {NO_DISPLAY}\n")
        sys.exit(WRONG_USAGE)
    require_home()
    # What a start makes stays: looking for garbage in it would take a tenth of the time until the
    # first page. `app.make_the_rest` switches it on again.
    gc.disable()
    try:
        code = _open()
    finally:
        gc.enable()
    sys.exit(code)


def _open() -> int:
    import_uninspected()
    application = the_application()
    main_window = MainWindow()
    main_window.show_at_once()
    for module in IN_TURN:
        import_module(module)
        application.processEvents()
        if not main_window.isVisible():
            main_window.put_away()
            return 0
    from natwizard.gui.app import open_or_explain

    # a double-clicked set-up file; what else a desktop may pass on is left alone
    given = [each for each in sys.argv[1:] if each.lower().endswith(SETUP_SUFFIX)]
    code = open_or_explain(main_window, given[0] if given else "")
    main_window.put_away()
    return code
