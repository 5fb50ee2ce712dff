"""The console program `natwizard` as it is frozen."""

import sys

if sys.argv[1:2] == ["run-proxy-script"]:  # natwizard.system.script_runner
    from natwizard.system.script_child import main

    sys.exit(main())

try:
    from natwizard.cli.main import entry
except Exception as trouble:  # noqa: BLE001 - whatever it is, it is told
    from natwizard.cli.verify import EX_SOFTWARE, explain_broken_start

    sys.stderr.write(f"{explain_broken_start(trouble)}\n")
    sys.exit(EX_SOFTWARE)

if sys.argv[1:2] == ["selftest-window"]:
    import window_selftest

    sys.exit(window_selftest.main(sys.argv[2:]))
entry()
