"""Whom we talk to, as far as the line tells."""

import ipaddress
from contextlib import suppress


def is_loopback(host: str) -> bool:
    """Is it this machine itself?"""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
