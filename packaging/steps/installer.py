"""The Windows installer: makensis with lists of exactly the files that the freeze made."""

import os
import shutil
from pathlib import Path, PurePosixPath

from steps import signing
from steps.environment import commit_time_s, reproducible, run
from steps.file_list import NAMES, folders, installed_files, windows, write_file_list
from steps.generated import SIDE_PICTURE, four_numbers
from steps.nsis import makensis
from steps.paths import OUTPUT, ROOT, WINDOWS, Layout, this_system, version

# NSIS as it is released for Windows makes 32-bit setup programs only; Debian's makes 64-bit ones,
# which wine needs. Either installs the same 64-bit programs, into the same 64-bit places.
TARGET = "x86-unicode" if this_system() == WINDOWS else "amd64-unicode"


def make_installer(_target: str) -> Path:
    """dist/natwizard-VERSION-windows-x64-setup.exe; signed if a key is named."""
    layout = Layout(WINDOWS)
    if not layout.program().is_file():
        raise SystemExit(f"{layout.frozen} is missing: run build.py freeze --target windows")
    OUTPUT.mkdir(exist_ok=True)
    target = OUTPUT / f"natwizard-{version()}-{layout.label}-setup.exe"
    compile_installer(layout.frozen, version(), target, layout.generated / "natwizard.ico")
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return target


def compile_installer(
    folder: Path, number: str, target: Path, icon: Path, *, kind: str = TARGET
) -> None:
    """Make an installer of a folder of programs; `number` is the version it carries."""
    lists = folder.parent / "lists"
    shutil.rmtree(lists, ignore_errors=True)
    lists.mkdir()
    write_file_list(folder)
    files = installed_files(folder)
    moment_s = commit_time_s()
    picture = icon.with_name(SIDE_PICTURE)
    # the setup program keeps these times, and gives them to what it unpacks
    for path in (*(folder / name for name in files), picture):
        os.utime(path, (moment_s, moment_s))
    (lists / "install.nsh").write_text(install_macro(files, folder), "utf-8-sig")
    (lists / "remove.nsh").write_text(remove_macros(files), "utf-8-sig")
    settings = {
        "KIND": kind,
        "VERSION": number,
        "VERSION4": ".".join(map(str, four_numbers(number))),
        "LIST_FOLDER": str(lists),
        "SIZE_KB": str(sum((folder / name).stat().st_size for name in files) // 1024 + 1),
        "OUTFILE": str(target),
        "ICON": str(icon),
        "SIDE_PICTURE": str(picture),
    }
    if signing.wanted():
        settings["SIGN"] = signing.hook_command()
    defined = [f"-D{name}={value}" for name, value in settings.items()]
    words, environment = makensis()
    run([*words, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *defined, "installer.nsi"],
        environment=reproducible() | dict(environment), folder=ROOT)  # fmt: skip


def install_macro(files: list[str], source: Path) -> str:
    """One File line for each file, folder by folder."""
    lines, folder = ["!macro InstallFiles"], None
    for name in sorted(files, key=lambda name: (str(PurePosixPath(name).parent), name)):
        parent = str(PurePosixPath(name).parent)
        if parent != folder:
            folder = parent
            below = "" if parent == "." else "\\" + parent.replace("/", "\\")
            lines.append(f'  SetOutPath "$INSTDIR{below}"')
        lines.append(f'  File "{source / name}"')
    return "\n".join([*lines, '  SetOutPath "$INSTDIR"', "!macroend"]) + "\n"


def remove_macros(files: list[str]) -> str:
    """One Delete line for each file; then, the list of them gone, the folders, innermost first."""
    lines = ["!macro RemoveFiles", '  SetOutPath "$TEMP"']
    lines += [f'  Delete "$INSTDIR\\{windows(name)}"' for name in files if name != NAMES]
    lines += ["!macroend", "!macro RemoveFolders", f'  Delete "$INSTDIR\\{windows(NAMES)}"']
    lines += [f'  RMDir "$INSTDIR\\{windows(name)}"' for name in folders(files)]
    return "\n".join([*lines, "!macroend"]) + "\n"
