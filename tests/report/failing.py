"""The largest report that a run can bring: every check of an administrator fails."""

import itertools
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from msgspec import structs
from report.samples import not_ready, wavy_chart

from natwizard.languages import language_of
from natwizard.model.finding import (
    AttemptLine,
    ConnectionStage,
    Detail,
    Finding,
    Gauge,
    Owner,
    Remedy,
    Status,
)
from natwizard.model.language import _
from natwizard.model.profile import Answers, Role
from natwizard.model.report import Readiness, Report
from natwizard.profiles.find import find_profile
from natwizard.run.plan import make_plan

CATALOGUES = Path(__file__).parents[2] / "resources" / "translations"
SENTENCE = range(50, 140)
SHORT = range(15, 40)
ASKED = ("port.", "websocket.", "dns.", "nat.", "filter.", "quality.")
"""What asks servers: its findings tell each try."""


@cache
def texts(code: str, lengths: range) -> tuple[str, ...]:
    """Texts of the program in a language, of some lengths: what reports are made of."""
    with (CATALOGUES / ("de" if code == "en" else code) / "LC_MESSAGES/natwizard.po").open(
        "rb"
    ) as file:
        catalogue = read_po(file)
    told = (
        message.id if code == "en" else message.string
        for message in catalogue
        if isinstance(message.id, str) and isinstance(message.string, str)
    )
    return tuple(text for text in told if len(text) in lengths and not set("{}[&%\n") & set(text))


def all_failing(code: str) -> Report:
    """In a language, with what every finding can have: remedy, details, attempts, stages."""
    found = find_profile("")
    plan = make_plan(found.profile, Answers(role=Role.ADMINISTRATOR), location=found.location)
    sentences, shorts = (itertools.cycle(texts(code, lengths)) for lengths in (SENTENCE, SHORT))
    owners = itertools.cycle(Owner)
    findings = []
    with language_of(code):
        for row in plan.rows:
            quality = row.requirement.id.startswith("quality.")
            asked = row.requirement.id.startswith(ASKED)
            title = _(row.check.title)
            findings.append(Finding(
                check=row.check.name, requirement=row.requirement.id, title=title,
                page=row.check.page, required=True, source=row.source, status=Status.FAIL,
                summary=next(sentences), observed=next(shorts), expected=next(shorts),
                remedy=Remedy(text=next(sentences), owner=next(owners),
                              request=" ".join((next(sentences), next(sentences)))),
                details=tuple(Detail(label=next(shorts), text=next(sentences)) for _n in range(3)),
                stages=tuple(ConnectionStage(name=name, status=Status.FAIL, text=next(shorts))
                             for name in ("DNS", "TCP", "TLS") if asked),
                tried=tuple(AttemptLine(started_s=number / 3, duration_s=3.0, result=next(shorts),
                                      target=f"webphone{number}.example.com:10062")
                            for number in range(9) if asked),
                gauge=Gauge(title=title, value=240.0, unit="ms", limit=100.0) if quality else None,
                chart=wavy_chart() if row.check.name == "quality.latency" else None,
            ))  # fmt: skip
    return structs.replace(
        not_ready(), language=code, verdict=Readiness.NOT_READY, findings=tuple(findings),
        answers=Answers(role=Role.ADMINISTRATOR),
    )  # fmt: skip
