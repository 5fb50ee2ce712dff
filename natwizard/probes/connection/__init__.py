"""One connection step by step: name, TCP, proxy, TLS, HTTP, websocket."""
