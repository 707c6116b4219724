from __future__ import annotations

from triage.config.lines import line_numbers, line_of

TEXT = """\
top = 1
[a]
x = 1  # [b]
"quoted key" = 2
text = '''
y = 3
[not.a.table]
'''
inline = { z = 1 }
y.deep = 4
[[a.list]]
k = 1
[a.list.sub]
k = 2
[[ a . list ]]
k = 3
[a.list.sub]
k = 4
"""


def test_every_key_and_table_has_its_line() -> None:
    assert line_numbers(TEXT) == {
        ("top",): 1,
        ("a",): 2,
        ("a", "x"): 3,
        ("a", "quoted key"): 4,
        ("a", "text"): 5,
        ("a", "inline"): 9,
        ("a", "y", "deep"): 10,
        ("a", "list"): 11,
        ("a", "list", 0): 11,
        ("a", "list", 0, "k"): 12,
        ("a", "list", 0, "sub"): 13,
        ("a", "list", 0, "sub", "k"): 14,
        ("a", "list", 1): 15,
        ("a", "list", 1, "k"): 16,
        ("a", "list", 1, "sub"): 17,
        ("a", "list", 1, "sub", "k"): 18,
    }


def test_what_has_no_line_of_its_own_has_the_one_around_it() -> None:
    lines = line_numbers(TEXT)
    assert line_of(("a", "inline", "z"), lines) == 9
    assert line_of(("a", "missing"), lines) == 2
    assert line_of(("elsewhere",), lines) == 1
