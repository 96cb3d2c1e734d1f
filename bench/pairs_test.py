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
        seconds = pairs.interleave(lambda: calls.append("a"), lambda: calls.append("b"), 2)
        self.assertEqual(calls, ["a", "b", "b", "a", "a", "b"])
        self.assertEqual(len(seconds), 2)


if __name__ == "__main__":
    unittest.main()
