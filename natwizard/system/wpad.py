"""Where a network may name a proxy script by DNS (WPAD). Source: the draft that everybody
implements, draft-ietf-wrec-wpad-01, sections 4.4.1 and 4.4.4, less what turned out dangerous.
"""

import dns.resolver

DOMAINS_AT_MOST = 3
LABELS_AT_LEAST = 2


def wpad_addresses() -> tuple[str, ...]:
    """Addresses to ask for a script, in this order; none where the network names no domain."""
    try:
        resolver = dns.resolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError):
        return ()
    domains = [name.to_text(omit_final_dot=True) for name in (*resolver.search, resolver.domain)]
    return addresses_in(tuple(domains))


def addresses_in(domains: tuple[str, ...]) -> tuple[str, ...]:
    """`wpad` in each domain as it stands.

    Never in a shorter one: above its own domain an organisation has no say, and whoever holds
    wpad.com would name the proxy. A domain of one label is none of an organisation's.
    """
    asked = [each.lower().strip(".") for each in domains]
    own = dict.fromkeys(each for each in asked if each.count(".") + 1 >= LABELS_AT_LEAST)
    return tuple(f"http://wpad.{domain}/wpad.dat" for domain in own)[:DOMAINS_AT_MOST]
