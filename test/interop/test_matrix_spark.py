"""Every feature and operation of Tarn, read, changed and read again by Spark with Delta, where it is cached."""
import unittest

import matrix_case
import partners


class Spark(matrix_case.MatrixCase):
    partner_class = partners.Spark
    refusals = ("[DELTA_CANNOT_MODIFY_APPEND_ONLY]",)
    sample = ("changeDataFeed, deletionVectors", "columnMapping, deletionVectors, partitioned", "identityColumns",
              "rowTracking, deletionVectors", "typeWidening", "v2Checkpoint, deletionVectors", "variantType, shredded")


matrix_case.add_tests(Spark)

if __name__ == "__main__":
    unittest.main()
