"""Fleets that never were, with planted truth: sites, shifts, faults by place and hour, silence.

Every desk and every run is drawn from one seed. What is planted is kept beside the reports, so
that whatever a program concludes from them can be scored.
"""

import math
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

import msgspec
from msgspec import Struct

from natwizard.model.report import Readiness
from natwizard.run.plan import run_code

GOLDEN = Path(__file__).parents[1] / "golden/report.json"
EVIDENCE_BYTES = 38_000
"""With its findings a real report has about 50 KB."""
FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
PROVIDERS = ("Northern Fibre", "Blue Cable", "Citynet", "Harbour Telecom")
NAMES = ("Leeds", "Lyon", "Madrid", "Bremen", "Porto", "Gdansk", "Turin", "Cork", "Ghent", "Graz",
         "Malmo", "Tartu", "Brno", "Varna", "Split", "Patras", "Vigo", "Nantes", "Essen", "Bath",
         "Kiel", "Lille", "Trento", "Galway")  # fmt: skip
SEEN_BY = 3
"""Desks: what fewer met is nothing that anybody could see."""
BROWSERS = ("chrome", "edge", "firefox")
LATENCY, JITTER, LOSS, MOS = "quality.latency", "quality.jitter", "quality.loss", "quality.mos"
WEBPHONE, EDNS, RAM = "port.webphone", "dns.edns", "computer.ram"
NETWORK_TEAM, PROVIDER, HELPDESK = "network_team", "internet_provider", "helpdesk"


class Site(Struct, frozen=True, kw_only=True):
    """A planted place; `utc_h` is what its clocks add to UTC."""

    name: str
    provider: str
    subnets: tuple[str, ...]
    utc_h: int
    latency_ms: float


class Desk(Struct, kw_only=True):
    """A planted computer; `broken` are requirements that it alone fails, all the time."""

    host_id: str
    host_name: str
    site: Site
    subnet: str
    browser: str
    wifi: bool
    early: bool
    broken: tuple[str, ...] = ()
    silent_from: float = math.inf


class Fault(Struct, frozen=True, kw_only=True):
    """A planted shared cause: who is hit (`kind` and `groups`), by what, when (UTC seconds).

    Attributes:
        groups: one place, or several that one fault hits in the same hours.
        share: of the desks that run meanwhile, so many are hit.
        windows: from and to, more than one where it comes back every day.
        along: requirements that fail with it and are no cause of their own.
        grows: from nobody at the start of a window to `share` at its end.
    """

    requirement: str
    kind: str
    groups: tuple[str, ...]
    owner: str
    share: float
    windows: tuple[tuple[float, float], ...]
    along: tuple[str, ...] = ()
    grows: bool = False

    def hits(self, desk: Desk, at_s: float) -> bool:
        """Whether a desk stands where and runs when it is."""
        groups = {"everywhere": "", "provider": desk.site.provider, "site": desk.site.name,
                  "subnet": desk.subnet, "browser": desk.browser}  # fmt: skip
        return groups[self.kind] in self.groups and any(
            start <= at_s <= end for start, end in self.windows
        )

    def share_at(self, at_s: float) -> float:
        """Of the desks that run at that moment, which must be in a window."""
        if not self.grows:
            return self.share
        start, end = next(each for each in self.windows if each[0] <= at_s <= each[1])
        return self.share * (at_s - start) / (end - start)


class Run(Struct, frozen=True, kw_only=True):
    """One run: what fails in it, and its figures."""

    run_id: str
    desk: Desk
    at_s: float
    failing: dict[str, str]
    """Requirement to owner."""
    figures: dict[str, float]

    @property
    def verdict(self) -> str:
        """Every verdict that there is occurs: of a desk where nothing fails, always the same."""
        well = [each for each in Readiness if each is not Readiness.NOT_READY]
        chosen = well[crc32(self.desk.host_id.encode()) % len(well)]
        return (Readiness.NOT_READY if self.failing else chosen).value


class Fleet(Struct, kw_only=True):
    """Everything that is true of a planted fleet."""

    sites: list[Site]
    desks: list[Desk]
    faults: list[Fault]
    runs: list[Run]
    end_s: float


