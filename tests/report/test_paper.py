"""Paper by country, and as somebody asks for it."""

import pytest

from natwizard.report.as_pdf import usual_page_size
from natwizard.report.pdf.text import PageSize


@pytest.mark.parametrize(
    ("environment", "size"),
    [
        ({"LANG": "en_US.UTF-8"}, PageSize.LETTER),
        ({"LANG": "fr_CA"}, PageSize.LETTER),
        ({"LANG": "en_GB.UTF-8"}, PageSize.A4),
        ({"LANG": "de_DE.UTF-8", "LC_PAPER": "en_US.UTF-8"}, PageSize.LETTER),
        ({"LANG": "en_US.UTF-8", "LC_PAPER": "de_DE.UTF-8"}, PageSize.A4),
        ({"LANG": "C.UTF-8"}, PageSize.A4),
        ({"LANG": "en_US.UTF-8", "NATWIZARD_PAPER": "a4"}, PageSize.A4),
        ({"LANG": "de_DE", "NATWIZARD_PAPER": "Letter"}, PageSize.LETTER),
        ({"LANG": "en_US.UTF-8", "NATWIZARD_PAPER": "foolscap"}, PageSize.LETTER),
    ],
)
def test_paper_follows_the_country_unless_asked(
    environment: dict[str, str], size: PageSize
) -> None:
    assert usual_page_size(environment) is size
