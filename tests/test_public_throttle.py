from odoo.tests import BaseCase, tagged

from ..tools.throttle import Throttle, network_of


@tagged("post_install", "-at_install")
class TestThrottle(BaseCase):
    """Counting by key in memory."""

    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.throttle = Throttle(3, 60, max_keys=5, clock=lambda: self.now)

    def _hit(self, key, times):
        for _hit in range(times):
            self.throttle.hit(key)

    def test_free_below_the_limit(self):
        self.assertEqual(self.throttle.wait_seconds("a"), 0)
        self._hit("a", 2)
        self.assertEqual(self.throttle.wait_seconds("a"), 0)

    def test_blocked_until_the_window_ends(self):
        self._hit("a", 3)
        self.assertGreaterEqual(self.throttle.wait_seconds("a"), 60)
        self.now += 59
        self.assertEqual(self.throttle.wait_seconds("a"), 2)
        self.now += 1
        self.assertEqual(self.throttle.wait_seconds("a"), 0)
        self._hit("a", 2)
        self.assertEqual(self.throttle.wait_seconds("a"), 0)

    def test_others_are_not_blocked(self):
        self._hit("a", 9)
        self.assertEqual(self.throttle.wait_seconds("b"), 0)

    def test_memory_is_bounded(self):
        for number in range(50):
            self.throttle.hit(number)
        self.assertLessEqual(len(self.throttle._windows), 5)
        self._hit(49, 2)
        self.assertTrue(self.throttle.wait_seconds(49))

    def test_what_has_run_out_is_forgotten_first(self):
        for key in "abcde":
            self.throttle.hit(key)
        self.now += 61
        self.throttle.hit("f")
        self.assertEqual(list(self.throttle._windows), ["f"])

    def test_clear(self):
        self._hit("a", 3)
        self.throttle.clear()
        self.assertEqual(self.throttle.wait_seconds("a"), 0)

    def test_network(self):
        self.assertEqual(network_of("192.0.2.7"), "192.0.2.7")
        self.assertEqual(network_of("::ffff:192.0.2.7"), "192.0.2.7")
        self.assertEqual(network_of("2001:db8:0:1::5"), network_of("2001:db8:0:1:ffff::6"))
        self.assertNotEqual(network_of("2001:db8:0:1::5"), network_of("2001:db8:0:2::5"))
        self.assertEqual(network_of(None), "")
        self.assertEqual(network_of("unix"), "unix")
