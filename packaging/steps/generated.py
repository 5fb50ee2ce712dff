"""Files made from the sources before the freeze: the version resource and, by Qt, the icons."""

from collections.abc import Mapping
from pathlib import Path

from steps.environment import run
from steps.paths import LINUX, MACOS, PACKAGING, ROOT, WINDOWS, Layout, version

SIDE_PICTURE = "installer-side.bmp"
ICONS = {LINUX: "natwizard.png", WINDOWS: "natwizard.ico", MACOS: "natwizard.icns"}

# PyInstaller's form of a version resource; 0409 04b0 is American English in Unicode
_RESOURCE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004,
                    fileType=0x1, subtype=0x0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable('040904B0', [
      StringStruct('CompanyName', 'natwizard'),
      StringStruct('FileDescription', 'natwizard: is this computer ready for the webphone?'),
      StringStruct('FileVersion', '{version}'),
      StringStruct('InternalName', 'natwizard'),
      StringStruct('LegalCopyright', 'MIT licence'),
      StringStruct('ProductName', 'natwizard'),
      StringStruct('ProductVersion', '{version}')])]),
    VarFileInfo([VarStruct('Translation', [1033, 1200])])
  ]
)
"""


def four_numbers(text: str) -> tuple[int, int, int, int]:
    """A version as Windows counts: 1.2.3 is (1, 2, 3, 0); anything after the numbers is left."""
    numbers = [int(part) for part in text.split("+")[0].split(".") if part.isdecimal()]
    a, b, c, d = ([*numbers, 0, 0, 0, 0])[:4]
    return a, b, c, d


def generate(layout: Layout, python: Path, environment: Mapping[str, str]) -> None:
    """Write the version resource and the icon of this target."""
    layout.generated.mkdir(parents=True, exist_ok=True)
    resource = _RESOURCE.format(numbers=four_numbers(version()), version=version())
    (layout.generated / "version_resource.txt").write_text(resource, "utf-8")
    settings = dict(environment) | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    names = [ICONS[layout.target]] + ([SIDE_PICTURE] if layout.target == WINDOWS else [])
    for name in names:
        words = [python, PACKAGING / "steps/icon_files.py", layout.generated / name]
        run(words, environment=settings, quiet=True)
