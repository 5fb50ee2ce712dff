"""STUN and TURN: binding requests, NAT behaviour, and the UDP range."""
