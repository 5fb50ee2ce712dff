"""What a run will do: which rows and probes, in which order, and who answers them."""

import uuid
from dataclasses import replace

import pytest
from msgspec import Struct, structs

from natwizard.assets import asset
from natwizard.checks.base import Inputs
from natwizard.checks.catalogue import CHECKS
from natwizard.model.finding import Owner, Page, Status
from natwizard.model.profile import Answers, Profile, Question, Requirement, Role
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.profiles.read import shipped_profile
from natwizard.run.plan import make_plan, planned_probe, question_check, run_code

ASKED = Requirement(
    id="office.desk",
    text="A desk of its own",
    roles=(Role.WEBPHONE,),
    title="Desk",
    question=Question(text="Ask who keeps the office.", owner=Owner.HELPDESK),
)


def profile_of(*requirements: Requirement) -> Profile:
    return Profile(schema_version=1, name="t", version="1", sources={}, requirements=requirements)


def test_a_question_stands_on_its_own_page_or_with_the_connection() -> None:
    assert question_check(ASKED).page is Page.CONNECTION
    assert question_check(structs.replace(ASKED, page=Page.COMPUTER)).page is Page.COMPUTER


def test_a_row_without_a_question_asks_nobody() -> None:
    with pytest.raises(ValueError, match=r"office\.desk"):
        question_check(structs.replace(ASKED, question=None))


def test_a_question_in_place_of_a_measurement_is_put_to_a_person() -> None:
    """An owner may rather ask than have a computer looked at."""
    asks = structs.replace(ASKED, id="computer.ram", page=Page.COMPUTER)
    measured = structs.replace(asks, question=None)
    [asked] = make_plan(profile_of(asks), Answers(), location="").rows
    assert asked.check.needs == ()
    assert asked.judge(Inputs(outcomes={})).status is Status.MANUAL
    [looked] = make_plan(profile_of(measured), Answers(), location="").rows
    assert looked.check.needs != ()


def test_a_code_has_one_word_for_each_of_the_first_four_bytes() -> None:
    words = asset("run-code-words.txt").read_text("ascii").split()
    told = run_code(uuid.UUID(bytes=bytes([0, 255, 7, 200]) + bytes(range(12))))
    assert told.split() == [words[0], words[255], words[7], words[200]]


@pytest.mark.parametrize("role", list(Role))
def test_rows_stand_page_by_page_in_the_catalogues_order_and_questions_last(role: Role) -> None:
    shipped = shipped_profile()
    turned = structs.replace(shipped, requirements=tuple(reversed(shipped.requirements)))
    rows = make_plan(turned, Answers(role=role), location="").rows
    order = [check.name for check in CHECKS]
    pages = list(Page)
    places = [
        (
            pages.index(row.check.page),
            order.index(row.check.name) if row.check.name in order else len(order),
        )
        for row in rows
    ]
    assert places == sorted(places)
    assert len({page for page, _place in places}) > 3


class Nothing(Struct, frozen=True, kw_only=True):
    """Evidence of no probe."""


async def nothing(_context: ProbeContext) -> Nothing:
    return Nothing()


def probe(name: str, phase: Phase, **more: object) -> Probe[Nothing]:
    made = Probe(
        name=name, title=name, evidence=Nothing, phase=phase, typical_s=3.0, deadline_s=9.0,
        gather=nothing,
    )  # fmt: skip
    return replace(made, **more)


@pytest.mark.parametrize(
    ("applies", "running", "waits_for"),
    [
        (True, frozenset[str](), ("machine", "soak")),
        (True, frozenset({"asked"}), ("machine", "asked", "soak")),
        (False, frozenset({"asked"}), ()),
    ],
)
def test_nobody_waits_for_what_nobody_asked_for(
    applies: bool, running: frozenset[str], waits_for: tuple[str, ...]
) -> None:
    needs = (
        probe("machine", Phase.MACHINE),
        probe("asked", Phase.ON_REQUEST),
        probe("soak", Phase.SOAK),
    )
    plan = make_plan(profile_of(ASKED), Answers(), location="")
    [row] = plan.rows
    row = replace(row, applies=applies, check=replace(row.check, needs=needs))
    [told] = replace(plan, rows=(row,)).planned_checks(running)
    assert told.waits_for == waits_for


def test_the_time_a_probe_takes_follows_the_answers_where_it_knows() -> None:
    answers = Answers(concurrent_calls=7)
    plain = planned_probe(probe("a", Phase.MEDIA), answers)
    assert (plain.typical_s, plain.deadline_s) == (3.0, 9.0)
    knows = probe("a", Phase.MEDIA, typical_for=lambda said: said.concurrent_calls * 2.0)
    assert planned_probe(knows, answers).typical_s == 14.0


def test_each_probe_runs_once_however_many_rows_ask_for_it() -> None:
    shared, other = probe("shared", Phase.MACHINE), probe("other", Phase.MACHINE)
    soak = probe("soak", Phase.SOAK)
    plan = make_plan(profile_of(ASKED), Answers(), location="")
    [row] = plan.rows
    first = replace(row, check=replace(row.check, needs=(shared,)), soak=soak)
    second = replace(row, check=replace(row.check, needs=(other, shared)))
    away = replace(
        row, applies=False, check=replace(row.check, needs=(probe("x", Phase.MACHINE),)), soak=soak
    )
    assert replace(plan, rows=(first, second, away)).probes() == (shared, other, soak)
    assert replace(plan, rows=(away,)).probes() == ()
    alone = replace(plan, rows=(first, second)).for_probe(other)
    assert (alone.rows, alone.probes()) == ((), (other,))
