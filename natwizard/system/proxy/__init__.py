"""Proxies of the desktop: environment, GNOME, KDE, PAC scripts and WPAD."""
