"""What the frozen program does without. After every change: `build.py freeze selftest`."""

import ast
import re
import sys

LANGUAGES = ("de", "en", "es", "fr")

# Windows and macOS run proxy scripts by themselves: docs/decisions/0094
WITHOUT_ENGINE = sys.platform != "linux"
WINDOWS = sys.platform == "win32"

# Beside what nobody asks for: PyInstaller prepares a program that may use multiprocessing or
# pkgutil whenever it starts, which takes a tenth of the time to its window. What needs one of these
# is of no use either: colours of source code, Markdown, the command line of httpx.
EXCLUDED = (
    "httpx._main", "rich.markdown", "rich.syntax", "rich.traceback",
    *(("_quickjs", "quickjs") if WITHOUT_ENGINE else ()),
    *(("asyncio.unix_events",) if WINDOWS else ()),
    "_bz2", "_elementtree", "_lzma", "_pydecimal", "bz2", "doctest", "lzma",
    "PySide6.QtDBus", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtPrintSupport",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtXml",
    "anyio._backends._trio", "attr", "attrs", "chdb", "click", "curses", "duckdb", "ensurepip",
    "ftplib", "idlelib", "lib2to3", "markdown_it", "mdurl", "multiprocessing", "natwizard.fleet",
    "pdb", "phonenumbers.carrierdata", "phonenumbers.geodata", "phonenumbers.tzdata", "pip",
    "pkg_resources", "pkgutil", "pydoc", "pydoc_data", "pygments", "pytest", "readline",
    "requests", "setuptools", "sqlite3", "tarfile", "test", "tkinter", "tomli", "turtledemo",
    "unittest", "urllib3", "venv", "websockets.asyncio", "websockets.cli", "websockets.legacy",
    "websockets.sync", "websockets.trio", "wheel",
)  # fmt: skip

# PyInstaller's hooks that run before a program's first line, by name, and are not needed. PySide6's
# loads all of QtCore, in commands that never show a window, and for ever with PySide's look at
# each import (`natwizard.gui.application.import_uninspected` comes too late then). It tells Qt
# where its plugins lie: the wheels of PySide6 do so themselves, and in the environment every
# program that natwizard starts would inherit it.
NEEDLESS_HOOKS = {"pyi_rth_pyside6"}

# Libraries of Windows itself; software OpenGL and Direct2D, other ways to a screen, what only
# GTK's look needs, image formats nobody opens here, the parts of Qt that only QML needs, and
# pip's notes, which differ with the place of the build. QtNetwork stays, for the proxy settings
# alone: no TLS of Qt's, no word on the kind of network. The one style is Fusion, which lies in
# QtWidgets. Pictures are PNG files, which QtGui reads itself, or painted; a desktop's own icons,
# in menus, are SVG files, on Linux alone.
_DROPPED = re.compile(
    r"""/?(icuuc|bcryptprimitives)\.dll | opengl32sw | d3dcompiler | qdirect2d
    | qminimal | libqlinuxfb | libqvkkhr | libqvnc | libqeglfs | EglFS | egldeviceintegrations
    | platformthemes.*gtk3
    | lib(gtk-3|gdk-3|gdk_pixbuf|gio-2|gobject-2|gmodule-2|cairo|pango\w*|atk|atspi|epoxy
      |harfbuzz|pixman|thai|datrie|fribidi|tiff|jpeg|webp|Xcomposite|Xcursor|Xdamage|Xfixes
      |Xinerama|Xi|Xrandr|Xrender|Xext|wayland|mount|blkid|selinux|graphite2)\b
    | imageformats/.*(qtiff|qwebp|qwbmp|qtga|qicns|qgif|qpdf|qjpeg)
    | plugins/(generic|qmltooling|sqldrivers|virtualkeyboard|designer|printsupport)/
    | plugins/(tls|networkinformation|styles)/
    | Qt6Svg\.dll | plugins/(imageformats|iconengines)/\w+\.dll
    | plugins/platforminputcontexts/.*virtual
    | Qt6?(Qml|Quick|Pdf|VirtualKeyboard|Designer|ShaderTools|Sql)\w*\.(dll|so|abi3)
    | \.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$ | \.dist-info/sboms/
    | libQt6(Qml|Quick|Pdf|VirtualKeyboard|Designer|ShaderTools|Sql)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TRANSLATION = re.compile(r"/translations/(\w+?)_(\w+)\.qm$")


def kept(name: str) -> bool:
    """Whether a file belongs into the frozen program; `name` is its place in it."""
    name = name.replace("\\", "/")
    if _DROPPED.search(name):
        return False
    if name.endswith((".po", ".pot")):  # the compiled ones stay
        return False
    translation = _TRANSLATION.search(name)
    if translation is None:
        return True
    return translation[1] == "qtbase" and translation[2] in LANGUAGES


DOCUMENTED = {"dns"}
"""Packages whose docstrings are data: dnspython's errors read their own words out of them."""
FUNCTIONS = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


def without_docstrings(source: bytes) -> bytes:
    """A module whose own docstring, and its functions', are empty; every line keeps its number.

    Empty and not gone: nothing else may stand before an import from `__future__`.

    Those of classes stay: dataclasses would make some, and import `inspect` for that. Assertions
    stay, too. What cannot be read as UTF-8 Python stays as it is.
    """
    try:
        tree = ast.parse(source.decode("utf-8"))
    except (SyntaxError, ValueError):
        return source
    lines = source.splitlines(keepends=True)
    found = [text for node in ast.walk(tree) if (text := _docstring(node)) is not None]
    for text in sorted(found, key=lambda text: text.lineno, reverse=True):
        first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
        before, after = lines[first][: text.col_offset], lines[last][text.end_col_offset :]
        lines[first : last + 1] = [before + b'(""' + b"\n" * (last - first) + b")" + after]
    return b"".join(lines)


def _docstring(node: ast.AST) -> ast.Constant | None:
    if not isinstance(node, FUNCTIONS) or not node.body:
        return None
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value if isinstance(first.value.value, str) else None
    return None
