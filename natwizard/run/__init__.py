"""Profile + checks + context -> events and a report."""
