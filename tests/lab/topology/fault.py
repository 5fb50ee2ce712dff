"""One fault of an office: what a router's rules look like, and what must be said of it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from lab.topology import middleboxes as box
from lab.topology.site import Site


def as_it_is(_site: Site) -> AbstractContextManager[None]:
    """Nothing more is otherwise."""
    return nullcontext()


@dataclass(frozen=True, kw_only=True, eq=False)
class Fault:
    """One fault of an office.

    Attributes:
        rules: for the router's nftables; ROUTER stands for its inner address.
        boxes: programs that the rules lead to.
        proxy: port of the router that the workstation's proxy settings name; 0 for none.
        desktop: GNOME's proxy settings of the workstation, as its keyfile has them.
        kde: KDE's proxy settings of the workstation, as its file has them.
        search: domain that the workstation's network names.
        resolver: what the workstation asks for names; empty for the router.
        trusted: the workstation's own store holds mitmproxy's authority.
        profile: a line of it to be replaced, and the line in its place.
        expected: all that must differ from the healthy office: a check's status, and values it
            measured, as "fail reached=connection failure=timed_out"; on a line where time decides
            it may be one of several: "pass|unknown".
        cause: code of the root cause.
        rate_kbit_s: of IP, what the line carries each way; 0 for all that this machine can.
        delay_ms, jitter_ms: each way, and so much more by chance.
        calls: how many people call at once.
        environment: more variables of the program's.
        around: what else is otherwise while the program runs.
        first_fix: "owner: text" of what is to be done first; empty where it does not matter.
    """

    rules: str = ""
    boxes: tuple[Callable[[Site], None], ...] = ()
    proxy: int = 0
    desktop: str = ""
    kde: str = ""
    search: str = ""
    resolver: str = ""
    trusted: bool = False
    profile: tuple[str, str] = ("", "")
    expected: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""
    rate_kbit_s: int = 0
    delay_ms: int = 0
    jitter_ms: int = 0
    calls: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    around: Callable[[Site], AbstractContextManager[None]] = as_it_is
    first_fix: str = ""


def drop(match: str, chain: str = "forward") -> str:
    """Packets that match are lost."""
    return wall(f"{match} drop", chain)


def wall(rules: str, chain: str = "forward") -> str:
    """Rules of a firewall for what passes through ("forward") or is for the router ("input")."""
    hook = f"type filter hook {chain} priority 0;"
    return f"table inet lab_{chain} {{\nchain c {{ {hook} {rules}; }}\n}}\n"


def divert(match: str, port: int) -> str:
    """Connections that match end on the router itself, over IPv4 and IPv6."""
    hook = "type nat hook prerouting priority -100;"
    rule = f'iifname "inside" {match} redirect to :{port}'
    return f"table inet lab_divert {{\nchain c {{ {hook} {rule}; }}\n}}\n"


def by_odd_resolver(
    mode: str, port: int, expected: Mapping[str, str], cause: str = "", first_fix: str = ""
) -> Fault:
    """The router's name server is broken in this way."""
    return Fault(
        boxes=(box.odd(mode, port),),
        rules=divert("ip daddr ROUTER udp dport 53", port),
        expected=expected,
        cause=cause,
        first_fix=first_fix,
    )
