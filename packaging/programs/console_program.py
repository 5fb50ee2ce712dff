"""The console program `natwizard` as it is frozen."""

import sys

from natwizard.cli.main import entry

if sys.argv[1:2] == ["selftest-window"]:
    import window_selftest

    sys.exit(window_selftest.main(sys.argv[2:]))
entry()
