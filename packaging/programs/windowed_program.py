"""The windowed program `natwizard-gui` as it is frozen."""

import sys

if sys.argv[1:2] == ["selftest-window"]:
    import window_selftest

    sys.exit(window_selftest.main(sys.argv[2:]))

from natwizard.gui.start import entry

entry()
