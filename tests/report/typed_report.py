"""A report made from its types: every text that anybody could find in one, and whose it is."""

import importlib
import pkgutil
import random
import socket
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct

import natwizard.probes
from natwizard.checks.catalogue import CHECKS
from natwizard.model.finding import Finding
from natwizard.model.privacy import Personal, PersonalKind, Public, Quoting, Server
from natwizard.model.profile import Answers, Targets
from natwizard.model.report import ProbeRecord, Report
from natwizard.model.watch import WatchRecord
from natwizard.probes.base import Probe

MARKS = (Personal, Public, Server, Quoting)
LETTERS = "bcdfghjkmnpqrtvwxz"


def all_probes() -> dict[str, Probe[Any]]:
    """Of every module there is, whether or not a check needs it."""
    found = {}
    for module in pkgutil.walk_packages(natwizard.probes.__path__, "natwizard.probes."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Probe):
                found[value.name] = value
    for check in CHECKS:
        for probe in check.needs:
            found[probe.name] = probe
    return found


class Maker:
    """Makes values of any type and remembers what it planted.

    Attributes:
        personal: words that stand in personal fields, in whatever form the field takes.
        addresses: the same for addresses of this side.
        public: texts that have to survive.
        full: no optional field stays empty; otherwise chance decides.
    """

    def __init__(self, seed: int, quoted: tuple[str, ...] = (), *, full: bool = True) -> None:
        self.chance = random.Random(seed)
        self.quoted = quoted
        self.full = full
        self.personal: list[str] = []
        self.addresses: list[str] = []
        self.public: list[str] = []
        self._count = 0

    def word(self) -> str:
        self._count += 1
        number, word = self._count, ""
        for _letter in range(4):
            number, letter = divmod(number, len(LETTERS))
            word += LETTERS[letter]
        return f"qy{word}yq"

    def make(
        self, hint: Any, mark: Any = None, name: str = "", variables: Mapping[Any, Any] = {}
    ) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            own = [each for each in arguments[1:] if isinstance(each, MARKS)]
            if any(isinstance(each, Meta) and each.pattern for each in arguments[1:]):
                return f"{self.chance.getrandbits(64):016x}"
            return self.make(arguments[0], own[0] if own else mark, name, variables)
        if isinstance(hint, TypeVar):
            return self.make(variables[hint], mark, name, variables)
        if origin in {Union, UnionType}:
            return self._one_of(arguments, mark, name, variables)
        if origin is Literal:
            return self.chance.choice(arguments)
        if origin is tuple:
            count = 2 if self.full else self.chance.randint(1, 4)
            return tuple(self.make(arguments[0], mark, name, variables) for _each in range(count))
        kind = origin or hint
        if issubclass(kind, Struct):
            return self._struct(kind, arguments, mark, variables)
        return self.text(mark, name) if kind is str else self._number(kind)

    def _number(self, kind: Any) -> Any:
        """Of a bool, an int, a float or an enum."""
        if kind is socket.AddressFamily:
            return socket.AF_INET
        if issubclass(kind, Enum):
            return self.chance.choice(list(kind))
        if kind is bool:
            return self.chance.random() < 0.5
        if kind is int:
            return self.chance.choice((1, 2, 4, 5, 64, 1000))
        assert kind is float, kind
        return 1.0 if self.full else self.chance.choice((0.0, 1.0, 5.0, 30.0, 200.0))

    def _one_of(self, arguments: Any, mark: Any, name: str, variables: Any) -> Any:
        some = [each for each in arguments if each is not NoneType]
        if len(some) < len(arguments) and not self.full and self.chance.random() < 0.3:
            return None
        texts = [each for each in some if each is str or get_args(each)[:1] == (str,)]
        return self.make((texts or some)[0], mark, name, variables)

    def _struct(self, kind: Any, arguments: Any, mark: Any, variables: Any) -> Any:
        bound = [variables.get(each, each) for each in arguments]
        below = dict(zip(getattr(kind, "__parameters__", ()), bound, strict=False))
        hints = get_type_hints(kind, include_extras=True)
        values = {
            field.name: self.make(hints[field.name], mark, field.name, below)
            for field in msgspec.structs.fields(kind)
        }
        if kind.__name__ == "Attempt":  # exactly one of the two is set
            fails = not self.full and self.chance.random() < 0.3
            values["value" if fails else "failure"] = None
        return kind(**values)

    def text(self, mark: Any, name: str) -> str:
        match mark:
            case Public():
                self.public.append(self.word())
                return self.public[-1]
            case Server():
                return self._server(name)
            case Quoting():
                return self._quoting()
            case Personal(kind=kind):
                return self._personal(kind, name)
        raise AssertionError(f"{name} has no mark")

    def _server(self, name: str) -> str:
        address = f"185.185.76.{self.chance.randint(1, 5)}"
        if name in {"address", "addresses", "control", "value", "lookups", "host", "allocations"}:
            return address
        if name == "url":
            return f"https://service{self.chance.randint(1, 3)}.example.net/"
        return f"service{self.chance.randint(1, 3)}.example.net:443"

    def _quoting(self) -> str:
        if not self.quoted:
            return "nothing of note"
        spelled = [
            str, str.upper, lambda word: f"({word.title()})", lambda word: f"{word}.corp.example",
            lambda word: f"C:\\Users\\{word}\\x", lambda word: f"/home/{word}/y", quote,
            lambda word: f"https://{word}.my.salesforce.com/", lambda word: f"\\\\{word}\\share",
        ]  # fmt: skip
        some = [self.chance.choice(self.quoted) for _each in range(2)]
        texts = [each if each[0].isdigit() else self.chance.choice(spelled)(each) for each in some]
        return f"said {' and '.join(texts)}"

    def _personal(self, kind: PersonalKind, name: str) -> str:
        if kind in {PersonalKind.ADDRESS, PersonalKind.RANGE}:
            if kind is PersonalKind.RANGE and name == "end":
                return self.addresses[-1]
            # few enough that equal ones meet, as those of one line do
            self.addresses.append(f"93.184.216.{self.chance.randint(1, 3)}")
            return self.addresses[-1]
        word = self.word()
        self.personal.append(word)
        match kind:
            case PersonalKind.COMPUTER:
                return f"{word}.corp.example.org"
            case PersonalKind.PATH:
                return f"/home/{word}/.config/browser"
            case PersonalKind.DEVICE:
                return self.chance.choice((f"{word}'s headset", f"AirPods Pro von {word}"))
            case PersonalKind.ORG:
                return f"https://{word}.my.salesforce.com"
            case PersonalKind.NAME if name == "user_name":
                return f"{word}.jürgen@acme.example"
        return word


