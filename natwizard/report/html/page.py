"""One page of HTML in one file, which may load nothing and run nothing."""

import base64
import hashlib

from natwizard.report.html.markup import Markup, element


def page(*, title: str, style: str, language: str, body: Markup) -> str:
    """The whole file; `language` as HTML's `lang` has it, `body` what stands within <body>.

    Its Content-Security-Policy allows the style sheet by its digest and nothing else, so that a
    text that got past the escaping could neither fetch nor run anything.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', body), lang=language)}\n"
