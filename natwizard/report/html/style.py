"""The style sheet of the HTML report, made from the tokens of the look; light, dark, paper."""

from natwizard.drawing.tokens import DARK, LIGHT, Theme
from natwizard.model.finding import Status

_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--text);
 font:14px/1.45 system-ui,"Segoe UI",Inter,"Helvetica Neue",Arial,sans-serif}
main{max-width:920px;margin:0 auto;padding:24px 32px 48px}
header{display:flex;gap:16px;justify-content:space-between;flex-wrap:wrap;font-weight:600;
 border-bottom:1px solid var(--line);padding-bottom:12px;margin-bottom:24px}
h1{font-size:32px;line-height:1.2;margin:0}
h2{font-size:18px;margin:32px 0 8px}
h3{font-size:15px;margin:20px 0 4px}
p{margin:4px 0}
svg.glyph{width:16px;height:16px;flex:none;vertical-align:-3px;fill:var(--fg);stroke:none}
svg.glyph .cut{fill:none;stroke:var(--ground,var(--canvas));stroke-width:2.4;stroke-linecap:round;
 stroke-linejoin:round}
svg.glyph .hole{fill:var(--ground,var(--canvas))}
svg.glyph .ring{fill:none;stroke:var(--fg);stroke-width:2}
svg.glyph .bar{fill:none;stroke:var(--fg);stroke-width:2;stroke-linecap:round}
.banner{display:flex;gap:20px;align-items:center;border:2px solid var(--fg);border-radius:12px;
 background:var(--soft);--ground:var(--soft);padding:20px 24px}
.banner svg.glyph{width:56px;height:56px}
.banner h1{color:var(--fg)}
.banner p{font-size:16px}
.facts{display:flex;flex-wrap:wrap;gap:8px 40px;margin:16px 0 0}
.facts dt{font-size:12px;color:var(--text-2)}
.facts dd{margin:0;font-weight:600}
.fix{display:flex;gap:16px;align-items:center;border:1px solid var(--line);border-radius:8px;
 padding:12px 16px;margin-top:8px;break-inside:avoid}
.fix svg.glyph{width:24px;height:24px}
.fix div{flex:1;min-width:0}
.fix strong{font-size:16px;font-weight:600}
.fix .who{flex:none;max-width:30%;text-align:right;color:var(--text-2)}
.fix .who b{color:var(--text);font-weight:600}
.soft{color:var(--text-2)}
table{border-collapse:collapse;width:100%}
th{font-size:12px;text-align:left;color:var(--text-2);border-bottom:1px solid var(--text-3);
 font-weight:600}
td{border-bottom:1px solid var(--line);vertical-align:top}
th,td{padding:6px 12px 6px 0}
tr{break-inside:avoid}
td,p,dd,li,h2,h3,strong{overflow-wrap:anywhere}
tr[class] td:first-child{white-space:nowrap;color:var(--fg);font-weight:600}
tr.fail td:nth-child(2),tr.total td{font-weight:600}
tr.total td:first-child{color:inherit;white-space:normal}
td.soft{color:var(--text-2)}
a{color:var(--accent);text-underline-offset:2px}
td a{color:inherit;text-decoration-color:var(--text-3);text-decoration-thickness:1px}
td a:hover{color:var(--accent)}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.entry{scroll-margin-top:16px;break-inside:avoid}
.entry:target{border-left:4px solid var(--accent);padding-left:12px}
.amount{text-align:right;white-space:nowrap}
.stages{display:flex;flex-wrap:wrap;gap:8px 32px;list-style:none;padding:0;margin:8px 0}
.stages li{min-width:120px}
.stages span{display:block;color:var(--text-2);padding-left:22px}
.stages li.fail span{color:var(--fg)}
.route{display:flex;flex-wrap:wrap;list-style:none;padding:0;margin:12px 0}
.route li{flex:1 1 150px;padding:14px 16px 8px 0;position:relative;
 border-top:2px solid var(--text-3)}
.route li::before{content:"";position:absolute;left:0;top:-7px;width:12px;height:12px;
 border-radius:50%;background:var(--accent)}
.route li:last-child{border-color:transparent;flex:0 1 auto}
.route span{display:block;color:var(--text-2)}
.lines{display:grid;grid-template-columns:minmax(110px,max-content) 1fr;gap:2px 16px;margin:6px 0}
.lines dt{font-weight:600;max-width:180px}
.lines dd{margin:0}
.lines.tried dt{font-weight:400;color:var(--text-2);font-variant-numeric:tabular-nums}
.request{background:var(--sunken);border-radius:8px;padding:12px 16px;margin-top:8px;
 white-space:pre-wrap;break-inside:avoid}
section.finding{break-inside:avoid}
.chart{width:100%;height:auto;font-size:11px}
.chart text{fill:var(--text-2)}
.chart .grid{stroke:var(--line);stroke-width:1}
.chart .limit{stroke:var(--text);stroke-width:1.4;stroke-dasharray:6 4}
.chart .name{fill:var(--text);font-weight:600}
.chart .band{fill:var(--accent);opacity:.25}
.chart .median{fill:none;stroke:var(--accent);stroke-width:1.8;stroke-linejoin:round}
.chart .lost{stroke:var(--lost);stroke-width:1.8}
.breakdown{width:100%;height:auto;margin:6px 0;border-radius:4px}
.breakdown .track{fill:var(--line)}
.breakdown .end{fill:var(--text)}
.legend{list-style:none;padding:0;margin:4px 0 8px}
.legend .key{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px}
.points{list-style:none;padding:0;margin:4px 0}
.points li{display:flex;gap:12px;padding:3px 0;break-inside:avoid}
.points div{flex:1;min-width:0}
.points .box{flex:none;width:14px;height:14px;margin:3px 1px;border:1.5px solid var(--text-2);
 border-radius:3px}
.points .who{flex:none;width:24%;color:var(--text-2)}
footer{border-top:1px solid var(--line);margin-top:40px;padding-top:12px;font-size:12px;
 color:var(--text-2)}
@media print{main{max-width:none;padding:0}body{font-size:11px}}
@media (max-width:640px){main{padding:16px}.fix{flex-wrap:wrap}.fix .who{max-width:none}}
"""


def style_sheet() -> str:
    """Dark where the reader's system is, always light on paper."""
    return (
        f":root{{color-scheme:light dark}}{_variables(LIGHT)}"
        f"@media screen and (prefers-color-scheme:dark){{{_variables(DARK)}}}{_RULES}"
    )


def _variables(theme: Theme) -> str:
    colours = {
        "canvas": theme.canvas,
        "sunken": theme.sunken,
        "line": theme.line,
        "text": theme.text,
        "text-2": theme.text_2,
        "text-3": theme.text_3,
        "accent": theme.accent,
        "lost": theme.fail.foreground,
    }
    root = "".join(f"--{name}:{colour};" for name, colour in colours.items())
    statuses = "".join(
        f".{status.value}{{--fg:{theme.status(status).foreground};"
        f"--soft:{theme.status(status).soft}}}"
        for status in Status
    )
    parts = "".join(
        f".part{number}{{fill:{colour};background:{colour}}}"
        for number, colour in enumerate(theme.series)
    )
    return f":root{{{root}}}{statuses}{parts}"
