"""The pages of answers: what they say, that they claim no more than the intervals, that they hold all numbers."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

from sim.report.answers import additionality, attribute, compare, compare_words, frontier
from sim.report.answers.compare_tables import write_cost_per_launch
from sim.report.renderers.html import render_page
from sim.report.renderers.terminal import print_summary
from sim.report.table import write_long
from sim.report.write import write_page
from tests.helpers import synthetic_answers as made

NAN = math.nan
LAUNCHES = {"outcome": "launches", "n": 300, "alternative": "pensions", "alternative_label": "Pensions"}
QUESTION = SimpleNamespace(title="Is it so?", question="Does it do anything?", about="What it means.\nAnd what not.")


class Page(HTMLParser):
    """The words of a page, its tags, and the cells of its tables."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.cells, self.inside = [], "", [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in {"td", "th"}:
            self.cells.append("")
            self.inside = True

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] not in {"script", "style"}:
            self.text += data
        if self.tags and self.inside:
            self.cells[-1] += data

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in {"td", "th"}


def words_of(html):
    return " ".join(Page(html).text.split())


PAGES = {
    "one alternative": lambda: compare.page(made.comparison(), QUESTION),
    "three alternatives": lambda: compare.page(made.comparison(["pensions", "champions", "both"]), QUESTION),
    "many alternatives": lambda: compare.page(made.comparison([f"policy_{k}" for k in range(16)]), QUESTION),
    "barriers": lambda: attribute.page(made.attribution(), QUESTION),
    "interventions": lambda: attribute.page(
        made.attribution(
            "interventions", players=made.players().assign(recorded=NAN, gap=NAN, gap_low=NAN, gap_high=NAN)
        ),
        QUESTION,
    ),
    "random orders": lambda: attribute.page(
        made.attribution(method="permutations", sets=pd.DataFrame(), sizes=pd.DataFrame()), QUESTION
    ),
    "additionality": lambda: additionality.page(made.additionality(), QUESTION),
}


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    return PAGES[request.param]()


def test_a_page_holds_every_cell_of_its_tables(page):
    cells = {cell.strip() for cell in Page(render_page(page)).cells}
    tables = [table for part in page.sections for table in part.tables]
    tables += [table for part in page.sections for figure in part.figures for table in figure.tables]
    assert tables
    for table in (table.shown_on("page") for table in tables):
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        for row in ([column.heading for column in table.columns], *table.rows):
            assert {write_long(cell).strip() for cell in row} <= cells


def test_a_page_is_whole_and_loads_nothing(page):
    html = render_page(page)
    parsed = Page(html)
    assert [tag for tag, _ in parsed.tags].count("h1") == 1
    ids = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"][1:] for tag, attrs in parsed.tags if tag == "a"} <= set(ids)
    assert not [tag for tag, _ in parsed.tags if tag in {"img", "link", "iframe"}]
    assert not [attrs for _, attrs in parsed.tags if "src" in attrs]
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)", words_of(html))
    assert len({figure.name for part in page.sections for figure in part.figures}) == sum(
        len(part.figures) for part in page.sections
    )


@pytest.mark.parametrize("name", ["pensions", "base"])
def test_how_it_was_computed_names_worlds_and_digests(name):
    found = made.comparison()
    html = words_of(render_page(compare.page(found, QUESTION)))
    world = next(one for one in (found.base, *found.alternatives) if one.name == name)
    assert world.loaded.digest in html
    assert "Seed1" in html.replace(" ", "")


def test_an_answer_lies_in_its_folder_with_every_table(tmp_path):
    found = made.comparison()
    path = write_page(frontier.page(made.bought(found, made.frontier()), QUESTION), tmp_path, ["svg"])
    assert path == tmp_path / "report.html"
    again = pd.read_csv(tmp_path / "tables" / "differences.csv")
    # Every digit: a number read back is the number that was written.
    assert again["difference"].tolist() == found.differences["difference"].tolist()
    assert {file.stem for file in (tmp_path / "tables").iterdir()} >= {"frontier", "divergence", "fates_pensions"}
    assert (tmp_path / "pictures" / "fates_pensions.svg").read_text(encoding="utf-8").startswith("<svg")
    text = words_of(path.read_text(encoding="utf-8"))
    for said in ("Is it so?", "Does it do anything?", "And what not.", "No other option beats these"):
        assert said in text


