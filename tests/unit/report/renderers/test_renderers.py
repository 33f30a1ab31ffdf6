"""Any text in any cell comes out of each renderer as that text, and as nothing else."""

import math
import re
from html.parser import HTMLParser
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from sim.report.document import Summary
from sim.report.format import visible
from sim.report.renderers import html, markdown
from sim.report.renderers.terminal import print_summary, print_table
from sim.report.table import (
    Change,
    Code,
    Column,
    Interval,
    Level,
    Linked,
    Range,
    Table,
    page_only,
    terminal_only,
    text,
    words_table,
)

HOSTILE = (
    *("a | b", "</td><script>alert(1)</script>", "`x`", "[bold]loud[/bold]", "[link=http://evil.example]x[/link]"),
    *(
        "\x1b[31mred\x1b[0m",
        "line\nline",
        "\\|",
        "&lt;",
        "<!-- ",
        "![x](http://evil.example)",
        "| --- |",
        "]]>",
        "\u202e",
    ),
    *(
        "*a*",
        "_a_",
        "~~a~~",
        "# head",
        "http://evil.example",
        "www.evil.example",
        "a@evil.example",
        "$x$",
        "",
        " ",
        "-",
    ),
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40), st.lists(st.sampled_from(HOSTILE)).map("".join))
CELLS = st.one_of(TEXTS, TEXTS.map(Code), TEXTS.map(Linked))


@st.composite
def tables(draw):
    width = draw(st.integers(1, 5))
    headings = draw(st.lists(TEXTS, min_size=width, max_size=width))
    columns = tuple(Column(heading, "", draw(st.sampled_from(["left", "right"]))) for heading in headings)
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width).map(tuple), min_size=1, max_size=4))
    return Table(draw(TEXTS), columns, tuple(rows))


def text_of(cell):
    return cell if isinstance(cell, str) else cell.text


class Parsed(HTMLParser):
    """The tags of some HTML, and the text of its cells."""

    def __init__(self, written):
        super().__init__()
        self.tags, self.cells, self.inside = [], [], False
        self.feed(written)
        self.close()

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)
        self.inside = self.inside or tag in {"td", "th"}
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in {"td", "th"}

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


@given(tables())
def test_html_gives_every_text_back(table):
    parsed = Parsed(str(html.render_table(table)))
    assert set(parsed.tags) <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "code", "span"}
    headings = [column.heading for column in table.columns]
    assert parsed.cells == [visible(text_of(cell)) for row in (headings, *table.rows) for cell in row]


@given(tables())
def test_markdown_keeps_its_cells_and_makes_nothing_of_their_texts(table):
    written = str(markdown.render_table(Table("", table.columns, table.rows)))
    lines = written.split("\n")
    assert len(lines) == len(table.rows) + 2
    cut = [re.split(r"(?<!\\)(?:\\\\)*\|", line) for line in lines]
    assert {len(cells) for cells in cut} == {len(table.columns) + 2}
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(written)
    inline = [child.type for token in tokens for child in token.children or ()]
    assert not {"html_inline", "image", "em_open", "strong_open", "s_open"} & set(inline)
    assert "html_block" not in {token.type for token in tokens}
    if not any(isinstance(cell, Linked) for row in table.rows for cell in row):
        assert "link_open" not in inline


@given(tables(), st.sampled_from([80, 100, 132]))
def test_a_terminal_interprets_no_markup_and_loses_no_letter(table, width):
    stream = StringIO()
    console = Console(file=stream, width=width, color_system="truecolor", force_terminal=True)
    print_table(Table("", table.columns, table.rows), console)
    plain = re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue())
    assert "\x1b" not in plain
    letters = re.sub(r"\s", "", plain)
    for row in table.rows:
        for letter in set(re.sub(r"\s", "", visible("".join(map(text_of, row))))):
            assert letter in letters
    if table.columns and all(len(visible(text_of(cell))) < 12 for row in table.rows for cell in row):
        for row in table.rows:
            for word in visible(" ".join(map(text_of, row))).split():
                assert word in plain


