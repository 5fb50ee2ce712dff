"""What to say where a network takes no more UDP flows than there are already."""

from typing import Final

from natwizard.model.language import N_

FLOWS_USED_UP: Final = N_("This network takes no more connections than the test made.")
ASK_FLOWS: Final = N_("Ask how many UDP flows a computer may have here, and to allow more.")
ASK_FLOWS_REQUEST: Final = N_(
    "Please see how many UDP flows a computer may have at once, and allow 500 or more: the first"
    " flow of our test was answered to the end, and new ones no longer. A router's table that is"
    " full, or a limit of a carrier's NAT (CGNAT), looks like this."
)
