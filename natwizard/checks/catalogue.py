"""Every check, in report order. Adding one is a line here."""

from natwizard.checks.audio_microphone import AUDIO_MICROPHONE
from natwizard.checks.audio_speaker import AUDIO_SPEAKER
from natwizard.checks.base import AnyCheck
from natwizard.checks.browser_bits import BROWSER_BITS
from natwizard.checks.browser_cookies import BROWSER_COOKIES
from natwizard.checks.browser_embedded_storage import BROWSER_EMBEDDED_STORAGE
from natwizard.checks.browser_javascript import BROWSER_JAVASCRIPT
from natwizard.checks.browser_mobile import BROWSER_MOBILE
from natwizard.checks.browser_storage import BROWSER_LOCAL_STORAGE, BROWSER_SESSION_STORAGE
from natwizard.checks.browser_tls import BROWSER_TLS
from natwizard.checks.browser_version import BROWSER_VERSION
from natwizard.checks.browser_webrtc import BROWSER_WEBRTC
from natwizard.checks.computer_clock import COMPUTER_CLOCK
from natwizard.checks.computer_cpu import COMPUTER_CPU
from natwizard.checks.computer_os_bits import COMPUTER_OS_BITS
from natwizard.checks.computer_ram import COMPUTER_RAM
from natwizard.checks.computer_ram_available import COMPUTER_RAM_AVAILABLE
from natwizard.checks.dns_edns import DNS_EDNS
from natwizard.checks.filter_tls_interception import FILTER_TLS_INTERCEPTION
from natwizard.checks.ip_ranges import IP_RANGES
from natwizard.checks.link_wired import LINK_WIRED
from natwizard.checks.nat_load_balancing import NAT_LOAD_BALANCING
from natwizard.checks.nat_mapping import NAT_MAPPING
from natwizard.checks.nat_sip_alg import NAT_SIP_ALG
from natwizard.checks.port_dns import PORT_DNS
from natwizard.checks.port_sip import PORT_SIP
from natwizard.checks.port_web_pages import PORT_TCP80, PORT_TCP443
from natwizard.checks.port_webphone import PORT_WEBPHONE
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_call import QUALITY_CALL
from natwizard.checks.quality_jitter import QUALITY_JITTER
from natwizard.checks.quality_latency import QUALITY_LATENCY
from natwizard.checks.quality_latency_under_load import QUALITY_LATENCY_UNDER_LOAD
from natwizard.checks.quality_loss import QUALITY_LOSS
from natwizard.checks.quality_mos import QUALITY_MOS
from natwizard.checks.salesforce_api import SALESFORCE_API
from natwizard.checks.salesforce_clickjack import SALESFORCE_CLICKJACK
from natwizard.checks.salesforce_cti_profiles import SALESFORCE_CTI_PROFILES
from natwizard.checks.salesforce_edition import SALESFORCE_EDITION
from natwizard.checks.salesforce_ip_ranges import SALESFORCE_IP_RANGES
from natwizard.checks.salesforce_oauth_user import SALESFORCE_OAUTH_USER
from natwizard.checks.salesforce_session import SALESFORCE_SESSION
from natwizard.checks.salesforce_storage import SALESFORCE_STORAGE
from natwizard.checks.screen_resolution import SCREEN_RESOLUTION
from natwizard.checks.udp_browsers import UDP_BROWSERS
from natwizard.checks.udp_range import UDP_RANGE_CHECK
from natwizard.checks.udp_stun import UDP_STUN
from natwizard.checks.websocket_open import WEBSOCKET_OPEN
from natwizard.probes.base import Probe

CHECKS: tuple[AnyCheck, ...] = (
    BROWSER_VERSION,
    BROWSER_BITS,
    BROWSER_COOKIES,
    BROWSER_JAVASCRIPT,
    BROWSER_LOCAL_STORAGE,
    BROWSER_SESSION_STORAGE,
    BROWSER_EMBEDDED_STORAGE,
    BROWSER_TLS,
    BROWSER_WEBRTC,
    BROWSER_MOBILE,
    COMPUTER_CPU,
    COMPUTER_RAM,
    COMPUTER_RAM_AVAILABLE,
    COMPUTER_OS_BITS,
    COMPUTER_CLOCK,
    SCREEN_RESOLUTION,
    AUDIO_MICROPHONE,
    AUDIO_SPEAKER,
    LINK_WIRED,
    NAT_LOAD_BALANCING,
    NAT_MAPPING,
    NAT_SIP_ALG,
    PORT_TCP80,
    PORT_TCP443,
    PORT_DNS,
    PORT_SIP,
    UDP_STUN,
    UDP_RANGE_CHECK,
    UDP_BROWSERS,
    IP_RANGES,
    PORT_WEBPHONE,
    QUALITY_LATENCY,
    QUALITY_JITTER,
    QUALITY_LOSS,
    QUALITY_BANDWIDTH,
    QUALITY_LATENCY_UNDER_LOAD,
    QUALITY_MOS,
    QUALITY_CALL,
    DNS_EDNS,
    WEBSOCKET_OPEN,
    FILTER_TLS_INTERCEPTION,
    SALESFORCE_EDITION,
    SALESFORCE_API,
    SALESFORCE_OAUTH_USER,
    SALESFORCE_CTI_PROFILES,
    SALESFORCE_SESSION,
    SALESFORCE_CLICKJACK,
    SALESFORCE_IP_RANGES,
    SALESFORCE_STORAGE,
)


def probes_of(checks: tuple[AnyCheck, ...]) -> tuple[Probe[object], ...]:
    """The probes that some checks need, each once, in the order they are first needed."""
    soaks = (check.soak_probe({}) for check in checks)
    found = [probe for check in checks for probe in check.needs]
    found += [probe for probe in soaks if probe is not None]
    return tuple({probe.name: probe for probe in found}.values())


def test_of(target: str) -> str:
    """The name of the check that tries a target of the profile; empty where none does by itself."""
    return next((check.name for check in CHECKS if target in check.settings), "")