def make_fleet(
    seed: int,
    *,
    sites: int = 12,
    desks: int = 20,
    days: int = 10,
    runs_a_day: float = 4.0,
    faults: int = 6,
    odd: float = 0.02,
    silent: float = 0.03,
    noise: float = 0.004,
    plant: "Plant | None" = None,
) -> Fleet:
    """Draw a fleet. `desks` is a site; `noise` the chance that a desk fails something by itself,
    each requirement in each run; `odd` and `silent` are shares of all desks. `plant` makes the
    faults: one of SCENES, else `faults` of every kind at different times.
    """
    chance = random.Random(seed)
    places = [_site(chance, number) for number in range(sites)]
    people = [_desk(chance, site) for site in places for _ in range(desks)]
    for desk in chance.sample(people, round(odd * len(people))):
        desk.broken = (chance.choice((RAM, EDNS, WEBPHONE)),)
    for desk in chance.sample(people, round(silent * len(people))):
        desk.silent_from = _at(chance.randrange(1, max(2, days - 8)), 0)
    planted = plant(chance, places, days) if plant else _plant(chance, places, days, faults)
    runs = [
        _run(chance, desk, at_s, planted, noise)
        for desk in people
        for at_s in _moments(chance, desk, days, runs_a_day)
        if at_s < desk.silent_from
    ]
    end_s = _at(days, 0)
    return Fleet(sites=places, desks=people, faults=planted, runs=runs, end_s=end_s)


def write_fleet(fleet: Fleet, folder: Path, *, whole: bool = False) -> int:
    """Every run as a file of the share folder; returns bytes. `whole`: as large as real ones."""
    written = 0
    padding = _evidence() if whole else []
    for run in fleet.runs:
        content = report_json(run, padding)
        name = f"{run.desk.host_id}-{run.run_id}.json"
        (folder / name).write_bytes(content)
        written += len(content)
    return written


def report_json(run: Run, outcomes: list[object] | None = None) -> bytes:
    """A run as the program would have shared it."""
    local = timezone(timedelta(hours=run.desk.site.utc_h))
    started = datetime.fromtimestamp(run.at_s, local)
    site = run.desk.site
    return msgspec.json.encode(
        {
            "schema_version": 1,
            "app_version": "1.0",
            "run_id": run.run_id,
            "run_code": run_code(uuid.UUID(run.run_id)),
            "started_at": started.isoformat(timespec="milliseconds"),
            "finished_at": (started + timedelta(seconds=50)).isoformat(timespec="milliseconds"),
            "profile": {"name": "Technical prerequisites", "version": "1", "location": "",
                        "targets": {}},
            "answers": {"role": "webphone"},
            "machine": {"host_name": "***", "user_name": "***", "system": "Windows 11",
                        "architecture": "AMD64"},
            "verdict": run.verdict,
            "root_cause": None,
            "findings": _findings(run),
            "outcomes": outcomes or [],
            "redacted": True,
            "language": "en",
            "plan": None,
            "checklist": [],
            "seat": {"host_id": run.desk.host_id, "name_id": "", "host_name": run.desk.host_name,
                     "site": site.name, "subnet": run.desk.subnet, "provider": site.provider},
        }
    )  # fmt: skip


class Score(Struct, frozen=True, kw_only=True):
    """How many of the found were planted, and of the planted were found; of those that are right,
    so many leave open whether a larger place is hit, which is the one that was planted.
    """

    found: int
    right: int
    planted: int
    met: int
    left_open: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.met / self.planted if self.planted else 1.0


