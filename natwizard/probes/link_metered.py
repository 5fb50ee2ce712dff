"""Whether the system holds a connection for metered: paid by what goes through it.

Sources: nmcli(1), GENERAL.METERED (NetworkManager 1.42.4); Windows keeps a person's choice for
an adapter with its Data Usage service (DusmSvc), and what goes for each medium under NetworkList.
macOS tells no program.
"""

from natwizard.probes.host import Host
from natwizard.probes.link_kind import Link, LinkKind
from natwizard.probes.link_windows import adapters

ASK_S = 2.0
CHOSEN = r"HKLM\SOFTWARE\Microsoft\DusmSvc\Profiles"
BY_MEDIUM = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\NetworkList\DefaultMediaCost"
MEDIA = {LinkKind.ETHERNET: "Ethernet", LinkKind.WIFI: "WiFi", LinkKind.CELLULAR: "4G"}
METERED_COST = 2


def is_metered(host: Host, link: Link) -> bool | None:
    """None where the system does not tell."""
    match host.platform:
        case "linux":
            return _by_network_manager(host, link.name)
        case "windows":
            return _by_registry(host, link)
        case "macos":
            return None


def _by_network_manager(host: Host, name: str) -> bool | None:
    """ "yes", "no", either with "(guessed)", or "unknown"; the same in every language."""
    try:
        answer = host.run(
            ("nmcli", "-g", "GENERAL.METERED", "device", "show", name), timeout_s=ASK_S
        )
    except (OSError, TimeoutError):
        return None
    told = answer.output.split()[:1] if answer.exit_code == 0 else []
    return {"yes": True, "no": False}.get(told[0]) if told else None


def _by_registry(host: Host, link: Link) -> bool | None:
    guid = next((each.guid for each in adapters(host) if each.name == link.name), "")
    chosen = rf"{CHOSEN}\{guid}"
    costs = [
        host.registry_values(rf"{chosen}\{profile}").get("UserCost")
        for profile in (host.registry_subkeys(chosen) if guid else ())
    ]
    told = [cost for cost in costs if cost is not None]
    if not told and link.kind in MEDIA:
        told = [
            cost
            for name, cost in host.registry_values(BY_MEDIUM).items()
            if name.casefold() == MEDIA[link.kind].casefold()
        ]
    return METERED_COST in told if told else None
