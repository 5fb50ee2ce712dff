"""KDE's proxy settings, from files as its settings write them."""

from pathlib import Path

import pytest
from computers.platforms import linux_only

from natwizard.probes.network import ScriptDecides
from natwizard.system.network import SystemNetwork
from natwizard.system.proxy.desktop_proxy import config_files, kde_rules_of, merged

SERVICE = "https://phone.example.com:10062/"
PAGE = "http://www.example.com/"
PROXY = "http://proxy.example.com:3128"
ENVIRONMENT = {"OUR_PROXY": PROXY, "OUR_EXCEPTIONS": "phone.example.com"}


def settings(*lines: str) -> str:
    return "\n".join(("[$Version]", "ProxyType=9", "[Proxy Settings]", *lines, "[Other]", "x=y"))


def read(url: str, *texts: str) -> str:
    rules = kde_rules_of(merged(texts), ENVIRONMENT.get)
    return str(rules.proxies_for(url)) if rules is not None else ""


@pytest.mark.parametrize(
    ("lines", "url", "proxy"),
    [
        ((), SERVICE, ""),
        (("ProxyType=0", f"httpsProxy={PROXY}"), SERVICE, ""),
        (("ProxyType=1", "httpsProxy=http://proxy.example.com 3128"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}/"), SERVICE, PROXY),
        (("ProxyType=1", "httpsProxy=proxy.example.com:3128"), SERVICE, PROXY),
        (("ProxyType=1", "httpsProxy=http://me:x@proxy.example.com 3128"), SERVICE, PROXY),
        (("ProxyType=1", "httpsProxy=http://proxy.example.com"), SERVICE,
         "http://proxy.example.com:80"),
        (("ProxyType=1", "httpsProxy=http://[2001:db8::1] 3128"), SERVICE,
         "http://[2001:db8::1]:3128"),
        (("ProxyType=1", "httpsProxy=http://proxy.example.com 70000"), SERVICE, ""),
        (("ProxyType=1", "httpsProxy=//:"), SERVICE, ""),
        (("ProxyType=1", "httpsProxy="), SERVICE, ""),
        (("ProxyType=1", f"httpsProxy={PROXY}"), PAGE, ""),
        (("ProxyType=1", f"httpProxy={PROXY}"), PAGE, PROXY),
        (("ProxyType=1", f"httpsProxy[$e]={PROXY}"), SERVICE, PROXY),
        (("ProxyType = 1 ", f" httpsProxy = {PROXY} "), SERVICE, PROXY),
        (("ProxyType=none", f"httpsProxy={PROXY}"), SERVICE, ""),
        # who goes past it
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=a.test, example.com"), SERVICE, ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=ple.com"), SERVICE, ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=www.example.com"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=10.0.0.0/8"), "https://10.1.2.3/", ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=10.1.2.3"), "https://10.1.2.3/", ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=<local>"), "https://intranet/", ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=<local>"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=example.com:443"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=example.com:10062"), SERVICE, ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=http://example.com"), SERVICE, PROXY),
        # only those go through it
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=example.com",
          "ReversedException=true"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}", "NoProxyFor=example.com",
          "ReversedException=true"), "https://www.example.net/", ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "ReversedException=1"), SERVICE, ""),
        (("ProxyType=1", f"httpsProxy={PROXY}", "ReversedException=false"), SERVICE, PROXY),
        # SOCKS for what has none of its own, and before others for websockets
        (("ProxyType=1", "socksProxy=socks://s.example.com 1081"), SERVICE,
         "socks5://s.example.com:1081"),
        (("ProxyType=1", f"httpsProxy={PROXY}", "socksProxy=s.example.com"), SERVICE, PROXY),
        (("ProxyType=1", f"httpsProxy={PROXY}", "socksProxy=s.example.com"), "wss://x.test/",
         "socks5://s.example.com:1080"),
        # names of variables
        (("ProxyType=4", "httpsProxy=OUR_PROXY"), SERVICE, PROXY),
        (("ProxyType=4", "httpsProxy=OUR_PROXY", "NoProxyFor=OUR_EXCEPTIONS"), SERVICE, ""),
        (("ProxyType=4", "httpsProxy=NOBODYS_PROXY"), SERVICE, ""),
    ],
)  # fmt: skip
def test_settings_mean_what_browsers_make_of_them(
    lines: tuple[str, ...], url: str, proxy: str
) -> None:
    assert read(url, settings(*lines)) == proxy


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (("ProxyType=2", "Proxy Config Script=http://proxy.example.com/p.pac"),
         "http://proxy.example.com/p.pac"),
        (("ProxyType=2", "Proxy Config Script=/etc/proxy.pac"), "file:///etc/proxy.pac"),
        (("ProxyType=2", "Proxy Config Script=file:///etc/proxy.pac"), "file:///etc/proxy.pac"),
        (("ProxyType=2",), ""),
        (("ProxyType=3", "Proxy Config Script=http://proxy.example.com/p.pac"), ""),
    ],
)  # fmt: skip
def test_a_script_is_named_or_left_to_the_network(lines: tuple[str, ...], address: str) -> None:
    with pytest.raises(ScriptDecides) as decides:
        read(SERVICE, settings(*lines))
    assert decides.value.address == address


