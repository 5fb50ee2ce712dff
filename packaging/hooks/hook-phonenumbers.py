"""Only what we use of phonenumbers: the formats, not its atlas of places, carriers and zones."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = [
    *collect_submodules("phonenumbers.data"),
    *collect_submodules("phonenumbers.shortdata"),
]