def evidence_of(maker: Maker, probe: Probe[Any]) -> ProbeRecord:
    return ProbeRecord(
        probe=probe.name,
        started_s=0.0,
        duration_s=1.0,
        evidence=msgspec.Raw(msgspec.json.encode(maker.make(probe.evidence))),
        log=(maker.text(Quoting(), "log"),),
    )


def _made(maker: Maker, like: Report) -> Report:
    outcomes = tuple(evidence_of(maker, probe) for _name, probe in sorted(all_probes().items()))
    targets = maker.make(Targets, Public())
    findings = tuple(maker.make(Finding) for _each in range(3))
    return msgspec.structs.replace(
        like,
        profile=msgspec.structs.replace(like.profile, targets=targets),
        machine=maker.make(type(like.machine)),
        answers=Answers(),
        findings=findings,
        outcomes=outcomes,
        checklist=maker.make(Report.__annotations__["checklist"]),
        plan=maker.make(Report.__annotations__["plan"]),
        root_cause=maker.make(Report.__annotations__["root_cause"]),
    )


def typed_report(seed: int, like: Report, *, full: bool = True) -> tuple[Report, Maker]:
    """A report, and what was planted in it. Texts that may quote do quote what is personal."""
    first = Maker(seed, full=full)
    _made(first, like)
    second = Maker(seed, ("nobody",), full=full)
    second.quoted = tuple(first.personal + first.addresses)
    return _made(second, like), second


def typed_watch(seed: int, like: WatchRecord) -> tuple[WatchRecord, Maker]:
    maker = Maker(seed)
    machine = maker.make(type(like.machine))
    maker.quoted = tuple(maker.personal)
    note = maker.text(Quoting(), "note")
    return msgspec.structs.replace(like, machine=machine, note=note), maker
