"""One file a check: limits, a pure rule, texts. `catalogue.CHECKS` lists them in report order."""
