"""Only the JavaScript engine, which runs proxy scripts: none of the QML modules around it."""

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
