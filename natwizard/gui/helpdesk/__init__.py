"""Windows of the helpdesk: the runs of this computer, what changed, and a watch over time."""
