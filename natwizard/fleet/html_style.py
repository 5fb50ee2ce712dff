"""The style sheet of the fleet's page: the report's, and what only this page has."""

from natwizard.drawing.tokens import DARK, LIGHT, Theme, mix
from natwizard.report.html.style import style_sheet

# Of the colour for problems, mixed into the ground; as many as `html_figures.SHADES`
SHADES = (0.07, 0.16, 0.27, 0.4, 0.55)

_RULES = """
main{max-width:1080px}
header{font-weight:600}
.hero{margin-bottom:40px}
.hero h1{font-size:40px;letter-spacing:-.01em;margin:8px 0 4px}
.lead{font-size:18px;color:var(--text-2);margin-bottom:20px}
h2{margin:40px 0 8px}
svg.bar{display:block;width:100%;height:14px;border-radius:7px;overflow:hidden}
svg.bar .track{fill:var(--line)}
svg.bar .pass{fill:var(--bar-pass)}
svg.bar .warn{fill:var(--bar-warn)}
svg.bar .fail{fill:var(--bar-fail)}
svg.bar .unknown{fill:var(--bar-unknown)}
.hero .legend{display:flex;flex-wrap:wrap;gap:4px 28px;margin:12px 0 4px;font-size:14px}
.hero .legend b{margin-left:8px;font-variant-numeric:tabular-nums}
.card{border:1px solid var(--line);border-radius:12px;padding:16px 20px;margin-top:12px;
 background:var(--surface);break-inside:avoid}
.card h3{text-wrap:balance;font-size:17px;line-height:1.35;margin:0 0 6px;color:var(--text)}
.card h3 svg.glyph{width:20px;height:20px;vertical-align:-4px;margin-right:4px;
 --ground:var(--surface)}
.card .row{display:flex;gap:20px;justify-content:space-between;align-items:flex-start}
.card .owner{flex:none;border:1px solid var(--line);border-radius:14px;padding:3px 12px;
 font-size:13px;font-weight:600;background:var(--sunken)}
.card details{margin-top:8px}
summary{cursor:pointer;color:var(--accent);font-weight:600;padding:4px 0;width:fit-content}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
svg.strip{display:block;width:100%;height:44px;margin:12px 0 4px}
svg.strip .when{fill:var(--when)}
svg.strip .ran{fill:var(--ran)}
svg.strip .failed{fill:var(--lost)}
svg .axis{stroke:var(--text-3);stroke-width:1;vector-effect:non-scaling-stroke}
svg .grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.wide{overflow-x:auto}
.wide:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
td:first-child{color:inherit}
tbody th{font-size:14px;color:var(--text);border-bottom:1px solid var(--line);white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.matrix table{width:auto;border-spacing:0}
.matrix thead th{vertical-align:bottom;max-width:108px;padding-right:10px}
.matrix td{min-width:64px;padding:7px 10px;border-right:2px solid var(--canvas)}
.matrix .who td{font-size:12px;color:var(--text-2);max-width:108px;overflow-wrap:normal;
 vertical-align:middle}
.ends{display:flex;justify-content:space-between;font-size:12px}
.matrix td.number{text-align:center;font-weight:600;color:var(--text)}
.matrix td.number:nth-child(2){font-weight:400;text-align:right;color:var(--text-2)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:0 40px}
.columns h2{font-size:16px}
.columns td,.columns th{overflow-wrap:normal}
.columns td:nth-child(n+2),.columns th:nth-child(n+2){text-align:right}
.place{display:grid;grid-template-columns:1fr auto;gap:2px 12px;margin:0 0 12px}
.place svg.bar{grid-column:1/3;height:8px}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:16px 20px}
figure{margin:0;break-inside:avoid}
figcaption{display:flex;justify-content:space-between;gap:8px;font-size:12px;margin-top:4px;
 color:var(--text-2)}
figcaption b{color:var(--text);font-variant-numeric:tabular-nums}
figcaption b.fail{color:var(--fg)}
svg.hours{display:block;width:100%;height:64px}
svg.hours .under{fill:var(--under)}
svg.hours .over{fill:var(--lost)}
svg.hours .limit{stroke:var(--text);stroke-width:1.2;stroke-dasharray:5 4;
 vector-effect:non-scaling-stroke}
ul.silent{list-style:none;padding:0;margin:8px 0 0;display:grid;gap:0 40px;
 grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr))}
.silent li{display:grid;grid-template-columns:1fr 1.2fr 1fr;gap:0 12px;padding:6px 0;
 font-size:14px;border-bottom:1px solid var(--line);overflow-wrap:anywhere;break-inside:avoid}
.silent li span:last-child{text-align:right}
.hero .silence{margin:12px 0 0;font-weight:600}
.few{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:0 40px}
.few .multiples{grid-template-columns:repeat(3,1fr)}
.flows{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 28px}
.flows b{font-variant-numeric:tabular-nums}
main>details{margin-top:28px}
@media (max-width:600px){.card .row{flex-direction:column;gap:8px}.card .owner{margin-bottom:8px}
 .hero h1{font-size:32px}}
@media print{svg.strip .when{fill:none;stroke:var(--text-3)}details{display:none}}
"""


def fleet_style() -> str:
    """Dark where the reader's system is, always light on paper."""
    return (
        f"{style_sheet()}{_variables(LIGHT)}"
        f"@media screen and (prefers-color-scheme:dark){{{_variables(DARK)}}}{_RULES}"
    )


def _variables(theme: Theme) -> str:
    """Colours that are mixed from the tokens: a page must not ask how new a browser is."""
    colours = {
        "surface": theme.surface,
        "bar-pass": mix(theme.passed.foreground, theme.canvas, 0.75),
        "bar-warn": mix(theme.warn.foreground, theme.canvas, 0.8),
        "bar-fail": theme.fail.foreground,
        "bar-unknown": theme.unknown.foreground,
        "when": mix(theme.fail.foreground, theme.surface, 0.14),
        "ran": mix(theme.passed.foreground, theme.surface, 0.35),
        "under": mix(theme.accent, theme.canvas, 0.55),
    }
    root = "".join(f"--{name}:{colour};" for name, colour in colours.items())
    shades = "".join(
        f".shade{place}{{background:{mix(theme.fail.foreground, theme.canvas, share)}}}"
        for place, share in enumerate(SHADES, 1)
    )
    return f":root{{{root}}}{shades}"
