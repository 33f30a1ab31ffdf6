"""The evidence table is whole, well formed, and its arithmetic is right."""

from __future__ import annotations

import math
import re
from typing import get_args

import pytest
from ruamel.yaml import YAML
from scipy.stats import binomtest

from sim.scenario.evidence import Confidence, evidence_table, may_cite, normalise
from sim.scenario.library import shipped_folder

WRITTEN_OUT = """
C1 C2 C3 C4 C6 C7 C8
1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 1.10 1.11 1.12 1.13 1.14 1.15 1.16 1.17 1.18 1.19 1.20 1.21 1.22 1.23 1.24
1.25 1.26 1.27 1.28
2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13
3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13
3b 3b.1 3b.2 3b.3 3b.4 3b.5 3b.6 3b.7 3b.8 3b.9 3b.10 3b.11 3c
4.4 4.5 4.6 4.7 4.8 4.10 4.11 4.13 4.14 4.15 4.16 4.17 4.19 4.20 4.21
5.1 5.2 5.3 5.4 5.5 5.6 5.7 5.8 5.9 5.10 5.11 5.12 5.13 5.14
6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9 6.10 6.11 6.12
7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.11 7.14 7.15
T1 T2 T3 T4 T5 T6 T7 T8 T9 T11 T13
9.1 9.2 9.3 9.4 9.5 9.6 9.7 9.8 9.9 9.10 9.11 9.12 9.13 9.14 9.15 9.16 9.17 9.18 9.19 9.20 9.21 9.22 9.23 9.24
9.25 9.26 9.27 9.28 9.29 9.30 9.31 9.32 9.33
"""
IDS = WRITTEN_OUT.split()
EACH_ROW = pytest.mark.parametrize("id", IDS)


def figure(id: str) -> str:
    return evidence_table()[id].figure


def percent_interval(successes: int, trials: int) -> str:
    """Clopper-Pearson 95% interval as the table prints it, in whole percent."""
    interval = binomtest(successes, trials).proportion_ci(0.95, method="exact")
    return f"({100 * interval.low:.0f}-{100 * interval.high:.0f}%)"


def test_the_table_holds_exactly_the_listed_rows() -> None:
    assert sorted(evidence_table()) == sorted(IDS)
    assert len(set(IDS)) == len(IDS)


def test_a_second_call_reads_nothing() -> None:
    assert evidence_table() is evidence_table()


def test_the_head_of_the_file_explains_every_confidence_and_abbreviation() -> None:
    text = (shipped_folder() / "evidence.yaml").read_text(encoding="utf-8")
    document = YAML(typ="safe", pure=True).load(text)
    assert sorted(document["confidence"]) == sorted(get_args(Confidence))
    rows = text.split("\nrows:\n")[1]
    assert all(re.search(rf"\b{short}s?\b", rows) for short in document["abbreviations"])


@EACH_ROW
def test_a_row_is_whole(id: str) -> None:
    row = evidence_table()[id]
    for text in (row.figure, row.what, row.source):
        assert text == text.strip() != ""
    assert all(isinstance(text, str) for text in (row.date, row.caution))
    assert row.confidence in get_args(Confidence)


@EACH_ROW
def test_addresses_stand_in_angle_brackets_and_hold_no_space(id: str) -> None:
    row = evidence_table()[id]
    addresses = re.findall(r"<([^>]*)>", row.source)
    assert row.source.count("http") - sum(a.count("http") - 1 for a in addresses) == len(addresses)
    for address in addresses:
        assert re.fullmatch(r"https?://[\w-]+(\.[\w-]+)+/\S*", address), address


@EACH_ROW
def test_every_row_that_another_row_points_to_exists(id: str) -> None:
    row = evidence_table()[id]
    pointers = row.source if row.id.startswith(("T", "9.")) else ""
    pointers += " ".join(re.findall(r"(?:Arithmetic on|[Ss]ee) [^;:]*", f"{row.source}; {row.caution}"))
    for pointer in re.findall(r"\b(?:[1-9]\.\d+|3b\.\d+|C\d)\b", pointers):
        assert pointer in evidence_table(), pointer


@EACH_ROW
def test_a_row_computed_from_others_names_them(id: str) -> None:
    row = evidence_table()[id]
    if row.confidence == "derived":
        assert re.search(r"\d\.\d|3b", row.source), row.source


def test_ids_are_text_and_are_not_rounded() -> None:
    assert evidence_table()["1.1"] != evidence_table()["1.10"]
    spellings = {" 1.10 ": "1.10", "t4": "T4", "c8": "C8", "3B.2": "3b.2", "T11": "T11", "3C": "3c"}
    assert {written: normalise(written) for written in spellings} == spellings
    assert [normalise(id) for id in IDS] == IDS


def test_what_was_only_remembered_may_not_be_cited() -> None:
    assert {id for id in IDS if not may_cite(id)} == {"1.28", "7.6"}
    assert not any(may_cite(id) for id in ("", "1.100", "C5", "judgement", "nonsense"))


def test_a_row_of_judgement_belongs_to_the_parameters() -> None:
    assert all(row.id.startswith("9.") for row in evidence_table().values() if row.confidence == "judgement")


def test_waves_and_survivors() -> None:
    approved = [int(figure(id).split()[0]) for id in ("1.1", "1.3", "1.6")]
    launched = [int(count) for count in re.findall(r"(\d+) of wave", figure("1.17"))]
    assert (approved, launched) == ([20, 15, 32], [14, 8, 18])
    assert "Waves of {}, {} and {} make 67".format(*approved) in figure("C1")
    assert sum(approved) == 67
    assert "together 40 of 67" in figure("T8")
    assert sum(launched) == 40
    assert f"{67 / 151:.2f}" in figure("1.25")
    assert f"{67 / 10:.1f}" in figure("1.25")


