"""The profile that a reflector prints is one that natwizard reads."""

import msgspec
import pytest

from natwizard.model.address import HostPort
from natwizard.model.profile import Profile, Targets
from natwizard.profiles.read import parse_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.profile import ReflectorEndpoints, targets_of, write_profile
from natwizard.reflector.settings import ReflectorSettings

HERE = HostPort("reflector.example.com", 10062)
PLACES = ReflectorEndpoints(
    webphone=HERE,
    webphone_control=(),
    http=(),
    https=(),
    stun=(),
    stun_control=(),
    media=HERE,
    range_ports=(),
    sip=(),
    sip_tls=HERE,
)
NO_ROWS = "requirements = []\n[sources]\n"


def read_alone(text: str) -> Profile:
    """Read without the shipped profile underneath."""
    head, _, targets = text.replace('extends = "natterbox"\n', "").partition("[targets]")
    return parse_profile(f"{head}{NO_ROWS}[targets]{targets}".encode(), "printed")


def test_a_demo_profile_is_read_back_to_the_same_targets(reflector: BackgroundReflector) -> None:
    profile = read_alone(reflector.profile_text())
    assert profile.targets == reflector.targets()
    assert profile.name == "Reflector on this computer"
    assert profile.feeds.chrome == ""


def test_a_demo_profile_lies_over_the_shipped_one(demo_profile: Profile) -> None:
    assert demo_profile.requirements
    assert demo_profile.targets.webphone.startswith("127.0.0.1:")


@pytest.mark.parametrize("places", [PLACES, msgspec.structs.replace(PLACES, sip=(HERE,))])
def test_what_a_reflector_does_not_serve_is_left_to_the_shipped_profile(
    places: ReflectorEndpoints,
) -> None:
    settings = ReflectorSettings(bind="192.0.2.1", public_name='a "quoted" name')
    targets = targets_of(places, settings, "")
    profile = read_alone(write_profile(targets, settings))
    assert profile.targets == targets
    assert profile.targets.http == Targets().http
    assert profile.name == 'Reflector on a "quoted" name'
