"""Every check, in report order. Adding one is a line here."""

from natwizard.checks.audio_devices import AUDIO_DEVICES
from natwizard.checks.base import Rulebook
from natwizard.checks.browser_bits import BROWSER_BITS
from natwizard.checks.browser_version import BROWSER_VERSION
from natwizard.checks.computer_cpu import COMPUTER_CPU
from natwizard.checks.computer_os_bits import COMPUTER_OS_BITS
from natwizard.checks.computer_ram import COMPUTER_RAM
from natwizard.checks.computer_ram_available import COMPUTER_RAM_AVAILABLE
from natwizard.checks.link_wired import LINK_WIRED
from natwizard.checks.nat_load_balancing import NAT_LOAD_BALANCING
from natwizard.checks.nat_mapping import NAT_MAPPING
from natwizard.checks.nat_sip_alg import NAT_SIP_ALG
from natwizard.checks.port_sip import PORT_SIP
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_jitter import QUALITY_JITTER
from natwizard.checks.quality_latency import QUALITY_LATENCY
from natwizard.checks.quality_loss import QUALITY_LOSS
from natwizard.checks.quality_mos import QUALITY_MOS
from natwizard.checks.screen_resolution import SCREEN_RESOLUTION
from natwizard.checks.udp_range import UDP_RANGE_CHECK
from natwizard.checks.udp_stun import UDP_STUN
from natwizard.probes.base import Probe

CHECKS: tuple[Rulebook, ...] = (
    BROWSER_VERSION,
    BROWSER_BITS,
    COMPUTER_CPU,
    COMPUTER_RAM,
    COMPUTER_RAM_AVAILABLE,
    COMPUTER_OS_BITS,
    SCREEN_RESOLUTION,
    AUDIO_DEVICES,
    LINK_WIRED,
    PORT_SIP,
    UDP_STUN,
    UDP_RANGE_CHECK,
    QUALITY_BANDWIDTH,
    QUALITY_LATENCY,
    QUALITY_JITTER,
    QUALITY_LOSS,
    QUALITY_MOS,
    NAT_SIP_ALG,
    NAT_LOAD_BALANCING,
    NAT_MAPPING,
)


def probes_of(checks: tuple[Rulebook, ...]) -> tuple[Probe[object], ...]:
    """The probes that some checks need, each once, in the order they are first needed."""
    return tuple({probe.name: probe for check in checks for probe in check.needs}.values())