def test_mean_project() -> None:
    assert round(25_000 / 61) == 410
    assert pytest.approx(14.8, abs=0.05) == 900 / 61
    assert 900e6 / 25_000 == 36_000
    for part in ("= 410 staff", "= £14.8m", "= £36,000"):
        assert part in figure("1.8")
    assert (round(8000 / 61), round(8000 / 50)) == (131, 160)
    assert "£131,000" in figure("1.11")
    assert "£160,000" in figure("1.11")


@pytest.mark.parametrize(
    ("id", "live", "approved"),
    [
        ("1.18", 14, 20),
        ("1.18", 8, 15),
        ("1.18", 18, 32),
        ("1.18", 40, 67),
        ("T1", 6, 17),
        ("T6", 16, 20),
        ("T7", 29, 35),
        ("T8", 40, 67),
    ],
)
def test_shares_have_exact_intervals(id: str, live: int, approved: int) -> None:
    assert f"= {100 * live / approved:.0f}% {percent_interval(live, approved)}" in figure(id)


def test_survival_after_approval() -> None:
    assert f"-ln(16/20)/8.5 = {-math.log(16 / 20) / 8.5:.3f}" in figure("1.19")
    assert f"29/35 = {29 / 35:.0%}" in figure("1.19")
    assert f"-ln(40/67)/14 = {-math.log(40 / 67) / 14:.3f}" in figure("9.9")


def test_attrition_before_approval() -> None:
    interval = binomtest(2, 13).proportion_ci(0.95, method="exact")
    assert f"2/13 = {2 / 13:.0%} left {percent_interval(2, 13)}" in figure("2.5")
    fast, slow = (-math.log(share) / 3 for share in (interval.low, interval.high))
    assert f"-ln(2/13)/3 = {-math.log(2 / 13) / 3:.2f} a month ({slow:.2f}-{fast:.2f})" in figure("2.5")
    national = -math.log(16 / 20) / 8.5
    assert 15 < -math.log(2 / 13) / 3 / national < 25


def test_arrival_profile() -> None:
    for part in (f"20/12 = {20 / 12:.1f}", f"15/8.5 = {15 / 8.5:.1f}", f"32/3 = {32 / 3:.0f}"):
        assert part in figure("3c")
    assert f"32/67 = {32 / 67:.0%}" in figure("3c")
    assert round(32 / 3 / (35 / 20.5)) == 6


def test_case_timelines() -> None:
    months = {"3b.1": 15, "3b.2": 31, "3b.3": 48, "3b.4": 23, "3b.5": 24, "3b.6": 17}
    assert all(re.search(rf"\b{count} months", figure(id)) for id, count in months.items())
    assert sorted(months.values())[2:4] == [23, 24]


def test_destinations_of_provider_arms() -> None:
    asked, firm, *destinations, refused = (int(n) for n in re.findall(r"\d+", figure("3.8"))[:7])
    assert firm + refused == asked == 120
    assert sum(destinations) == firm - 1
    assert f"{refused / asked:.1%}" in figure("3.8")
    cleared, *by = (int(n) for n in re.findall(r"\d+", figure("3.10")))
    assert sum(by) == cleared == 126
    shares = [float(share) for share in re.findall(r"0\.\d+", figure("9.12"))]
    assert shares == [round(count / firm, 2) for count in destinations]


def test_mutuals() -> None:
    assert f"35,000/71 = {35_000 / 71:.0f} staff" in figure("4.6")
    assert f"£1.2bn/71 = £{1200 / 71:.1f}m" in figure("4.6")
    assert pytest.approx(0.33, abs=0.006) == (71 - 58) / 40
    assert "= 33% in 13 months" in figure("4.7")
    assert f"£1m/21 = £{1000 / 21:.0f},000" in figure("4.10")
    assert f"£10m/67 = £{10_000 / 67:.0f},000" in figure("4.10")
    assert f"{35_000 / 1e6:.1%}" in figure("4.13")


def test_money_and_size() -> None:
    assert pytest.approx(1) == 0.35 + 0.37 + 0.28
    assert pytest.approx(0.28) == 1 - 0.72
    assert 20e6 / 200 == 100_000
    assert pytest.approx(1.2) == 10 / (500 / 5) * 12
    assert 0.5 * 800 + 0.5 * 20 == 410
    assert 2 * 450_000 == 0.9e6
    assert f"72 ({72 / 195:.0%})" in figure("5.11")


@pytest.mark.parametrize("id", ["C8", "7.1"])
def test_seventy_agreements(id: str) -> None:
    printed = {0.80: "1.6e-7", 0.90: "6.3e-4", 0.95: "0.0276", 0.99: "0.495"}
    for chance, text in printed.items():
        digits = 1 if "e" in text else 2
        assert float(f"{chance**70:.{digits}e}") == float(text)
        assert text in figure(id)


def test_pass_rate_per_gate() -> None:
    rates = [f"{(40 / 67) ** (1 / gates):.2f}" for gates in (3, 4, 5)]
    assert "{}, {} and {}".format(*rates) in figure("7.4")


def test_legal_challenges() -> None:
    assert [round(100 * 2 / arms) for arms in (30, 25)] == [7, 8]
    assert round(100 / 25) == 4
    assert "7-8%" in figure("6.11")
