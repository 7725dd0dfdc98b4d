"""Counting what one address does too often. In memory, no Odoo in here."""

import ipaddress
import threading
import time


class Throttle:
    """Count hits by key in windows of fixed length.

    The counts live in the memory of one worker process: requests that only read
    write nothing to the database, and a restart forgives.

    :param int limit: hits a key may have in a window before it is blocked
    :param int seconds: length of a window
    :param int max_keys: how many keys are remembered at most
    :param clock: a function that returns seconds and never goes back
    """

    def __init__(self, limit, seconds, max_keys=10_000, clock=time.monotonic):
        self.limit = limit
        self.seconds = seconds
        self.max_keys = max_keys
        self._clock = clock
        self._windows = {}
        self._lock = threading.Lock()

    def hit(self, key):
        """Count one hit of a key."""
        now = self._clock()
        with self._lock:
            start, count = self._windows.pop(key, (now, 0))
            if start + self.seconds <= now:
                start, count = now, 0
            if len(self._windows) >= self.max_keys:
                self._forget(now)
            self._windows[key] = (start, count + 1)

    def wait_seconds(self, key):
        """Return how many whole seconds a key has to wait, 0 when it is free to go."""
        now = self._clock()
        with self._lock:
            start, count = self._windows.get(key, (now, 0))
        left = start + self.seconds - now
        return int(left) + 1 if count >= self.limit and left > 0 else 0

    def clear(self):
        """Forget everything."""
        with self._lock:
            self._windows.clear()

    def _forget(self, now):
        """Make room: what has run out, and when that is not enough the longest idle."""
        for key in [
            key for key, (start, _count) in self._windows.items() if start + self.seconds <= now
        ]:
            del self._windows[key]
        while len(self._windows) >= self.max_keys:
            del self._windows[next(iter(self._windows))]


def network_of(address):
    """Return what stands for one caller: an IPv4 address, or the /64 of an IPv6 one.

    >>> network_of("192.0.2.7"), network_of("2001:db8::1"), network_of(None)
    ('192.0.2.7', '2001:db8::/64', '')
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return str(address or "")
    if parsed.version == 6:
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
