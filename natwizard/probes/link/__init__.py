"""The interface that carries the route to the service: cable, Wi-Fi, VPN."""
