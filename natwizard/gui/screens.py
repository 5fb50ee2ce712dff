"""The screens as Qt knows them; ask in the GUI thread."""

from PySide6.QtGui import QGuiApplication

from natwizard.probes.host import Screen


def qt_screens() -> tuple[Screen, ...]:
    """Physical pixels from the device ratio; logical ones are what a web page gets."""
    primary = QGuiApplication.primaryScreen()
    return tuple(
        Screen(
            name=screen.name(),
            width_px=round(screen.size().width() * screen.devicePixelRatio()),
            height_px=round(screen.size().height() * screen.devicePixelRatio()),
            logical_width_px=screen.size().width(),
            logical_height_px=screen.size().height(),
            primary=screen is primary,
        )
        for screen in QGuiApplication.screens()
    )