LABELS = st.lists(st.text("abcdefghij ", min_size=1, max_size=60), min_size=1, max_size=12)
NUMBERS = st.floats(0.0, 1e6, allow_nan=False)


@given(LABELS, st.lists(st.tuples(NUMBERS, NUMBERS), min_size=7, max_size=7))
def test_80_columns_break_no_word_of_a_label_and_cut_no_heading(labels, numbers):
    labels = [" ".join(word[:12] for word in label.split()) or "x" for label in labels]
    columns = (text("Stage"), *(Column(heading) for heading in ("Entered", "Range", "Went on", "Lost here")))
    cells = tuple(Level(value, value - error, value + error) for value, error in numbers[:4])
    stream = StringIO()
    print_table(Table("Groups", columns, tuple((label, *cells) for label in labels)), Console(file=stream, width=80))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    words = " ".join(lines).split()
    for label in labels:
        assert set(label.split()) <= set(words)
    for column in columns:
        assert set(column.heading.split()) <= {word.strip(":") for word in words}
    for cell in cells:
        assert cell.short() in words


def test_too_many_columns_become_a_block_a_row():
    columns = (text("Option"), *(Column(f"Measure number {k}") for k in range(9)))
    row = ("All round", *(Interval(1e6 * k, 9e5 * k, 2e6 * k, "pounds") for k in range(1, 10)))
    stream = StringIO()
    print_table(Table("Options", columns, (row,)), Console(file=stream, width=80))
    assert "- Measure number 8: £9m (£8.1m to £18m)" in stream.getvalue()
    assert max(len(line) for line in stream.getvalue().splitlines()) <= 80


@pytest.mark.parametrize(
    ("cell", "long", "short"),
    [
        (Level(13.53, 13.04, 14.02), "13.5 (13.0 to 14.0)", "13.5±0.5"),
        (Level(13.53), "13.5", "13.5"),
        (Level(0.0, 0.0, 0.0), "0", "0"),
        (Level(0.351, 0.32, 0.38, "share"), "35% (32% to 38%)", "35±3%"),
        (Level(163_000.0, 150_000.0, 176_000.0, "pounds"), "£163,000 (£150,000 to £176,000)", "£163±13k"),
        (Level(math.nan, math.nan, math.nan), "–", "–"),
        (Interval(559e3, 280e3, 21.6e6, "pounds"), "£559,000 (£280,000 to £21.6 million)", "£559k (£280k to £21.6m)"),
        (Change(0.067, 0.0017, 0.13), "+0.067 (+0.0017 to +0.13)", "+0.067 (+0.0017 to +0.13)"),
        (Change(0.012, 0.008, 0.016, "share"), "+1.2 (+0.80 to +1.6) points", "+1.2 (+0.80 to +1.6) pt"),
        (Range(6, 22), "6 to 22", "6-22"),
        (Range(math.nan, math.nan), "–", "–"),
    ],
)
def test_a_value_is_written_at_length_and_in_short(cell, long, short):
    assert (cell.long(), cell.short()) == (long, short)


def test_each_place_has_its_columns():
    table = Table("", (text("a"), page_only("b"), terminal_only("c")), (("1", "2", "3"),))
    assert table.shown_on("page").rows == (("1", "2"),)
    assert table.shown_on("terminal").rows == (("1", "3"),)


def test_a_row_has_a_cell_for_every_column():
    with pytest.raises(ValueError, match="has not 2 cells"):
        words_table("Two", ("a", "b"), [("1",)])


def test_a_summary_says_what_is_wrong_before_what_came_out():
    stream = StringIO()
    summary = Summary("Title [red]", ("How to read.",), ("Finding.",), (), ("Two failed.",))
    print_summary(summary, Console(file=stream, width=80))
    written = stream.getvalue()
    places = [written.index(words) for words in ("Title [red]", "How to read.", "Two failed.", "- Finding.")]
    assert places == sorted(places)
