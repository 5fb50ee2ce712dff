"""Builds HTML in which text from outside can only ever be text."""

from html import escape

from natwizard.report.plain import plain

VOID = frozenset(("meta", "br", "line", "path", "circle", "polyline", "polygon", "rect"))


class Markup(str):
    """Text that is HTML already; everything else is escaped when it is put into an element."""

    __slots__ = ()


def element(tag: str, /, *children: str, **attributes: str) -> Markup:
    """`<tag attribute="...">children</tag>`; `class_` writes class, `_` in names writes `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(plain(value))}"'
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
            child if isinstance(child, Markup) else escape(plain(child), quote=False)
            for child in children
        )
    )
