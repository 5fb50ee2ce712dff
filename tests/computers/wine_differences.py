"""Tests that wine cannot pass, because it is not Windows; they run on the Windows runner.

A name alone stands for all cases of a test, one with a bracket for the cases that begin so.
"""

import pytest
from computers.platforms import under_wine

ONE_LOOPBACK = "it has one loopback address, whatever a socket was bound to; a port is free once"
NO_RESET = "a connection that was reset ends there as if it had been closed"
NO_REFUSAL = "it does not tell a socket that its datagram was refused"
TRUSTING = "its certificate store lets unknown authorities pass, or knows none"
LETTERS = "the tests' letters there are wider than those of Windows, and a list shows fewer rows"
SLOW = "waits of a few seconds or less, on a Windows that is emulated"

DIFFERENCES = {
    "test_two_servers_see_one_address_where_no_router_is_between": ONE_LOOPBACK,
    "test_what_earlier_runs_saw_is_kept_beside_what_this_one_sees": ONE_LOOPBACK,
    "test_a_router_that_maps_by_destination_shows_two_addresses": ONE_LOOPBACK,
    "test_a_router_with_two_lines_shows_two_hosts": ONE_LOOPBACK,
    "test_a_second_address_of_the_server_is_asked_from_the_same_socket": ONE_LOOPBACK,
    "test_strangers_are_not_asked_to_change": ONE_LOOPBACK,
    "test_a_lost_request_is_sent_again": ONE_LOOPBACK,
    "test_answers_that_come_twice_are_strays_and_do_no_harm": ONE_LOOPBACK,
    "test_every_listed_port_answers_where_nothing_is_blocked": ONE_LOOPBACK,
    "test_single_ports_that_are_silent_are_named": ONE_LOOPBACK,
    "test_the_ends_of_a_blocked_run_are_exact": ONE_LOOPBACK,
    "test_a_thorough_run_samples_more_ports": ONE_LOOPBACK,
    "test_another_address_is_named_only_if_it_is_served": ONE_LOOPBACK,
    "test_a_server_with_two_addresses_answers_from_where_it_is_asked_to": ONE_LOOPBACK,
    "test_a_line_that_goes_away_between_two_questions_is_a_failure_and_no_defect": ONE_LOOPBACK,
    "test_never_more_flows_than_allowed_however_much_is_left_to_find": ONE_LOOPBACK,
    "test_a_port_that_nothing_was_sent_to_is_not_blocked[20": ONE_LOOPBACK,
    "test_a_server_that_stops_in_mid_sample_is_ill_and_nothing_is_blocked": ONE_LOOPBACK,
    "test_a_stream_that_did_not_come_through_whole_stands_for_nothing": ONE_LOOPBACK,
    "test_smaller_packets_than_a_call_is_counted_with_stand_for_nothing": ONE_LOOPBACK,
    "test_a_port_that_turns_us_away_is_told": NO_REFUSAL,
    "test_a_port_that_turns_us_away_is_told_from_silence": NO_REFUSAL,
    "test_a_stream_tells_how_far_it_came[reset": NO_RESET,
    "test_a_host_that_shows_no_certificate_says_why[reset": NO_RESET,
    "test_a_server_that_misbehaves_is_a_failure_of_its_own_kind[reset": NO_RESET,
    "test_a_handshake_fails_in_different_ways[reset": NO_RESET,
    "test_a_handshake_that_is_cut_or_swallowed_is_seen_as_such[reset": NO_RESET,
    "test_an_upgrade_fails_in_different_ways[reset": NO_RESET,
    "test_a_server_that_nobody_vouches_for_changes_nothing": TRUSTING,
    "test_an_untrusted_certificate_gets_no_token": TRUSTING,
    "test_a_certificate_that_nobody_vouches_for_and_a_closed_port_are_told_apart": TRUSTING,
    "test_over_tls_with_an_authority_that_is_trusted_and_not_else": TRUSTING,
    "test_a_certificate_that_changes_loses_nothing": TRUSTING,
    "test_an_authority_of_the_system_s_own_store_is_found_there": TRUSTING,
    "test_this_program_is_among_the_running_ones": "psutil is told no executables there",
    "test_a_file_that_is_read_only_is_told_as_such": "it replaces files that are read-only",
    "test_an_interface_that_is_gone_is_an_error": "it binds to addresses that nobody has",
    "test_lost_and_slow_stretches_are_told_with_their_time": SLOW,
    "test_a_websocket_that_is_cut_is_opened_again": SLOW,
    "test_short_fixes_are_all_there_and_the_end_of_the_soak_makes_room": LETTERS,
    "test_answers_that_break_off_at_a_limit_read_as_busy": SLOW,
    "test_too_many_desks_behind_one_address_meet_the_limit_of_an_address[3": SLOW,
    "test_stop_ends_at_once_and_keeps_what_was_seen": SLOW,
}


def skip_what_wine_does_otherwise(items: list[pytest.Item]) -> None:
    """Mark the tests of the table to be skipped, under wine only."""
    if not under_wine():
        return
    for item in items:
        _be_patient(item)
        test = item.name.partition("[")[0]
        for name, reason in DIFFERENCES.items():
            if name == test or ("[" in name and item.name.startswith(name)):
                item.add_marker(pytest.mark.skip(reason=f"not under wine: {reason}"))


def _be_patient(item: pytest.Item) -> None:
    """A test's own timeout is for a Windows that is not emulated; it would end the whole folder."""
    own, longest_s = item.get_closest_marker("timeout"), float(item.config.getini("timeout"))
    if own is not None and own.args and own.args[0] < longest_s:
        item.add_marker(pytest.mark.timeout(longest_s), append=False)
