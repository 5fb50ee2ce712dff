"""Version and channel of a Firefox from the files beside its program, the same on every system."""

from natwizard.probes.browser_copy import Channel
from natwizard.probes.host import Host
from natwizard.probes.host_files import ini_values, read_text

CHANNELS = {
    "esr": Channel.ESR,
    "beta": Channel.BETA,
    "aurora": Channel.DEV,
    "nightly": Channel.NIGHTLY,
}
CHANNEL_SETTING = "app.update.channel"


def firefox_version(host: Host, folder: str, separator: str = "/") -> tuple[str, Channel]:
    """Read application.ini and channel-prefs.js in a folder; the version is empty without them."""
    application = ini_values(read_text(host, f"{folder}{separator}application.ini"), "App")
    preferences = separator.join((folder, "defaults", "pref", "channel-prefs.js"))
    told = _channel_setting(read_text(host, preferences, limit=65536))
    channel = CHANNELS.get(told, Channel.STABLE)
    origin = " ".join(application.get(key, "") for key in ("sourcerepository", "remotingname"))
    version = application.get("version", "")
    if channel is Channel.STABLE and ("esr" in origin or version.endswith("esr")):
        channel = Channel.ESR  # distributions keep the channel "release" or "default"
    return version.removesuffix("esr"), channel


def _channel_setting(script: str) -> str:
    """The value in `pref("app.update.channel", "esr");`."""
    for line in script.splitlines():
        if CHANNEL_SETTING in line and not line.lstrip().startswith("//"):
            parts = line.split('"')
            return parts[3] if len(parts) > 3 else ""
    return ""
