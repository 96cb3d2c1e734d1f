import os
import sys
import time
import unittest

import pairs


class Interval(unittest.TestCase):
    def test_fifteen_values_leave_out_three_at_each_end(self):
        # P(4 <= Bin(15, 1/2) <= 11) = 0.965 - and with one more left out 0.882, too little.
        self.assertEqual(pairs.interval(list(range(15))), (3, 11))

    def test_few_values_give_the_whole_range(self):
        self.assertEqual(pairs.interval([5, 1, 3]), (1, 5))


class Ratio(unittest.TestCase):
    def test_is_the_median_of_the_pairs(self):
        median, low, high = pairs.ratio([(2, 1), (3, 1), (4, 1)])
        self.assertEqual((median, low, high), (3, 2, 4))

    def test_an_aim_is_missed_only_by_the_whole_interval(self):
        self.assertEqual(pairs.verdict(1.01, 1.05), "met")
        self.assertEqual(pairs.verdict(1.06, 1.05), "missed")


class Interleave(unittest.TestCase):
    def test_alternates_who_goes_first_and_drops_the_first_pair(self):
        calls = []
        costs = pairs.interleave(lambda: calls.append("a"), lambda: calls.append("b"), 2)
        self.assertEqual(calls, ["a", "b", "b", "a", "a", "b"])
        self.assertEqual(len(costs), 2)

    def test_a_spent_budget_leaves_a_few_pairs(self):
        costs = pairs.interleave(lambda: 1, lambda: 2, 100, budget_s=0)
        self.assertEqual(costs, [(1, 2)] * pairs.FEW_PAIRS)


class Measuring(unittest.TestCase):
    def test_a_sleep_takes_time_and_no_processor(self):
        cost = pairs.timed(lambda: time.sleep(0.2), os.getpid())
        self.assertGreaterEqual(cost.wall, 0.2)
        self.assertLess(cost.cpu, 0.1)

    def test_the_processor_time_of_a_program_is_its_own(self):
        busy = "import time\nwhile time.process_time() < 0.3: pass"
        cost = pairs.program([sys.executable, "-c", busy])
        self.assertGreaterEqual(cost.cpu, 0.25)
        self.assertGreater(cost.peak_mb, 1)

    def test_a_program_that_fails_is_no_measurement(self):
        with self.assertRaises(RuntimeError):
            pairs.program([sys.executable, "-c", "raise SystemExit(3)"])


if __name__ == "__main__":
    unittest.main()