class Claim(Struct, frozen=True, kw_only=True):
    """What a program concluded, in the terms of what was planted."""

    kind: str
    groups: tuple[str, ...]
    requirements: frozenset[str]
    windows: tuple[tuple[float, float], ...]
    perhaps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Kind and groups of larger places that it leaves open."""


def score(fleet: Fleet, claims: list[Claim]) -> Score:
    """A claim is right where a fault of its requirement hit exactly its place in its time.

    A second claim of the same fault is wrong: one problem is told once. A fault that nobody can
    see counts neither way.
    """
    visible = [fault for fault in fleet.faults if _is_visible(fleet, fault)]
    unclaimed = list(fleet.faults)
    right, met, unseen, left_open = 0, 0, 0, 0
    for claim in claims:
        hit = [fault for fault in unclaimed if _same(fleet, fault, claim)]
        if hit:
            # what comes back at one place is one problem with several windows
            unclaimed = [fault for fault in unclaimed if fault not in hit]
            right += 1
            met += sum(fault in visible for fault in hit)
            left_open += not any(
                _same_place(fleet, fault, claim.kind, claim.groups) for fault in hit
            )
        elif any(_touches(fleet, fault, claim) for fault in unclaimed if fault not in visible):
            unseen += 1
    return Score(
        found=len(claims) - unseen, right=right, planted=len(visible), met=met, left_open=left_open
    )


def _is_visible(fleet: Fleet, fault: Fault) -> bool:
    """A fault that fewer than three desks met cannot be told from chance by anyone, nor from one
    of everywhere where fewer passed elsewhere; of several places each has to be seen.
    """
    met = _met(fleet, fault)
    seen = [place for place in fault.groups if len(met & _at_place(fleet, fault, place)) >= SEEN_BY]
    hit = _desks_at(fleet, fault.kind, fault.groups)
    passed = {
        run.desk.host_id
        for run in fleet.runs
        if fault.requirement not in run.failing
        and any(start <= run.at_s <= end for start, end in fault.windows)
    }
    is_told_apart = fault.kind == "everywhere" or len(passed - hit) >= SEEN_BY
    return is_told_apart and len(seen) >= min(2, len(fault.groups))


def _touches(fleet: Fleet, fault: Fault, claim: Claim) -> bool:
    """Whether a claim is about the desks, the time and the requirement of a fault at all."""
    return (
        _overlaps(fault, claim)
        and fault.requirement in claim.requirements
        and not _desks_at(fleet, fault.kind, fault.groups).isdisjoint(
            _desks_at(fleet, claim.kind, claim.groups)
        )
    )


def _overlaps(fault: Fault, claim: Claim) -> bool:
    return any(
        start <= to and from_ <= end for start, end in fault.windows for from_, to in claim.windows
    )


def _at_place(fleet: Fleet, fault: Fault, place: str) -> frozenset[str]:
    return _desks_at(fleet, fault.kind, (place,))


def _same(fleet: Fleet, fault: Fault, claim: Claim) -> bool:
    return (
        fault.requirement in claim.requirements
        and _overlaps(fault, claim)
        and any(
            _same_place(fleet, fault, kind, groups)
            for kind, groups in ((claim.kind, claim.groups), *claim.perhaps)
        )
    )


def _same_place(fleet: Fleet, fault: Fault, kind: str, groups: tuple[str, ...]) -> bool:
    """Of a fault at several places, those have to be named where enough desks met it."""
    if len(fault.groups) > 1 and kind == fault.kind:
        met = _met(fleet, fault)
        seen = {
            place for place in fault.groups if len(met & _at_place(fleet, fault, place)) >= SEEN_BY
        }
        return seen <= set(groups) <= set(fault.groups)
    return _desks_at(fleet, fault.kind, fault.groups) == _desks_at(fleet, kind, groups)


def _desks_at(fleet: Fleet, kind: str, groups: tuple[str, ...]) -> frozenset[str]:
    """Who is meant: a provider's only site is that site."""
    place_of = {
        "everywhere": lambda _desk: "",
        "provider": lambda desk: desk.site.provider,
        "site": lambda desk: desk.site.name,
        "subnet": lambda desk: desk.subnet,
        "browser": lambda desk: desk.browser,
    }
    of = place_of[kind]
    return frozenset(desk.host_id for desk in fleet.desks if of(desk) in groups)


def _met(fleet: Fleet, fault: Fault) -> frozenset[str]:
    return frozenset(
        run.desk.host_id
        for run in fleet.runs
        if fault.requirement in run.failing and fault.hits(run.desk, run.at_s)
    )


def _site(chance: random.Random, number: int) -> Site:
    subnets = tuple(f"10.{number + 10}.{part}.0/24" for part in range(chance.choice((1, 2, 2))))
    cycle, place = divmod(number, len(NAMES))
    return Site(
        name=NAMES[place] + (f" {cycle + 1}" if cycle else ""),
        provider=PROVIDERS[number % len(PROVIDERS)],
        subnets=subnets,
        utc_h=chance.choice((0, 1, 1, 2)),
        latency_ms=chance.uniform(18, 45),
    )


