"""The functions of proxy scripts against a real Chromium: the same calls, the same values.

Chromium writes what a script's `alert` says into its net log, so one start answers all calls.
"""

import itertools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from natwizard.system.script_runner import ScriptRunner

TEXTS = ("'www'", "'www.example.com'", "'WWW.Example.com'", "'.example.com'", "''", "'192.0.2.7'",
         "'192.0.2'", "'192.0.2.999'", "'2001:db8::1'", "'[2001:db8::1]'", "undefined", "null",
         "7", "'1.2.3.4.5'", "'*.com'")  # fmt: skip
PATTERNS = ("'*'", "'*.example.com'", "'www.*'", "'w?w'", "'(www|mail).*'", "'[a-z]*'", "'+'",
            "'a+b'", "'$'", "'\\\\d'", "''", "undefined", "'['")  # fmt: skip
MASKS = ("'192.0.2.0'", "'0.0.0.0'", "'255.255.255.0'", "'192.0.2'", "''", "undefined")
DAYS = ("'MON'", "'SUN'", "'SAT'", "'mon'", "undefined", "'GMT'")
HOURS = ("0", "23", "24", "3", "'9'", "undefined", "'x'")
PARTS = ("1", "15", "31", "'NOV'", "'JAN'", "'DEC'", "2026", "2030", "'nov'", "undefined", "'1'")
SENTENCES = ("1,'JAN',31,'DEC'", "1,'JAN',2026,31,'DEC',2026", "'JAN',2026,'DEC',2030", "1,2,3",
             "15,'NOV',15,'JAN'", "31,'DEC',2025,1,'JAN',2027", "1,'JAN',2020,2,'FEB'")  # fmt: skip


def calls() -> Iterator[str]:
    """Some eight hundred; what is known to differ (decision 94) is not among them."""
    for name in ("isPlainHostName", "dnsDomainLevels", "convert_addr", "isValidIpAddress"):
        yield from (f"{name}({text})" for text in TEXTS)
    for name in ("dnsDomainIs", "localHostOrDomainIs", "isInNetEx"):
        yield from (f"{name}({one},{other})" for one in TEXTS for other in TEXTS)
    yield from (f"shExpMatch({one},{other})" for one in TEXTS for other in PATTERNS)
    addresses = [text for text in TEXTS if text not in TEXTS[:4]]  # no name is looked up
    for one, network, mask in itertools.product(addresses, MASKS, MASKS[:4]):
        yield f"isInNet({one},{network},{mask})"
    for name, given in (("weekdayRange", DAYS), ("timeRange", HOURS[:6]), ("dateRange", PARTS)):
        yield f"{name}()"
        yield from (f"{name}({one})" for one in given if one != "'GMT'")
        yield from (f"{name}({one},{other})" for one in given for other in given)
    yield from (f"dateRange({text}{end})" for text in SENTENCES for end in ("", ",'GMT'"))
    yield from ("timeRange(0,0,23,59)", "timeRange(0,0,0,23,59,59,'GMT')", "timeRange(22,0,6,0)",
                "typeof wdays", "JSON.stringify(months)", "typeof getClientVersion",
                "sortIpAddressList('10.2.3.9;2001:db8::2;::1;127.0.0.1;::9')",
                "sortIpAddressList('1.1.1.1;')", "sortIpAddressList(undefined)",
                "isInNetEx('1.2.3.4','1.2.3.0/33')",
                "isInNetEx('1.2.3.4','1.2.3.255/24')")  # fmt: skip


VALUES = """
var calls = CALLS, out = calls.map(function (call) {
  try {
    var value = eval(call);
    return value === null ? "null" : typeof value + " " + value;
  } catch (thrown) { return "throws"; }
});
"""
ALERTS = """
function FindProxyForURL(url, host) {
  for (var at = 0; host === "oracle.test" && at < out.length; at += PIECE)
    alert(at + "|" + JSON.stringify(out.slice(at, at + PIECE)));
  return "DIRECT";
}
"""
PIECE = 40


def told_by_chromium(asked: list[str], folder: Path) -> list[str]:
    script = VALUES.replace("CALLS", json.dumps(asked)) + ALERTS.replace("PIECE", str(PIECE))

    class Script(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = script.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    bare = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with ThreadingHTTPServer(("127.0.0.1", 0), Script) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        subprocess.run(
            ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             f"--user-data-dir={folder / 'data'}", f"--log-net-log={folder / 'log.json'}",
             f"--proxy-pac-url=http://127.0.0.1:{server.server_port}/p.pac", "--dump-dom",
             "http://oracle.test/"),
            env=bare, capture_output=True, timeout=150, check=False,
        )  # fmt: skip
        server.shutdown()
    log = json.loads((folder / "log.json").read_text())
    alert = log["constants"]["logEventTypes"]["PAC_JAVASCRIPT_ALERT"]
    told: dict[int, list[str]] = {}
    for event in log["events"]:
        if event["type"] == alert:
            place, _bar, values = event["params"]["message"].partition("|")
            told[int(place)] = json.loads(values)
    return [value for place in sorted(told) for value in told[place]]


def told_here(asked: list[str]) -> list[str]:
    """In pieces: an answer is no longer than a line of proxies may be."""
    script = VALUES.replace("CALLS", json.dumps(asked))
    script += "function FindProxyForURL(u, h) { return out[h]; }"
    runner = ScriptRunner(script)
    found = [runner.ask("http://oracle.test/", str(number)) for number in range(len(asked))]
    assert [each.trouble for each in found] == [None] * len(asked)
    return [each.text for each in found]


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_the_functions_are_chromium_s(tmp_path: Path) -> None:
    asked = list(dict.fromkeys(calls()))
    theirs, ours = told_by_chromium(asked, tmp_path), told_here(asked)
    assert len(theirs) == len(asked) > 800
    differ = [(call, our, their) for call, our, their in zip(asked, ours, theirs, strict=True)
              if our != their]  # fmt: skip
    assert differ == []
