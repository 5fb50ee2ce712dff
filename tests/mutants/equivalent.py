"""Mutants that change nothing anybody could notice, each with the reason.

The key is the file, the line as it stands there, and what the mutant makes of it. A line that was
changed since is not found any more, and its mutants are tried again.
"""

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "natwizard/wire/sip.py",
        "def build_options(dialogue: Dialogue, *, size: int = 0) -> bytes:",
        "0 -> 1",
    ): "any size below that of a bare request fills nothing up",
    (
        "natwizard/wire/sip.py",
        "def build_invite(dialogue: Dialogue, *, size: int = 0) -> bytes:",
        "0 -> 1",
    ): "any size below that of a bare request fills nothing up",
    (
        "natwizard/checks/shared/audio_devices.py",
        "seen_by_browser=False,",
        "False -> True",
    ): "read only where there is no microphone; of the system's count that is all there is to see",
    (
        "natwizard/checks/quality_loss.py",
        "apart = first.interval[1] < second.interval[0]",
        "Lt -> LtE",
    ): "bounds of two intervals are equal to the last bit for equal counts alone, which overlap",
    (
        "natwizard/checks/computer_clock.py",
        "words = (fast if offset_s > 0 else slow).of(round(count))",
        "Gt -> GtE",
    ): "what is less than a second and a half off was answered before",
    (
        "natwizard/checks/computer_clock.py",
        "words = (fast if offset_s > 0 else slow).of(round(count))",
        "0 -> 1",
    ): "what is less than a second and a half off was answered before",
    (
        "natwizard/wire/stamp.py",
        "packet = SenderPacket(sequence=0, sent=0, session=session)",
        "0 -> 1",
    ): "both numbers are written anew by `fill` before each packet leaves",
    (
        "natwizard/checks/quality_mos.py",
        "q = 37 - 15 * math.log10(QDU)",
        "15 -> 150",
    ): "one quantizing distortion unit, the default of the recommendation, has a logarithm of 0",
    (
        "natwizard/checks/browser_version.py",
        "count=days or 0,",
        "0 -> 1",
    ): "read by the one sentence that has a plural, which is told where days are known and not 0",
    (
        "natwizard/wire/stun.py",
        "if len(value) < 4 or len(value) - 4 != _FAMILIES.get(value[1]):",
        "Lt -> LtE",
    ): "four bytes hold no address of any family: the second half refuses them, too",
    (
        "natwizard/wire/stun.py",
        "return bytes(16) if transaction_id is None else COOKIE + transaction_id",
        "16 -> 160",
    ): "a mask of zeros is as long as the address needs: what is beyond it meets nothing",
    (
        "natwizard/probes/media/figures.py",
        "highest, late = -1, 0",
        "1 -> 2",
    ): "no packet has a number below 0",
    (
        "natwizard/probes/media/figures.py",
        "late += answer.sequence < highest",
        "Lt -> LtE",
    ): "of each packet the first answer alone is looked at: none equals an earlier one",
    (
        "natwizard/probes/media/figures.py",
        "expected = max(came_back) + 1 - sum(sequence < max(came_back) for sequence in unsent)",
        "Lt -> LtE",
    ): "what never left did not come back",
    (
        "natwizard/probes/media/figures.py",
        "return (whole_ns - kept_ns if 0 <= kept_ns < whole_ns else whole_ns) / NS_PER_MS",
        "0 -> 1",
    ): "a packet that was kept for no time is on its way all the time, either way",
    (
        "natwizard/probes/media/beacon_figures.py",
        "reordered += number < newest.get(flow, -1)",
        "1 -> 2",
    ): "no packet has a number below 0",
    (
        "natwizard/probes/media/beacon_figures.py",
        "reordered += number < newest.get(flow, -1)",
        "Lt -> LtE",
    ): "of each packet the first answer alone is looked at: none equals an earlier one",
    (
        "natwizard/probes/media/beacon_figures.py",
        "newest[flow] = max(number, newest.get(flow, -1))",
        "1 -> 2",
    ): "no packet has a number below 0",
    (
        "natwizard/probes/media/timing_guard.py",
        "self._before = (0.0, True)",
        "0.0 -> 1.0",
    ): "the first that begins sets both before anybody reads them",
    (
        "natwizard/probes/media/timing_guard.py",
        "self._before = (0.0, True)",
        "True -> False",
    ): "the first that begins sets both before anybody reads them",
    (
        "natwizard/probes/media/arrival.py",
        "ANCILLARY_BYTES = 128",
        "128 -> 1280",
    ): "room for more than any kernel says of a datagram",
    (
        "natwizard/probes/media/router_probe.py",
        "shared = len(labels[-1]) == 2 and labels[-2] in SHARED_SUFFIXES and len(labels) > 2",
        "Gt -> GtE",
    ): "of two labels the last three are both",
    (
        "natwizard/probes/media/call_load.py",
        "return sum(not back and bool(before) for before, back in pairwise((1, *back_ns)))",
        "1 -> 2",
    ): "stands for a packet that came back before the first; only that it is not 0 counts",
    (
        "natwizard/run/line_watch.py",
        "_last_s: float = 0.0",
        "0.0 -> 1.0",
    ): "the first look sets it, and nothing is compared before the second",
    (
        "natwizard/run/newest_version.py",
        "return numbers + (0,) * (4 - len(numbers))",
        "4 -> 40",
    ): "both numbers are filled up to the same length",
    (
        "natwizard/probes/media/calls.py",
        "if fitting > self.carried and fitting < too_many and fitting not in tried:",
        "Lt -> LtE",
    ): "a number that was too many and is not tried yet was cut short, and is tried again above",
    (
        "natwizard/probes/media/calls.py",
        "if calls == came or calls in tried or (most is not None and calls > most):",
        "Gt -> GtE",
    ): "what just fits the rate was tried as `fitting` above",
}
