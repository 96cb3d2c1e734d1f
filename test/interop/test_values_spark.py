"""Values of every type between Spark and Tarn, where Spark is cached."""
import unittest

import partners
import values_case


class SparkValues(values_case.ValuesCase):
    partner_class = partners.Spark


values_case.add_tests(SparkValues)

if __name__ == "__main__":
    unittest.main()
