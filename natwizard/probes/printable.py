"""Text of strangers made safe to show: control and direction characters spelled out."""


def printable(text: str, limit: int = 200) -> str:
    r"""At most `limit` characters of it; what has no shape of its own becomes \x1b or \u202e."""
    cut = text[:limit] + ("..." if len(text) > limit else "")
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in cut
    )
