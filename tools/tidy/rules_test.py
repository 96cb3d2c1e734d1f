"""Each rule on a small good and a small bad tree."""

import unittest

import functions
import layout
import rules
import tidy
from tree import Tree, bare, rooms_of

ROOMS = "tarn_room(base LIBS fmt::fmt)\ntarn_room(net USES base)\ntarn_room(sql USES base)\n"
README = "# x\n" + "".join(f"\n## {heading}\ntext\n" for heading in rules.README_HEADINGS)


def problems(rule, files):
    return list(rule(Tree({"src/CMakeLists.txt": ROOMS, **files})))


class RuleTest(unittest.TestCase):
    def good(self, rule, files):
        self.assertEqual(problems(rule, files), [])

    def bad(self, rule, files, count=1):
        found = problems(rule, files)
        self.assertEqual(len(found), count, found)
        return found[0]


class RoomsTest(RuleTest):
    def test_a_listed_room_may_be_included(self):
        self.good(rules.rooms, {"src/net/a.cc": '#include "base/error.h"\n#include "net/a.h"\n'})

    def test_an_unlisted_and_an_upward_room_may_not(self):
        self.bad(rules.rooms, {"src/sql/a.cc": '#include "net/a.h"\n'})
        self.bad(rules.rooms, {"src/base/a.h": '#include "sql/a.h"\n'})

    def test_an_include_in_a_comment_line_of_a_string_is_still_seen_by_its_line(self):
        self.assertEqual(self.bad(rules.rooms, {"src/sql/a.cc": '\n\n#include "net/a.h"\n'}).line, 3)

    def test_a_room_uses_only_rooms_above_it(self):
        self.good(rules.room_order, {})
        self.assertEqual(len(list(rules.room_order(Tree(
            {"src/CMakeLists.txt": "tarn_room(base USES net)\ntarn_room(net)"})))), 1)

    def test_uses_ends_where_libs_begins(self):
        self.assertEqual(rooms_of("tarn_room(a)\ntarn_room(b USES a # c\n LIBS c d)"), {"a": set(), "b": {"a"}})

    def test_an_include_says_its_room(self):
        self.good(rules.includes_from_src, {"src/sql/a.cc": '#include "base/a.h"\n#include <duckdb.hpp>\n'})
        self.bad(rules.includes_from_src, {"src/sql/a.cc": '#include "a.h"\n'})


class HeaderTest(RuleTest):
    def test_own_header_first(self):
        header = {"src/sql/a.h": "#pragma once\n"}
        self.good(rules.own_header_first, {**header, "src/sql/a.cc": '#include "sql/a.h"\n#include <map>\n'})
        self.bad(rules.own_header_first, {**header, "src/sql/a.cc": '#include <map>\n#include "sql/a.h"\n'})
        self.bad(rules.own_header_first, {**header, "src/sql/a_test.cc": "#include <gtest/gtest.h>\n"})
        self.good(rules.own_header_first, {"src/sql/b.cc": "#include <map>\n"})

    def test_pragma_once(self):
        self.good(rules.pragma_once, {"src/sql/a.h": "// What it is.\n#pragma once\n"})
        self.bad(rules.pragma_once, {"src/sql/a.h": "#include <map>\n#pragma once\n"})
        self.bad(rules.pragma_once, {"src/sql/a.h": "#ifndef A\n#define A\n#endif\n"})

    def test_header_says_what_it_is_for(self):
        self.good(rules.header_says_what_for, {"src/sql/a.h": "// Words of SQL.\n#pragma once\n"})
        self.bad(rules.header_says_what_for, {"src/sql/a.h": "#pragma once\n"})


class SizeTest(RuleTest):
    def test_file(self):
        self.good(rules.file_size, {"src/sql/a.cc": "\n" * 700})
        self.bad(rules.file_size, {"src/sql/a.cc": "\n" * 701})

    def test_line(self):
        self.good(rules.line_length, {"src/sql/a.cc": "x" * 100 + "\n" + "ü" * 100})
        self.bad(rules.line_length, {"src/sql/a.cc": "x" * 101})
        self.bad(rules.line_length, {"tools/a.py": "x" * 121})

    def test_function(self):
        body = "    x();\n"
        for head in ("int F(int a)", "A::A(int a)\n    : a_(a), b_{a}", "auto F() -> int",
                     "bool A::operator==(const A& other) const", "TEST(A, B)"):
            text = "namespace n {\nstruct S {\n    int a = 1;\n};\n" + head + " {\n%s}\n}  // namespace n\n"
            self.good(rules.function_size, {"src/sql/a.cc": text % (body * 68)})
            found = self.bad(rules.function_size, {"src/sql/a.cc": text % (body * 69)})
            self.assertIn("71", found.what)

    def test_a_long_table_or_class_is_no_function(self):
        table = "const int kTable[] = {\n" + "    1,\n" * 90 + "};\n"
        self.good(rules.function_size, {"src/sql/a.cc": table})
        self.good(rules.function_size, {"src/sql/a.h": "class A {\n" + "    int F();\n" * 90 + "};\n"})

    def test_a_long_method_inside_a_class_is_one(self):
        text = "class A : public B {\npublic:\n    int F() const override {\n" + "x();\n" * 70 + "    }\n};\n"
        self.bad(rules.function_size, {"src/sql/a.h": text})

    def test_braces_in_literals_and_macros_do_not_count(self):
        text = '#define M(x) \\\n    { x }\nint F() {\n    char a = \'{\';\n    return "{{{" R"(})";\n}\nint G() {}\n'
        self.assertEqual([name for name, _, _ in functions.bodies(bare(text))], ["F", "G"])