def row(difference, low, high, **more):
    base = {"base": 16.0, "alt": 16.0 + difference, "relative": difference / 16.0}
    ends = {"low": low, "high": high, "family_low": low - 0.5, "family_high": high + 0.5}
    return LAUNCHES | base | {"difference": difference} | ends | more


@pytest.mark.parametrize(
    ("numbers", "several", "said"),
    [
        (
            row(3.1, 2.6, 3.6),
            False,
            "With “Pensions” 3.1 more groups would launch in each history on average (95% interval 2.6 to 3.6): "
            "19.1 instead of 16, +19%.",
        ),
        (
            row(-3.1, -3.6, -2.6),
            False,
            "With “Pensions” 3.1 fewer groups would launch in each history on average (95% interval 2.6 to 3.6): "
            "12.9 instead of 16, -19%.",
        ),
        (
            row(0.3, -0.2, 0.8),
            False,
            "We cannot say whether “Pensions” changes the number of launches: the difference over 300 histories is "
            "+0.30, and its 95% interval (-0.20 to +0.80) includes zero.",
        ),
        (
            # Told by itself, and not among several: the wider interval judges.
            row(0.3, 0.1, 0.5),
            True,
            "We cannot say whether “Pensions” changes the number of launches: the difference over 300 histories is "
            "+0.30, and its simultaneous 95% interval (-0.40 to +1) includes zero.",
        ),
        (
            row(0.0, 0.0, 0.0, family_low=0.0, family_high=0.0),
            True,
            "With “Pensions” exactly as many groups launch as without it, in every one of 300 histories.",
        ),
        (
            row(0.098, 0.064, 0.13),
            False,
            "With “Pensions” about one more group would launch in every ten histories (0.098 a history; 95% interval "
            "0.064 to 0.13): 16.1 instead of 16, +0.6%.",
        ),
        (
            row(-0.067, -0.13, -0.0017),
            False,
            "With “Pensions” about seven fewer groups would launch in every 100 histories (0.067 a history; "
            "95% interval 0.0017 to 0.13): 15.9 instead of 16, -0.4%.",
        ),
        (row(2.0, NAN, NAN), False, "One history cannot show the effect of “Pensions” on the number of launches."),
    ],
)
def test_the_headline_claims_what_the_interval_allows(numbers, several, said):
    assert compare_words.launches_sentence(numbers, several) == said


def test_without_launches_the_headline_tells_of_the_first_outcome():
    only = made.differences().query("outcome == 'months_to_launch'")
    [sentence] = compare_words.headline(made.comparison(differences=only))
    assert re.fullmatch(r"“Pensions”: months to launch, of those that launched -.* instead of 24\.0\.", sentence)
    untold = only.assign(low=-1.0, high=1.0, difference=0.1)
    [sentence] = compare_words.headline(made.comparison(differences=untold))
    assert sentence.endswith("+0.10 (-1 to +1): no clear difference.")


def test_fates_and_price_in_the_headline():
    sentences = compare_words.headline(made.comparison())
    [whole] = made.fates_table().query("by == 'all'").to_dict("records")
    in_100 = 100 * whole["only_alternative"] / (whole["neither"] + whole["only_alternative"])
    assert sentences[1].startswith(
        f"Of 100 groups that do not launch in the base, {in_100:.1f} launch here, and of 100 that"
    )
    assert "2.5 no longer do." in sentences[1]
    assert sentences[2].endswith("£60,000 (£45,000 to £81,000) for each additional launch.")
    untold = compare_words.headline(made.comparison(additional_costs=made.costs(bounded=False)))
    assert untold[2].endswith(
        "A cost for each additional launch cannot be given, because there is no clear difference in launches."
    )


