"""One file a wizard page."""
