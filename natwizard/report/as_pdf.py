"""A report as PDF: page 1 answers alone, the evidence follows, the JSON is attached inside."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from natwizard.model.checklist import ChecklistItem
from natwizard.model.language import _
from natwizard.model.plan import OrgPlan
from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord
from natwizard.report.as_json import report_json, watch_json
from natwizard.report.document import Document, plan_document, report_document
from natwizard.report.files import CannotWrite, write_whole
from natwizard.report.open_report import REPORT_NAME, WATCH_NAME
from natwizard.report.pdf.text import SHEETS, PageSize
from natwizard.report.watch_words import watch_document

# ISO 3166 codes of the countries whose CLDR paper size is US-Letter (CLDR, supplementalData).
LETTER = frozenset(
    ("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE")
)
ASKED_FOR = "NATWIZARD_PAPER"
# In this order (locale(7)): LC_ALL goes before all, LANG stands in for what is not set
PAPER_VARIABLES = ("LC_ALL", "LC_PAPER", "LANG")


def usual_page_size(environment: Mapping[str, str] = os.environ) -> PageSize:
    """What NATWIZARD_PAPER says ("a4", "letter"), else the paper of this computer's country."""
    wanted = environment.get(ASKED_FOR, "").lower()
    if wanted in set(PageSize):
        return PageSize(wanted)
    return PageSize.LETTER if _country(environment) in LETTER else PageSize.A4


def _country(environment: Mapping[str, str]) -> str:
    """As the system's regional settings say; empty where they say none."""
    name = next((environment[name] for name in PAPER_VARIABLES if environment.get(name)), "")
    if name:
        return name.partition(".")[0].partition("_")[2][:2].upper()
    if sys.platform not in ("win32", "darwin"):
        return ""
    from PySide6.QtCore import QLocale

    return QLocale.territoryToCode(QLocale.system().territory())


def write_pdf(report: Report, path: Path, *, page_size: PageSize | None = None) -> None:
    """Save a report as PDF, whole or not at all. Raises CannotWrite.

    Needs no window and no display; makes a Qt application of its own where there is none.
    Without a `page_size` it is the paper of this computer's country.
    """
    attached = REPORT_NAME, report_json(report)
    _write(report_document(report), report.app_version, attached, path, page_size)


def write_plan_pdf(
    plan: OrgPlan,
    items: Sequence[ChecklistItem],
    path: Path,
    *,
    app_version: str,
    page_size: PageSize | None = None,
) -> None:
    """Save a plan without a report, in the same dress. Raises CannotWrite."""
    _write(plan_document(plan, items, app_version), app_version, None, path, page_size)


def write_watch_pdf(record: WatchRecord, path: Path, *, page_size: PageSize | None = None) -> None:
    """Save what a watch saw, in the same dress. Raises CannotWrite."""
    attached = WATCH_NAME, watch_json(record)
    _write(watch_document(record), record.app_version, attached, path, page_size)


def _write(
    document: Document,
    app_version: str,
    attached: tuple[str, bytes] | None,
    path: Path,
    page_size: PageSize | None,
) -> None:
    # Qt comes in only here: it needs system libraries that a small server may lack.
    try:
        from natwizard.report.pdf.draw import draw_pdf
        from natwizard.report.pdf.text import NoFonts

        sheet = SHEETS[page_size or usual_page_size()]
        content = draw_pdf(document, sheet, app_version, attached)
    except ImportError as error:
        reason = _("PDF needs a system library that is missing ({detail})")
        raise CannotWrite(path, reason.format(detail=error)) from error
    except NoFonts as error:
        reason = _("this computer has no fonts; install some (for example fonts-dejavu)")
        raise CannotWrite(path, reason) from error
    write_whole(path, content)
