"""What a proxy script may call, as a table, in the engine that runs it: one child for them all."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from computers.platforms import linux_only

from natwizard.system.script_runner import ScriptRunner

pytestmark = linux_only("elsewhere the system itself runs proxy scripts")

EVALUATE = """
function FindProxyForURL(url, host) {
  var result = eval(host);
  return result === null ? "null" : typeof result + " " + result;
}
"""
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@pytest.fixture(scope="module")
def script() -> ScriptRunner:
    return ScriptRunner(EVALUATE)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("isPlainHostName('www')", True),
        ("isPlainHostName('www.example.com')", False),
        ("isPlainHostName('2001:db8::1')", False),
        ("dnsDomainIs('www.example.com', '.example.com')", True),
        ("dnsDomainIs('example.com', '.example.com')", False),
        ("dnsDomainIs('www.example.net', '.example.com')", False),
        ("localHostOrDomainIs('www.example.com', 'www.example.com')", True),
        ("localHostOrDomainIs('www', 'www.example.com')", True),
        ("localHostOrDomainIs('www.example.net', 'www.example.com')", False),
        ("localHostOrDomainIs('ww', 'www.example.com')", False),
        ("isResolvable('localhost')", True),
        ("isResolvable('192.0.2.7')", True),
        ("isResolvable('no such name')", False),
        ("isInNet('192.0.2.7', '192.0.2.0', '255.255.255.0')", True),
        ("isInNet('192.0.3.7', '192.0.2.0', '255.255.255.0')", False),
        ("isInNet('localhost', '127.0.0.0', '255.0.0.0')", True),
        ("isInNet('192.0.2.7', '192.0.2', '255.255.255.0')", False),
        ("isInNet('192.0.2.7', '192.0.2.999', '255.255.255.0')", False),
        ("isInNet('no such name', '0.0.0.0', '0.0.0.0')", False),
        ("dnsResolve('localhost')", "127.0.0.1"),
        ("dnsResolve('192.0.2.7')", "192.0.2.7"),
        ("dnsResolve('no such name')", None),
        ("convert_addr('1.2.3.4')", 0x01020304),
        ("convert_addr('255.255.255.255')", -1),
        ("dnsDomainLevels('www')", 0),
        ("dnsDomainLevels('www.example.com')", 2),
        ("shExpMatch('http://www.example.com/a/b', '*/a/*')", True),
        ("shExpMatch('www.example.com', '*.example.com')", True),
        ("shExpMatch('wwwxexample.com', 'www.example.com')", False),
        ("shExpMatch('www1', 'www?')", True),
        ("shExpMatch('www', 'www?')", False),
        ("shExpMatch('www.example.com', '(www|mail).example.com')", True),  # as browsers do
        ("alert('hello')", "undefined"),
        ("isInNetEx('2001:db8::7', '2001:db8::/32')", True),
        ("isInNetEx('192.0.2.7', '192.0.2.0/24')", True),
        ("isInNetEx('192.0.2.7', '2001:db8::/32')", False),
        ("isInNetEx('x', 'y')", False),
        ("dnsResolveEx('192.0.2.7')", "192.0.2.7"),
        ("dnsResolveEx('2001:db8::7')", "2001:db8::7"),
        ("dnsResolveEx('no such name')", ""),
        ("isResolvableEx('2001:db8::7')", True),
        ("isResolvableEx('no such name')", False),
        ("sortIpAddressList('192.0.2.9;2001:db8::2;192.0.2.10;2001:db8::1')",
         "2001:db8::1;2001:db8::2;192.0.2.9;192.0.2.10"),
        ("sortIpAddressList('192.0.2.9;x')", False),
    ],
)  # fmt: skip
def test_a_function_gives_what_browsers_give(
    script: ScriptRunner, expression: str, value: bool | str | float | None
) -> None:
    said = script.ask("http://www.example.com/", expression)
    assert said.trouble is None, said
    expected = {
        bool: f"boolean {str(value).lower()}",
        str: f"string {value}" if value != "undefined" else "undefined undefined",
        int: f"number {value}",
        type(None): "null",
    }
    assert said.text == expected[type(value)]


def own_address(family: socket.AddressFamily, far: str) -> str:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((far, 80))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def test_own_addresses_are_those_that_lead_out(script: ScriptRunner) -> None:
    four = own_address(socket.AF_INET, "192.0.2.1")
    six = own_address(socket.AF_INET6, "2001:db8::1")
    assert script.ask("", "myIpAddress()").text == f"string {four or '127.0.0.1'}"
    assert script.ask("", "myIpAddressEx()").text == f"string {';'.join(filter(None, (four, six)))}"


def date_cases(now: datetime, end: str) -> list[tuple[str, bool]]:
    """Ranges around a moment, as calls, and whether it lies in them."""
    today = WEEKDAYS[now.weekday()]
    before, after = WEEKDAYS[now.weekday() - 1], WEEKDAYS[(now.weekday() + 1) % 7]
    month, year, day = f"'{now:%b}'".upper(), now.year, now.day
    other_month = "'JAN'" if now.month == 7 else "'JUL'"
    later = now + timedelta(days=40)
    later_month = f"'{later:%b}'".upper()
    a_minute = f"{now.hour}, {now.minute}"
    return [
        (f"weekdayRange('{today}'{end})", True),
        (f"weekdayRange('{after}'{end})", False),
        (f"weekdayRange('{before}', '{after}'{end})", True),  # also round the end of a week
        (f"weekdayRange('{after}', '{before}'{end})", False),
        (f"weekdayRange('SOMEDAY'{end})", False),
        (f"dateRange({day}{end})", True),
        (f"dateRange({day % 28 + 1}{end})", False),
        (f"dateRange(1, 31{end})", True),
        (f"dateRange({month}{end})", True),
        (f"dateRange({other_month}{end})", False),
        (f"dateRange('JAN', 'DEC'{end})", True),
        (f"dateRange({year}{end})", True),
        (f"dateRange({year - 2}, {year - 1}{end})", False),
        (f"dateRange({year - 1}, {year + 1}{end})", True),
        (f"dateRange({day}, {month}, {day}, {month}{end})", True),
        (f"dateRange({day}, {month}, {year}, {later.day}, {later_month}, {later.year}{end})", True),
        (f"dateRange({day}, {month}, {year - 2}, {day}, {month}, {year - 1}{end})", False),
        (f"dateRange({month}, {year}, {month}, {year}{end})", True),
        (f"dateRange({month}, {year + 1}, {month}, {year + 2}{end})", False),
        (f"dateRange('SOON'{end})", False),
        (f"timeRange({now.hour}{end})", True),
        (f"timeRange({(now.hour + 2) % 24}{end})", False),
        (f"timeRange(0, 23{end})", True),
        (f"timeRange({a_minute}, {a_minute}{end})", True),
        (f"timeRange({a_minute}, 0, {a_minute}, 59{end})", True),
        (f"timeRange(0, 0, 0, 23, 59, 59{end})", True),
    ]  # fmt: skip


def test_ranges_of_time_go_by_the_clock_here_or_by_greenwich(script: ScriptRunner) -> None:
    """All at one moment: where the minute turned meanwhile, they are asked again."""
    for _attempt in range(3):
        here = datetime.now().astimezone()
        cases = date_cases(here, "") + date_cases(here.astimezone(UTC), ", 'GMT'")
        said = script.ask("", "[" + ",".join(call for call, _ in cases) + "].join()").text
        if datetime.now().astimezone().minute == here.minute:
            break
    found = dict(zip((call for call, _ in cases), said.split()[1].split(","), strict=True))
    assert found == {call: str(inside).lower() for call, inside in cases}


def test_a_range_of_three_numbers_is_a_mistake_of_the_script(script: ScriptRunner) -> None:
    said = script.ask("", "timeRange(1, 2, 3)")
    assert said.trouble == "throws"
    assert "timeRange" in said.text


def test_a_script_may_have_functions_of_its_own_by_these_names() -> None:
    own = "function isInNet() { return 'mine'; } function FindProxyForURL() { return isInNet(); }"
    assert ScriptRunner(own).ask("http://www.example.com/", "www.example.com").text == "mine"
