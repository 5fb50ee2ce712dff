"""The windowed program `natwizard-gui` as it is frozen."""

import sys

if sys.argv[1:2] == ["run-proxy-script"]:  # natwizard.system.script_runner
    from natwizard.system.script_child import main

    sys.exit(main())

if sys.argv[1:2] == ["selftest-window"]:
    import window_selftest

    sys.exit(window_selftest.main(sys.argv[2:]))


def explain(trouble: Exception) -> None:
    """Say what is broken, in a box where there is no console: Windows gives this program none."""
    from natwizard.cli.verify import EX_SOFTWARE, explain_broken_start

    text = explain_broken_start(trouble)
    if sys.platform == "win32":
        from ctypes import WinDLL

        WinDLL("user32").MessageBoxW(None, text, "natwizard", 0x10)  # MB_ICONERROR
    else:
        sys.stderr.write(f"{text}\n")
    sys.exit(EX_SOFTWARE)


try:
    from natwizard.gui.start import entry

    entry()
except Exception as trouble:  # noqa: BLE001 - whatever it is, it is told
    explain(trouble)
