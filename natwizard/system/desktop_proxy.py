"""The proxy that the desktop's settings name, which Qt does not read on Linux and browsers go by.

Which desktop has which settings is Chromium's list (base/nix/xdg_util.cc).
"""

import os

from natwizard.system.bypass import is_local
from natwizard.system.gnome_proxy import gnome_proxy
from natwizard.system.kde_proxy import kde_proxy

GNOME = {"GNOME", "GNOME-CLASSIC", "UNITY", "X-CINNAMON", "CINNAMON", "PANTHEON", "DEEPIN"}
KDE = {"KDE"}


def desktop_proxy(url: str) -> str:
    """The proxy for a URL as "http://host:port"; empty for the direct way, and on other desktops.

    Raises ScriptDecides where a script does (PAC, WPAD). This computer itself has no proxy.
    """
    if is_local(url):
        return ""
    desktops = set(os.environ.get("XDG_CURRENT_DESKTOP", "").upper().split(":"))
    if desktops & GNOME:
        return gnome_proxy(url)
    if desktops & KDE:
        return kde_proxy(url)
    return ""
