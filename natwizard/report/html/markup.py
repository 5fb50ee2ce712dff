"""Builds HTML in which text can only ever be text; what it says is safe to show already."""

from html import escape

from natwizard.model.finding import Status

# Elements that never hold others: of HTML, and of SVG as it is drawn here
VOID = frozenset(("meta", "br", "line", "path", "circle", "polyline", "polygon", "rect"))


class Markup(str):
    """Text that is HTML already; everything else is escaped when it is put into an element."""

    __slots__ = ()


def element(tag: str, /, *children: str, **attributes: str) -> Markup:
    """`<tag attribute="...">children</tag>`; `class_` writes class, `_` in names writes `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value
    )
    if tag in VOID:
        return Markup(f"<{tag}{written}>" if tag in {"meta", "br"} else f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: str) -> Markup:
    """Children one after the other, escaped where they are not Markup."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child, quote=False) for child in children
        )
    )


def glyph(status: Status, *, word: str = "") -> Markup:
    """A sign in the colours of the element around it; `word` is said where none stands beside."""
    shapes = _shapes(status)
    if not word:
        return element("svg", *shapes, class_="glyph", viewBox="0 0 24 24", aria_hidden="true")
    return element("svg", *shapes, class_="glyph", viewBox="0 0 24 24", role="img", aria_label=word)


def _shapes(status: Status) -> tuple[Markup, ...]:
    match status:
        case Status.PASS:
            return (_disc(), _cut("M7.3 12.3 10.6 15.6 16.7 8.9"))
        case Status.BORDERLINE:
            return (_ring("9"), element("path", d="M12 3a9 9 0 0 0 0 18z"))
        case Status.WARN:
            triangle = element("path", d="M12 2.4 22.6 21.2H1.4z")
            return (triangle, _cut("M12 9.5V14"), _hole("17.6"))
        case Status.FAIL:
            octagon = element("path", d="M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9z")
            return (octagon, _cut("M8.7 8.7 15.3 15.3M15.3 8.7 8.7 15.3"))
        case Status.UNKNOWN:
            diamond = element("path", d="M12 .8 23.2 12 12 23.2.8 12z")
            hook = _cut("M9.3 9.6a2.8 2.8 0 1 1 4.2 2.5c-1 .6-1.5 1-1.5 2")
            return (diamond, hook, _hole("17.2"))
        case Status.MANUAL:
            corners = "M3 3h18a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H11"
            tail = "l-5 5v-5H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z"
            bubble = element("path", d=corners + tail)
            return (bubble, _cut("M7 8.2h10M7 12.2h6"))
        case Status.NOT_SET_UP:
            frame = element("path", class_="ring", d="M3 3h18v18H3z")
            return (frame, element("path", class_="bar", d="M12 7.6v8.8M7.6 12h8.8"))
        case Status.NOT_APPLICABLE:
            return (_ring("8.9"), element("path", class_="bar", d="M8 12h8"))


def _disc() -> Markup:
    return element("circle", cx="12", cy="12", r="10")


def _ring(radius: str) -> Markup:
    return element("circle", class_="ring", cx="12", cy="12", r=radius)


def _cut(path: str) -> Markup:
    return element("path", class_="cut", d=path)


def _hole(y: str) -> Markup:
    return element("circle", class_="hole", cx="12", cy=y, r="1.4")
