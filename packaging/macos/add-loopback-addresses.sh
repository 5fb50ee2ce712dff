#!/bin/bash
# Gives this Mac the addresses of 127.0.0.0/8 that the tests use as those of several computers: of
# all of them macOS has 127.0.0.1 only. They are gone after a restart. Runs on macOS only, with sudo.
set -euo pipefail
# single ones that tests name, then those that `own_address` in tests/conftest.py hands out: one
# range for each of pytest's workers
for address in 127.0.0.{2..30} 127.64.0.{1..20} 127.65.0.{1..20} 127.66.0.{1..20} 127.67.0.{1..20}; do
    sudo ifconfig lo0 alias "$address" netmask 255.255.255.255
done
