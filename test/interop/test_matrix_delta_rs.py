"""Every feature and operation of Tarn, read, changed and read again by delta-rs."""
import unittest

import matrix_case
import partners


class DeltaRs(matrix_case.MatrixCase):
    partner_class = partners.DeltaRs
    refusals = (
        "Unsupported table features required: [",
        "Delta table is append-only",
        "Column mapping is not supported for write operation 'OPTIMIZE' yet",
        "Invalid function 'year'",  # DataFusion spells it date_part
        "Schema evolution on column-mapped tables is not yet supported",
        "not done, as schema_mode='merge' makes of column x",
        partners.DeltaRs.misread_removal,
        "is outside table root",  # of MERGE in a shallow clone, whose files are the source's
    )


matrix_case.add_tests(DeltaRs)

if __name__ == "__main__":
    unittest.main()
