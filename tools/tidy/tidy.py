"""Holds the whole tree against the rules; each rule is one test."""

import sys
from dataclasses import dataclass
from pathlib import Path

import rules
from tree import Tree

MAX_SHOWN = 20
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")


@dataclass(frozen=True)
class Exemption:
    rule: str
    path: str
    reason: str


def exemptions(text):
    """The lines of exceptions.txt; raises ValueError for one without a rule, a path or a reason."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        head, _, reason = line.partition(":")
        if len(head.split()) != 2 or not reason.strip():
            raise ValueError(f"exceptions.txt:{number}: expected RULE PATH: REASON")
        rule, path = head.split()
        if rule not in {known.__name__ for known in rules.RULES}:
            raise ValueError(f"exceptions.txt:{number}: no rule is called {rule}")
        found.append(Exemption(rule, path, reason.strip()))
    return found


def check(tree, exempt):
    """{rule name: its problems}, and the exemptions that nothing needs under 'exceptions'."""
    used = set()
    result = {}
    for rule in rules.RULES:
        result[rule.__name__] = []
        for problem in rule(tree):
            covering = [
                one for one in exempt if one.rule == rule.__name__ and one.path == problem.path
            ]
            used.update(covering)
            if not covering:
                result[rule.__name__].append(problem)
    result["exceptions"] = [
        rules.Problem(one.path, 0, f"no longer breaks {one.rule}: remove the " "exception")
        for one in exempt
        if one not in used
    ]
    return result


def main():
    try:
        exempt = exemptions(EXCEPTIONS.read_text(encoding="utf-8"))
    except ValueError as error:
        print(f"{error}\n0 passed, 1 failed, 0 skipped")
        return 1
    result = check(Tree(), exempt)
    failed = 0
    for name, problems in result.items():
        failed += bool(problems)
        for problem in problems[:MAX_SHOWN]:
            print(f"{name}: {problem}")
        if len(problems) > MAX_SHOWN:
            print(f"{name}: and {len(problems) - MAX_SHOWN} more")
    print(f"{len(result) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
