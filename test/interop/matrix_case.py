"""The tests of one partner: each feature, and that its section of the page is what ran."""
import os
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import features
import matrix
import page

LANES = 2
STALE = "stale: run this with TARN_WRITE_DOCS=1 TARN_LONG=1"
# What Tarn may refuse, and where.
APPEND_ONLY = ("the table is append-only", ("overwrite", "update", "delete", "merge", "merge evolving", "restore"))


class MatrixCase(unittest.TestCase):
    """A subclass names its `partner_class` and `refusals`: words of which one stands in each refusal that is known.
    Where all features take too long for every day, it names the `sample` that runs without TARN_LONG=1."""
    partner_class = None
    refusals = ()
    sample = ()

    @classmethod
    def setUpClass(cls):
        why_not = cls.partner_class.why_not()
        if why_not:
            raise unittest.SkipTest(why_not)
        cls.partner = cls.partner_class()
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(LANES) as lanes:
            cls.outcomes = list(lanes.map(lambda feature: matrix.Run(feature, cls.partner, folder).run(),
                                          chosen(cls)))

    @classmethod
    def tearDownClass(cls):
        cls.partner.close()

    def check(self, number):
        outcome = self.outcomes[number]
        self.assertEqual(outcome.wrong, [])
        for cells in outcome.parts():
            for step, cell in cells.items():
                if cell.who == "Tarn":
                    self.assertIn(APPEND_ONLY[0], cell.words, step)
                    self.assertIn(step, APPEND_ONLY[1])
                    self.assertEqual(outcome.feature.name, "appendOnly")
                elif cell.who:
                    self.assertTrue(any(words in cell.words for words in self.refusals), f"{step}: {cell.words}")

    def check_page(self):
        self.assertEqual([outcome.wrong for outcome in self.outcomes if outcome.wrong], [])
        made = page.section(self.partner, self.outcomes)
        if os.environ.get("TARN_WRITE_DOCS") == "1":
            page.write(self.partner.name, made)
        self.maxDiff = None
        found = page.read()
        self.assertEqual(found.get(self.partner.name), made, STALE)
        self.assertEqual(found[""].strip(), page.INTRODUCTION.strip(), STALE)


def chosen(case):
    if not case.sample or os.environ.get("TARN_LONG") == "1":
        return features.FEATURES
    return [feature for feature in features.FEATURES if feature.name in case.sample]


def add_tests(case):
    for number, feature in enumerate(chosen(case)):
        setattr(case, "test_" + feature.file_name, lambda self, number=number: self.check(number))
    if len(chosen(case)) == len(features.FEATURES):
        case.test_the_page_is_what_ran = MatrixCase.check_page
