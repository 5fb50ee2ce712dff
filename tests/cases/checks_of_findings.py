"""What a made-up finding carries of its check, as judging would have filled it in."""

from natwizard.checks.catalogue import CHECKS

CARRIED = ("term", "meaning", "method", "headline", "stands_for_page", "about_service")


def carried(check: str) -> dict[str, object]:
    """Fields of Finding by name; none for a name that is no check."""
    found = next((each for each in CHECKS if each.name == check), None)
    return {} if found is None else {name: getattr(found, name) for name in CARRIED}