def _desk(chance: random.Random, site: Site) -> Desk:
    name = chance.getrandbits(32)
    return Desk(
        host_id=f"{chance.getrandbits(128):032x}",
        host_name=f"PC-{name:08X}",
        site=site,
        subnet=chance.choice(site.subnets),
        browser=chance.choice(BROWSERS),
        wifi=chance.random() < 0.2,
        early=chance.random() < 0.6,
    )


def _plant(chance: random.Random, sites: list[Site], days: int, count: int) -> list[Fault]:
    """Faults in different places, so that each can be told; kinds in turn."""
    free = chance.sample(sites, len(sites))
    makers = [_site_hour, _site_for_days, _subnet_for_days, _site_daily, _provider_hour,
              _everywhere_hour]  # fmt: skip
    chance.shuffle(makers)
    # a week end has no shifts; two faults at one time in one requirement would be one
    working = [day for day in range(days) if day % 7 < 5]
    chance.shuffle(working)
    faults: list[Fault] = []
    for number in range(count):
        maker = makers[number % len(makers)]
        day = working[number % len(working)]
        if not free:
            break  # every place has its fault
        faults.append(maker(chance, free, day, days))
    return faults


def _window(chance: random.Random, day: int) -> tuple[float, float]:
    start_s = _at(day, chance.uniform(8, 14))
    return start_s, start_s + 60 * chance.uniform(35, 120)


def _site_hour(chance: random.Random, free: list[Site], day: int, _days: int) -> Fault:
    return Fault(
        requirement=LOSS, kind="site", groups=(free.pop().name,), owner=PROVIDER,
        share=chance.uniform(0.8, 1), windows=(_window(chance, day),), along=(MOS,),
    )  # fmt: skip


def _site_for_days(chance: random.Random, free: list[Site], _day: int, days: int) -> Fault:
    start_s = _at(chance.randrange(max(1, days - 3)), 6)
    return Fault(
        requirement=WEBPHONE, kind="site", groups=(free.pop().name,), owner=NETWORK_TEAM,
        share=1.0, windows=((start_s, _at(days, 0)),),
    )  # fmt: skip


def _subnet_for_days(chance: random.Random, free: list[Site], _day: int, days: int) -> Fault:
    site = next((each for each in free if len(each.subnets) > 1), free[-1])
    free.remove(site)
    start_s = _at(chance.randrange(max(1, days - 3)), 6)
    return Fault(
        requirement=EDNS, kind="subnet", groups=(chance.choice(site.subnets),), owner=NETWORK_TEAM,
        share=chance.uniform(0.9, 1), windows=((start_s, _at(days, 0)),),
    )  # fmt: skip


def _site_daily(chance: random.Random, free: list[Site], _day: int, days: int) -> Fault:
    hour, length_s = chance.uniform(8, 14), 60 * chance.uniform(45, 90)
    starts = [_at(day, hour) for day in range(days) if day % 7 < 5]
    return Fault(
        requirement=JITTER, kind="site", groups=(free.pop().name,), owner=NETWORK_TEAM,
        share=chance.uniform(0.8, 1), windows=tuple((start, start + length_s) for start in starts),
        along=(MOS,),
    )  # fmt: skip


def _provider_hour(chance: random.Random, free: list[Site], day: int, _days: int) -> Fault:
    """All sites of one provider; they are no longer free for anything else."""
    provider = free[-1].provider
    free[:] = [site for site in free if site.provider != provider] or free
    return Fault(
        requirement=LATENCY, kind="provider", groups=(provider,), owner=PROVIDER,
        share=chance.uniform(0.8, 1), windows=(_window(chance, day),),
    )  # fmt: skip


def _everywhere_hour(chance: random.Random, _free: list[Site], day: int, _days: int) -> Fault:
    return Fault(
        requirement="port.tcp443", kind="everywhere", groups=("",), owner=HELPDESK,
        share=chance.uniform(0.85, 1), windows=(_window(chance, day),),
    )  # fmt: skip


Plant: TypeAlias = Callable[[random.Random, list[Site], int], list[Fault]]
"""Draws the faults of a fleet of some sites over so many days."""


