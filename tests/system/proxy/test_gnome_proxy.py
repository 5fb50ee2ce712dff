"""GNOME's proxy settings, written and read by the real gsettings."""

import shutil
import subprocess
from pathlib import Path

import pytest

from natwizard.probes.host import CommandResult
from natwizard.probes.network import ScriptDecides
from natwizard.system.network import SystemNetwork
from natwizard.system.proxy import desktop_proxy
from natwizard.system.proxy.desktop_proxy import SCHEMA, gnome_rules, gnome_rules_of
from natwizard.system.proxy.proxy_rules import ProxyRules

SERVICE = "https://phone.example.com:10062/"


def gnome_proxy(url: str) -> str:
    rules = gnome_rules()
    return str(rules.proxies_for(url)) if rules is not None else ""


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A GNOME session whose settings are a file of the test's own."""
    if shutil.which("gsettings") is None:
        pytest.skip("needs gsettings")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    if subprocess.run(("gsettings", "list-keys", "org.gnome.system.proxy"), check=False).returncode:
        pytest.skip("needs gsettings-desktop-schemas")


def settle(mode: str, **values: str) -> None:
    choose("org.gnome.system.proxy", "mode", mode)
    for name, value in values.items():
        schema, _, key = name.rpartition("__")
        choose(f"org.gnome.system.proxy{'.' + schema if schema else ''}", key, value)


def choose(schema: str, key: str, value: str) -> None:
    subprocess.run(("gsettings", "set", schema, key.replace("_", "-"), value), check=True)


@pytest.mark.usefixtures("desktop")
def test_a_manual_proxy_of_the_desktop_is_used() -> None:
    settle("manual", https__host="proxy.example.com", https__port="3128")
    assert gnome_proxy(SERVICE) == "http://proxy.example.com:3128"
    assert str(SystemNetwork().proxy_for(SERVICE)) == "http://proxy.example.com:3128"
    assert gnome_proxy("http://www.example.com/") == ""
    assert gnome_proxy("wss://www.example.com/") == "http://proxy.example.com:3128"


@pytest.mark.usefixtures("desktop")
def test_a_socks_proxy_alone_is_for_everything() -> None:
    settle("manual", socks__host="socks.example.com", socks__port="1080")
    for url in (SERVICE, "http://www.example.com/", "wss://www.example.com/"):
        assert gnome_proxy(url) == "socks5://socks.example.com:1080"


@pytest.mark.usefixtures("desktop")
def test_the_desktop_s_word_counts_and_not_the_environment_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://other.example.com:3128")
    settle("none")
    assert str(SystemNetwork().proxy_for(SERVICE)) == ""
    settle("manual")  # and not one proxy: as if nothing were set
    assert str(SystemNetwork().proxy_for(SERVICE)) == "http://other.example.com:3128"


@pytest.mark.usefixtures("desktop")
def test_hosts_that_are_left_out_go_directly() -> None:
    settle(
        "manual",
        https__host="proxy.example.com",
        https__port="3128",
        ignore_hosts="['*.example.com', '192.0.2.0/24', 'x']",
    )
    assert gnome_proxy(SERVICE) == ""
    assert gnome_proxy("https://192.0.2.7/") == ""
    assert gnome_proxy("https://x/") == ""
    assert gnome_proxy("https://ax/") == "http://proxy.example.com:3128"
    assert gnome_proxy("https://www.example.net/") == "http://proxy.example.com:3128"
    settle("manual", ignore_hosts="[]")
    assert gnome_proxy(SERVICE) == "http://proxy.example.com:3128"


@pytest.mark.usefixtures("desktop")
def test_no_proxy_is_the_direct_way_and_a_script_is_told() -> None:
    settle("none", https__host="proxy.example.com")
    assert gnome_proxy(SERVICE) == ""
    for url, address in (
        ("http://proxy.example.com/proxy.pac", "http://proxy.example.com/proxy.pac"),
        ("/etc/proxy.pac", "file:///etc/proxy.pac"),
        ("", ""),
    ):
        settle("auto", autoconfig_url=url)
        with pytest.raises(ScriptDecides) as decides:
            gnome_proxy(SERVICE)
        assert decides.value.address == address


@pytest.mark.usefixtures("desktop")
def test_other_desktops_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    settle("manual", https__host="proxy.example.com", https__port="3128")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "XFCE")
    assert str(SystemNetwork().proxy_for(SERVICE)) == ""
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "Unity")
    assert str(SystemNetwork().proxy_for(SERVICE)) == "http://proxy.example.com:3128"


@pytest.mark.parametrize(
    ("port", "listed"),
    [
        (0, "http://proxy.example.com:80"),
        (None, "http://proxy.example.com:80"),
        (3128, "http://proxy.example.com:3128"),
        (70_000, ""),
    ],
)
def test_a_port_that_is_not_told_is_the_usual_one(port: object, listed: str) -> None:
    settings: dict[str, object] = {
        "org.gnome.system.proxy mode": "manual",
        "org.gnome.system.proxy.https host": "proxy.example.com",
        "org.gnome.system.proxy.https port": port,
    }
    rules = gnome_rules_of(settings)
    assert (str(rules.proxies_for(SERVICE)) if rules is not None else "") == listed


@pytest.mark.parametrize("deep", ["(" * 100_000, "-" * 100_000 + "1", "[" * 150 + "]" * 150])
def test_a_value_nested_as_no_setting_is_spoils_no_other(
    deep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = f"{SCHEMA}.http host {deep}\n{SCHEMA} mode 'none'\n{SCHEMA} ignore-hosts {deep}\n"

    def answer(_arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
        assert timeout_s > 0
        return CommandResult(exit_code=0, output=told)

    monkeypatch.setattr(desktop_proxy, "run_command", answer)
    assert gnome_rules() == ProxyRules()
