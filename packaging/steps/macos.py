"""The macOS disk image."""

from steps.environment import run
from steps.paths import MACOS, NAME, OUTPUT, PACKAGING, Layout, version


def make_dmg(_target: str) -> None:
    """dist/natwizard-VERSION-macos-ARCH.dmg; signed and notarised where that is set up."""
    layout = Layout(MACOS)
    app = layout.frozen.parent / f"{NAME}.app"
    OUTPUT.mkdir(exist_ok=True)
    dmg = OUTPUT / f"{NAME}-{version()}-{layout.label}.dmg"
    run([PACKAGING / "macos/make-dmg.sh", app, dmg])
