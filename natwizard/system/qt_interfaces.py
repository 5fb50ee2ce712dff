"""What Qt's network module calls an interface; it asks GetAdaptersAddresses on Windows."""


def medium_of(name: str) -> str:
    """ "ethernet", "wifi", "ppp", "loopback", ..., or empty where Qt does not know."""
    from PySide6.QtNetwork import QNetworkInterface

    for interface in QNetworkInterface.allInterfaces():
        if name in (interface.humanReadableName(), interface.name()):
            kind = interface.type()
            return "" if kind is QNetworkInterface.InterfaceType.Unknown else kind.name.lower()
    return ""
