"""A finding by name: what views and details begin a line with."""

import re

from natwizard.model.finding import Finding
from natwizard.model.writing import labelled


def titled(finding: Finding) -> str:
    """ "Jitter: Your connection is steady."; the sentence alone where it names its check."""
    name = rf"(?<!\w){re.escape(finding.title)}(?!\w)"
    if finding.title and re.search(name, finding.summary, re.IGNORECASE):
        return finding.summary
    return labelled(finding.title, finding.summary)