class ReadmeTest(RuleTest):
    def test_five_headings_in_order(self):
        source = {"src/sql/a.h": ""}
        self.good(rules.readmes, {**source, "src/sql/README.md": README})
        self.bad(rules.readmes, source)
        self.bad(rules.readmes, {**source, "src/sql/README.md": README.replace("## Words", "## Names")})


class OwnedTest(RuleTest):
    def test_a_room_owns_its_files(self):
        self.good(rules.owned, {"src/sql/deep/a.cc": ""})
        self.bad(rules.owned, {"src/attic/a.cc": ""})
        self.bad(rules.owned, {"src/stray.cc": ""})

    def test_elsewhere_a_listing_names_them(self):
        self.good(rules.owned, {"test/sql/a.cc": "", "test/CMakeLists.txt": "add_executable(t sql/a.cc)"})
        self.good(rules.owned, {"fuzz/a.cc": "", "fuzz/CMakeLists.txt": "file(GLOB targets *.cc)"})
        self.bad(rules.owned, {"test/sql/a.cc": "", "test/CMakeLists.txt": "add_executable(t sql/b.cc)"})
        self.bad(rules.owned, {"lost/a.cc": ""})


class NameTest(RuleTest):
    def test_names_that_say_nothing(self):
        self.good(rules.file_names, {"src/sql/lexer.cc": "", "src/sql/implicit_cast.cc": ""})
        self.bad(rules.file_names, {"src/sql/string_utils.cc": ""})
        self.bad(rules.file_names, {"src/sql/misc.h": ""})


class WordTest(RuleTest):
    def test_each_banned_word(self):
        for word in ("std::chrono::system_clock::now();", "std::this_thread::sleep_for(d);", "rand();",
                     "std::random_device d;", 'getenv("HOME");', "std::cout << 1;", "try {} catch (...) {}",
                     "duckdb::Value v;", "duckdb_query(c);", "GTEST_SKIP();",
                     "TEST(A, DISABLED_B)"):
            self.bad(rules.banned_words, {"src/sql/a.cc": word})

    def test_where_they_are_at_home(self):
        self.good(rules.banned_words, {"src/base/clock.cc": "std::chrono::system_clock::now();",
                                       "src/cli/main.cc": 'std::cout << getenv("HOME");',
                                       "src/engine/duck/a.cc": "duckdb::Value v;"})

    def test_a_skip_with_its_reason_is_fine(self):
        self.good(rules.banned_words, {"src/sql/a_test.cc": 'GTEST_SKIP() << "no data";'})

    def test_comments_literals_and_longer_words_do_not_count(self):
        text = '// rand() and std::cout\nF("getenv()"); operand(); /* duckdb::\n*/'
        self.good(rules.banned_words, {"src/sql/a.cc": text})

    def test_unfinished(self):
        self.good(rules.unfinished, {"src/sql/a.cc": "// what is done\n"})
        self.bad(rules.unfinished, {"src/sql/a.cc": "// TO" "DO: more\n"})


class WholeTreeTest(RuleTest):
    def test_registry_hosts(self):
        self.good(rules.registry_hosts, {"README.md": "from PyPI and npm"})
        self.bad(rules.registry_hosts, {"tools/a.sh": "curl https://py" "pi.org/simple"})

    def test_machine_paths(self):
        self.good(rules.machine_paths, {"a.sh": "ls $HOME/work/x ../work/x a/root/b file:///tmp/x https://x/work/y"})
        self.bad(rules.machine_paths, {"a.sh": "ls /wo" "rk/main"})
        self.bad(rules.machine_paths, {"a.sh": "HOME=/ro" "ot/x"})

    def test_links(self):
        files = {"docs/a.md": "[b](b.md) [c](../src/CMakeLists.txt#x) [d](https://x) `[e](no.md)`", "docs/b.md": ""}
        self.good(rules.links, files)
        self.bad(rules.links, {"docs/a.md": "[b](gone.md)"})


class ExemptionTest(unittest.TestCase):
    def check(self, line, files):
        return tidy.check(Tree({"src/CMakeLists.txt": ROOMS, "src/sql/README.md": README, **files}),
                          tidy.exemptions(line))

    def test_covers_its_file_and_rule_only(self):
        line = "banned_words src/sql/a.cc: a thread's outermost frame"
        code = "void F() { try { G(); } catch (...) {} }"
        found = self.check(line, {"src/sql/a.cc": code, "src/sql/b.cc": code})
        self.assertEqual([problem.path for problem in found["banned_words"]], ["src/sql/b.cc"])
        self.assertEqual(found["exceptions"], [])

    def test_one_that_nothing_needs_is_a_problem(self):
        self.assertEqual(len(self.check("file_size src/sql/a.cc: a table", {"src/sql/a.cc": ""})["exceptions"]), 1)

    def test_needs_a_known_rule_and_a_reason(self):
        for line in ("file_size src/a.cc:", "file_size: why", "no_such_rule src/a.cc: why"):
            with self.assertRaises(ValueError):
                tidy.exemptions(line)

    def test_every_rule_has_a_promise(self):
        self.assertTrue(all(rule.__doc__ for rule in rules.RULES))


class LayoutTest(unittest.TestCase):
    def test_reads_which_files_clang_format_complains_about(self):
        said = "src/a.cc:1:2: warning: code should be clang-formatted [-Wclang-format-violations]\n int a;\n"
        self.assertEqual(layout.badly_laid_out(said), ["src/a.cc"])


if __name__ == "__main__":
    unittest.main()
