"""The windowed program `natwizard-gui` as it is frozen."""

import sys

if sys.argv[1:2] == ["run-proxy-script"]:  # natwizard.system.script_runner
    from natwizard.system.script_child import main

    sys.exit(main())

if sys.argv[1:2] == ["selftest-window"]:
    import window_selftest

    sys.exit(window_selftest.main(sys.argv[2:]))

from natwizard.gui.start import entry

entry()