def test_a_cost_that_would_mislead_is_told_in_words():
    numbers = {"bounded": True, "cost": 5.0, "launches": 2.0, "per_launch": 2.5}
    numbers |= {"per_launch_low": 2.0, "per_launch_high": 3.0}
    assert write_cost_per_launch(numbers) == "£2.50 (£2.00 to £3.00)"
    assert write_cost_per_launch(numbers | {"bounded": False}).startswith(
        "not defined: no clear difference in launches"
    )
    assert write_cost_per_launch(numbers | {"launches": -2.0}) == "not defined: fewer groups launch"
    assert write_cost_per_launch(numbers | {"cost": -5.0}) == "more launches for less money"


def test_worlds_that_differ_too_early_are_a_warning():
    found = made.comparison()
    early = found.divergence.assign(agrees=False, first_difference="replication 1, 2008-12-01: a/1 has exit")
    page = compare.page(replace(found, divergence=early), QUESTION)
    [warning] = page.warnings
    for said in ("Pensions", "1 April 2009", "interventions.pension_guarantee.enabled", "a/1 has exit"):
        assert said in warning
    assert compare.page(found, QUESTION).warnings == ()
    written = StringIO()
    print_summary(
        compare.summary(replace(found, divergence=early), QUESTION), Console(file=written, width=80, color_system=None)
    )
    assert "Nothing here should be relied on" in " ".join(written.getvalue().split())


def test_blame_names_the_gap_only_where_its_interval_tells():
    found = made.attribution()
    said = " ".join(attribute.headline(found))
    assert "they cost 30 (29 to 31) launches" in said
    assert "The records overstate “" in said
    untold = found.players.assign(gap_low=-1.0, gap_high=1.0)
    assert "The records overstate" not in " ".join(attribute.headline(replace(found, players=untold)))
    assert "Exactly zero: “Legal form and tax”." in said


@pytest.mark.parametrize(
    ("shift", "said"),
    [(0.0, "added launches"), (-40.0, "cost launches"), (-10.0, "We cannot say whether the programme added launches")],
)
def test_additionality_says_no_more_of_its_sign_than_the_whole_range_allows(shift, said):
    names = ["difference", "difference_low", "difference_high"]
    curve = made.curve()
    moved = made.additionality(curve=curve.assign(**{name: curve[name] + shift for name in names}))
    assert said in additionality.headline(moved)[0]


@pytest.mark.parametrize("width", [80, 100])
def test_terminal_is_plain_and_fits(width):
    written = StringIO()
    console = Console(file=written, width=width, color_system=None)
    print_summary(
        compare.summary(made.comparison(["pensions", "champions_and_a_very_long_name_besides"]), QUESTION), console
    )
    text = written.getvalue()
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    for said in ("Groups launched", "simultaneous", "Only alt.", "additional launch", "Unpaired"):
        assert said in text
    # What a terminal of any age and a pipe on any system can take.
    assert text.encode("cp1252", errors="replace").decode("cp1252").count("?") == text.count("─") + text.count("?")


def test_hostile_words_stay_words():
    found = made.comparison(
        differences=made.hostile(made.differences()), additional_costs=made.hostile(made.costs()), costs=pd.DataFrame()
    )
    hurt = replace(found.alternatives[0], label=made.NASTY)
    fates = replace(made.fates(), table=made.hostile(made.fates_table()))
    found = replace(found, alternatives=(hurt,), fates={"pensions": fates})
    pages = [
        compare.page(found, SimpleNamespace(title=made.NASTY, question=made.NASTY, about=made.NASTY)),
        attribute.page(
            made.attribution(players=made.hostile(made.attribution().players), pairs=made.hostile(made.pairs())),
            QUESTION,
        ),
        additionality.page(made.additionality(tornado=made.hostile(made.tornado())), QUESTION),
    ]
    for page in pages:
        html = render_page(page)
        assert html.count("</script") == 3
        assert "<!--" not in html
        assert not any(name.startswith("on") for _, attrs in Page(html).tags for name in attrs)
    written = StringIO()
    print_summary(compare.summary(found, QUESTION), Console(file=written, width=80, color_system=None))
    assert "\x1b" not in written.getvalue()