def test_the_person_s_own_file_goes_before_the_administrator_s() -> None:
    shared = settings("ProxyType=1", "httpsProxy=http://shared.example.com 80", "NoProxyFor=a.test")
    own = settings(f"httpsProxy={PROXY}")
    assert read(SERVICE, shared, own) == PROXY
    assert read(SERVICE, shared, "") == "http://shared.example.com:80"


def test_what_an_administrator_has_fixed_stays() -> None:
    one = settings("ProxyType[$i]=1", f"httpsProxy={PROXY}")
    assert read(SERVICE, one, settings("ProxyType=0")) == PROXY
    assert read(SERVICE, one, settings("httpsProxy=http://own.example.com 80")) == (
        "http://own.example.com:80"
    )
    everything = settings("ProxyType=1", f"httpsProxy={PROXY}").replace(
        "[Proxy Settings]", "[Proxy Settings][$i]"
    )
    assert read(SERVICE, everything, settings("ProxyType=0")) == PROXY


@pytest.mark.parametrize(
    "junk",
    ["", "\0\0", "[", "[Proxy Settings", "=\n[Proxy Settings]\n=\n]=",
     settings(f"ProxyType={'9' * 5000}"), settings(f"ProxyType{' ' * 9000}x")],
)  # fmt: skip
def test_a_file_of_junk_is_no_proxy(junk: str) -> None:
    assert read(SERVICE, junk) == ""


@linux_only("KDE's settings")
def test_the_files_are_looked_for_where_kde_has_them() -> None:
    def found(**environment: str) -> list[str]:
        return [str(path) for path in config_files(environment.get)]

    assert found(HOME="/home/me") == ["/etc/xdg/kioslaverc", "/home/me/.config/kioslaverc"]
    assert found(HOME="/h", XDG_CONFIG_HOME="/c", XDG_CONFIG_DIRS="/first:/second") == [
        "/second/kioslaverc",
        "/first/kioslaverc",
        "/c/kioslaverc",
    ]
    assert found(HOME="/h", KDEHOME="/k") == ["/k/share/config/kioslaverc"]


@pytest.fixture
def kde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A KDE session whose settings are a file of the test's own, not yet written."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "KDEHOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "shared"))
    return tmp_path / "kioslaverc"


@linux_only("KDE's settings")
def test_a_kde_session_goes_by_its_own_file(kde: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(SystemNetwork().proxy_for(SERVICE)) == ""
    kde.write_text(settings("ProxyType=1", f"httpsProxy={PROXY}"))
    assert str(SystemNetwork().proxy_for(SERVICE)) == PROXY
    for own in (
        "https://localhost/",
        "https://127.0.0.1:8443/",
        "https://[::1]/",
        "https://[fe80::1]/",
    ):
        assert str(SystemNetwork().proxy_for(own)) == ""
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "XFCE")
    assert str(SystemNetwork().proxy_for(SERVICE)) == ""
