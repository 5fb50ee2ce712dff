"""Which paper people have where this computer is: Letter in North America, A4 elsewhere."""

import os
import sys
from collections.abc import Mapping

from natwizard.report.pdf.sheet import PageSize

# ISO 3166 codes of the countries whose CLDR paper size is US-Letter (CLDR, supplementalData).
LETTER = frozenset(
    ("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE")
)
ASKED_FOR = "NATWIZARD_PAPER"
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
