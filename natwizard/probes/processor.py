"""The processor, the bits of the operating system, and what stands between it and the person."""

from msgspec import Struct

from natwizard.model.language import N_
from natwizard.model.privacy import PublicText
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host, Processor, SessionProtocol, read_text
from natwizard.probes.printable import printable

AGENTS = (
    (r"HKLM\SOFTWARE\Microsoft\RDInfraAgent", "Azure Virtual Desktop"),
    (r"HKLM\SOFTWARE\Citrix\VirtualDesktopAgent", "Citrix virtual desktop"),
    (r"HKLM\SOFTWARE\VMware, Inc.\VMware VDM\Agent", "Horizon virtual desktop"),
    (r"HKLM\SOFTWARE\Amazon\SkyLight", "Amazon WorkSpaces"),
)
CLOUD_PC = "cloud pc"
"""How the product name of a Windows 365 computer begins."""

BIOS = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS"
DMI = "/sys/class/dmi/id"
MAKERS = (
    ("virtualbox", "VirtualBox"),
    ("vmware", "VMware"),
    ("parallels", "Parallels"),
    ("qemu", "QEMU"),
    ("kvm", "KVM"),
    ("xen", "Xen"),
    ("amazon ec2", "Amazon EC2"),
    ("google compute engine", "Google Compute Engine"),
    ("virtual machine", "Hyper-V"),
)
ASK_S = 2.0


def session_of(host: Host) -> str:
    """ "Remote Desktop", "Citrix virtual desktop"; empty at the computer itself."""
    match host.platform:
        case "windows":
            return _windows_session(host)
        case "linux":
            return _linux_session(host)
        case "macos":
            return ""


def virtual_machine_of(host: Host) -> str:
    """Whose virtual machine this is ("VMware"); empty where nothing says that it is one."""
    match host.platform:
        case "windows":
            values = host.registry_values(BIOS)
            told = f"{values.get('SystemManufacturer', '')} {values.get('SystemProductName', '')}"
        case "linux":
            told = " ".join(
                read_text(host, f"{DMI}/{name}", limit=256).strip()
                for name in ("sys_vendor", "product_name")
            )
        case "macos":
            return _mac_machine(host)
    return next((name for part, name in MAKERS if part in told.lower()), "")


def _windows_session(host: Host) -> str:
    at_logon = _session_of_logon(host)
    protocol = host.session_protocol() or at_logon
    # not every Citrix tells Windows its protocol, and nobody leaves one for the computer itself
    if "ica" in (protocol, at_logon) or host.environment("CLIENTNAME").lower().startswith("ica"):
        return "Citrix virtual desktop"
    if host.environment("ViewClient_Machine_Name"):
        return "Horizon virtual desktop"
    if str(host.registry_values(BIOS).get("SystemProductName", "")).lower().startswith(CLOUD_PC):
        return "Windows 365"
    agent = next((title for key, title in AGENTS if _is_there(host, key)), "")
    if agent:
        return agent
    return "Remote Desktop" if protocol == "rdp" else ""


def _session_of_logon(host: Host) -> SessionProtocol:
    """By the variable, where the system's own answer is missing: it is that of the logon, and
    wrong once somebody goes on with the session from another place."""
    name = host.environment("SESSIONNAME").lower()
    if name.startswith("ica-"):
        return "ica"
    return "rdp" if name.startswith("rdp-") else ""


def _is_there(host: Host, key: str) -> bool:
    return bool(host.registry_values(key) or host.registry_subkeys(key))


def _linux_session(host: Host) -> str:
    if host.environment("XRDP_SESSION") or host.environment("XRDP_SOCKET_PATH"):
        return "Remote Desktop (xrdp)"
    if host.list_directory("/opt/Citrix/VDA"):
        return "Citrix virtual desktop"
    connection = printable(host.environment("SSH_CONNECTION"), 80)
    return "SSH" if connection else ""


def _mac_machine(host: Host) -> str:
    """Apple's own hypervisor tells its guests (sysctl kern.hv_vmm_present)."""
    try:
        answer = host.run(("/usr/sbin/sysctl", "-n", "kern.hv_vmm_present"), timeout_s=ASK_S)
    except (OSError, TimeoutError):
        return ""
    return "macOS virtual machine" if answer.output.strip() == "1" else ""


class ProcessorEvidence(Struct, frozen=True, kw_only=True):
    """What the operating system tells.

    Attributes:
        system: name and version of the operating system.
        os_bits: 32 or 64, of the operating system, whatever this program is.
        session: a remote or virtual desktop by its name, or empty.
        virtual_machine: whose it is ("VMware"), or empty.
        battery_saver: None where the system does not tell.
    """

    processor: Processor
    system: PublicText
    os_bits: int
    session: PublicText = ""
    virtual_machine: PublicText = ""
    battery_saver: bool | None = None


async def gather(context: ProbeContext) -> ProcessorEvidence:
    """Ask the operating system, off the event loop."""
    return await run_detached(lambda: _look(context.host), name="processor")


def _look(host: Host) -> ProcessorEvidence:
    return ProcessorEvidence(
        processor=host.processor(),
        system=host.system,
        os_bits=host.os_bits,
        session=session_of(host),
        virtual_machine=virtual_machine_of(host),
        battery_saver=host.battery_saver(),
    )


PROCESSOR = Probe(
    name="processor",
    title=N_("Reading the processor of this computer"),
    evidence=ProcessorEvidence,
    phase=Phase.MACHINE,
    typical_s=0.2,
    deadline_s=10.0,
    gather=gather,
)