def _one_of(chance: random.Random, sites: list[Site], window: tuple[float, float]) -> Fault:
    """Something that a service does to some of the sites that use it, whoever their providers."""
    requirement, along = chance.choice(((LOSS, (MOS,)), (LATENCY, ()), (WEBPHONE, ())))
    return Fault(
        requirement=requirement, kind="site", groups=tuple(site.name for site in sites),
        owner=PROVIDER, share=chance.uniform(0.8, 1), windows=(window,), along=along,
    )  # fmt: skip


def two_of_three(chance: random.Random, sites: list[Site], _days: int) -> list[Fault]:
    """Two of every three sites are in trouble in the same hour: one fault."""
    hit = chance.sample(sites, round(len(sites) * 2 / 3))
    return [_one_of(chance, hit, _window(chance, chance.randrange(5)))]


def a_quarter(chance: random.Random, sites: list[Site], _days: int) -> list[Fault]:
    """The same, of a quarter of the sites, on two days."""
    days = chance.sample(range(5), 2)
    count = max(2, len(sites) // 4)
    return [_one_of(chance, chance.sample(sites, count), _window(chance, day)) for day in days]


def at_once(chance: random.Random, sites: list[Site], _days: int) -> list[Fault]:
    """Three sites in one hour, each with a trouble of its own."""
    start_s, end_s = _window(chance, chance.randrange(5))
    hit = chance.sample(sites, min(3, len(sites)))
    kinds = ((LOSS, (MOS,), PROVIDER), (WEBPHONE, (), NETWORK_TEAM), (EDNS, (), NETWORK_TEAM))
    return [
        Fault(
            requirement=requirement, kind="site", groups=(site.name,), owner=owner,
            share=chance.uniform(0.8, 1), windows=((start_s, end_s),), along=along,
        )
        for site, (requirement, along, owner) in zip(hit, kinds, strict=False)
    ]  # fmt: skip


def beside_a_lasting_one(chance: random.Random, sites: list[Site], days: int) -> list[Fault]:
    """One site fails for days, another for an hour meanwhile, in the same requirement."""
    lasting, passing = chance.sample(sites, 2)
    start_s = _at(chance.randrange(2), 6)
    window = _window(chance, chance.randrange(2, 5))
    return [
        Fault(
            requirement=LOSS, kind="site", groups=(site.name,), owner=PROVIDER,
            share=chance.uniform(0.8, 1), windows=(when,), along=(MOS,),
        )
        for site, when in ((lasting, (start_s, _at(days, 0))), (passing, window))
    ]  # fmt: skip


def drifting(chance: random.Random, sites: list[Site], days: int) -> list[Fault]:
    """At one site the share that fails grows from none to nearly all, over all days."""
    return [
        Fault(
            requirement=LATENCY, kind="site", groups=(chance.choice(sites).name,), owner=PROVIDER,
            share=0.95, windows=((_at(0, 0), _at(days, 0)),), grows=True,
        )
    ]  # fmt: skip


SCENES: dict[str, Plant] = {
    "two of three sites at once": two_of_three,
    "a quarter of the sites": a_quarter,
    "three faults in one hour": at_once,
    "one beside a lasting one": beside_a_lasting_one,
    "drift": drifting,
}


def _moments(chance: random.Random, desk: Desk, days: int, runs_a_day: float) -> Iterator[float]:
    """At the start of a shift, and now and then during it."""
    start_h = (7.0 if desk.early else 12.0) - desk.site.utc_h
    for day in range(days):
        if day % 7 >= 5 or chance.random() < 0.08:  # off work
            continue
        yield _at(day, start_h + abs(chance.gauss(0, 0.25)))
        for _ in range(_poisson(chance, runs_a_day - 1)):
            yield _at(day, start_h + chance.uniform(0, 8.5))


def _run(chance: random.Random, desk: Desk, at_s: float, faults: list[Fault], noise: float) -> Run:
    failing = {name: HELPDESK for name in REQUIREMENTS if chance.random() < noise}
    failing |= dict.fromkeys(desk.broken, HELPDESK)
    for fault in faults:
        if fault.hits(desk, at_s) and chance.random() < fault.share_at(at_s):
            failing |= dict.fromkeys((fault.requirement, *fault.along), fault.owner)
    hour = (at_s / 3600 + desk.site.utc_h) % 24
    busy = 12 * math.exp(-(((hour - 11) / 2) ** 2))
    latency = desk.site.latency_ms + busy + chance.expovariate(0.3) + 8 * desk.wifi
    figures = {
        LATENCY: latency + (90 if LATENCY in failing else 0),
        JITTER: 2 + busy / 3 + chance.expovariate(0.8) + (25 if JITTER in failing else 0),
        LOSS: chance.expovariate(8) + (3 if LOSS in failing else 0),
        MOS: 3.2 if MOS in failing else 4.3,
    }
    run_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return Run(run_id=run_id, desk=desk, at_s=at_s, failing=failing, figures=figures)


def _at(day: int, hour: float) -> float:
    return (FIRST_DAY + timedelta(days=day, hours=hour)).timestamp()


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way: fine for a few."""
    limit, count, product = math.exp(-max(0.0, mean)), 0, chance.random()
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


# requirement: title, page, unit, limit
REQUIREMENTS: dict[str, tuple[str, str, str, float]] = {
    "browser.version": ("Browser is the newest version", "browsers", "", 0),
    "browser.cookies": ("Cookies", "browsers", "", 0),
    "browser.webrtc": ("WebRTC", "browsers", "", 0),
    "computer.cpu": ("Processor", "computer", "", 0),
    RAM: ("Memory", "computer", "", 0),
    "screen.resolution": ("Screen", "screen", "", 0),
    "audio.microphone": ("Microphone", "computer", "", 0),
    "port.tcp443": ("TCP port 443", "firewall_ports", "", 0),
    "port.dns": ("Name lookup", "firewall_ports", "", 0),
    "udp.stun": ("STUN ports 5060 and 3479", "firewall_ports", "", 0),
    "udp.range": ("Media ports", "firewall_ports", "", 0),
    WEBPHONE: ("Webphone port 10062", "webphone_port", "", 0),
    LATENCY: ("Latency (round trip)", "udp_media", "ms", 100),
    JITTER: ("Jitter", "udp_media", "ms", 20),
    LOSS: ("Packet loss", "udp_media", "%", 1),
    MOS: ("Estimated call quality (MOS)", "udp_media", "MOS", 4),
    EDNS: ("EDNS name lookups", "edns", "", 0),
    "websocket.open": ("Websocket stays open", "websockets", "", 0),
    "filter.tls_interception": ("Encryption untouched", "web_filters", "", 0),
}
NAMES_OF_VALUES = {LATENCY: "median", JITTER: "jitter", LOSS: "loss", MOS: "mos"}


def _findings(run: Run) -> list[dict[str, object]]:
    found = []
    for name, (title, page, unit, limit) in REQUIREMENTS.items():
        failed = name in run.failing
        finding: dict[str, object] = {
            "status": "fail" if failed else "pass",
            "summary": f"{title}: {'not well' if failed else 'well'}.",
            "observed": "", "expected": "", "measured": [], "interval": None, "remedy": None,
            "details": [], "stages": [], "tried": [], "gauge": None, "chart": None,
            "check": name, "requirement": name, "title": title, "page": page,
            "required": True, "source": None, "depends_on": "", "answer": None,
        }  # fmt: skip
        if failed:
            finding["remedy"] = {"text": "", "owner": run.failing[name], "request": "", "link": ""}
        if name == "browser.version":
            finding["measured"] = [{"name": "browser", "value": run.desk.browser, "unit": "text"}]
        if name in run.figures:
            value = run.figures[name]
            finding["measured"] = [{"name": NAMES_OF_VALUES[name], "value": value, "unit": unit}]
            finding["gauge"] = {
                "title": title,
                "value": value,
                "unit": unit,
                "limit": limit,
                "interval": None,
                "higher_is_better": name == MOS,
                "digits": 1,
            }
        found.append(finding)
    return found


def _evidence() -> list[object]:
    """What a real report carries beside its findings, so that bytes are real too."""
    outcomes: list[object] = msgspec.json.decode(GOLDEN.read_bytes())["outcomes"]
    return outcomes * -(-EVIDENCE_BYTES // len(msgspec.json.encode(outcomes)))
