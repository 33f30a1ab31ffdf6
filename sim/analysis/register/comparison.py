"""The outcomes by which worlds are compared, and the numbers that are kept of every replication."""

from __future__ import annotations

from typing import Final

from sim.analysis.register.outcome import Outcome, count, plus, pounds, register

_STAFF: Final = count("staff_moved", "Staff moved", "more", "headcount of the groups launched")
_VALUE: Final = Outcome(
    *("value_moved", "Contracts moved, a year", "pounds", "more", "turnover a year of the groups launched"),
    plus("value_moved"),
)
_COSTS: Final = (
    pounds("cost_programme", "Cost to the programme", "what the programme paid, as paid"),
    pounds("cost_host", "Cost to hosts", "what hosts paid, as paid"),
    pounds("cost_group", "Cost to staff groups", "what staff groups paid, as paid"),
    pounds("cost_total", "Cost, all together", "what all payers paid, as paid"),
)

OUTCOMES: Final = register(
    (
        count("launches", "Groups launched", "more", "groups that reached the launch", plus("launched")),
        Outcome(
            "share_launched",
            "Share that launched",
            "share",
            "more",
            "groups launched, as a share of the groups that arrived",
            plus("launched"),
            plus("groups"),
        ),
        Outcome(
            "months_to_launch",
            "Months to launch, of those launched",
            "months",
            "less",
            "months from arrival to launch, of the groups launched; a month is 365.25 / 12 days",
            plus("months"),
            plus("launched"),
        ),
        _STAFF,
        _VALUE,
        count("exits", "Groups lost before launch", "less", "groups that exited without having launched"),
        count(
            "exits_<cause>",
            "Lost before launch: {}",
            "less",
            "those of them with this cause: a barrier, `no_route`, `window_closed`, `turned_away` or `gave_up_waiting`",
        ),
        count("closed", "Groups lost after launch", "less", "groups that exited after launch"),
        count("closed_<cause>", "Lost after launch: {}", "less", "those of them with this cause"),
        count("trading", "Still trading at the end", "more", "groups launched and not exited when the clock ended"),
        count("trading_<date>", "Still trading on {}", "more", "groups launched and not exited at the end of that day"),
        *_COSTS,
        pounds(
            "discounted_programme",
            "Cost to the programme, discounted",
            "what the programme paid, each amount over (1 + rate) ^ years since the base year began",
        ),
        pounds(
            "discounted_total", "Cost, all together, discounted", "what all payers paid, discounted in the same way"
        ),
        pounds(
            "cost_per_launch",
            "Cost per launch",
            "what all payers paid for each group launched",
            plus("cost_total"),
            plus("launched"),
        ),
        pounds(
            "programme_cost_per_launch",
            "Programme cost per launch",
            "what the programme paid for each group launched",
            plus("cost_programme"),
            plus("launched"),
        ),
        pounds(
            "cost_per_staff_moved",
            "Cost per member of staff moved",
            "what all payers paid for each member of staff moved",
            plus("cost_total"),
            plus("staff_moved"),
        ),
    )
)
"""The outcomes by which worlds are compared, in their fixed order; names with brackets stand for several."""

KPIS: Final = register(
    (
        count("groups", "Groups that arrived", "neither", "groups that arrived before the clock ended"),
        count("launched", "Groups launched", "more", "groups that reached the launch"),
        Outcome(
            "share_launched",
            "Share that launched",
            "share",
            "more",
            "groups launched over groups that arrived, in each replication with a group",
            plus("share_launched"),
        ),
        count("exited", "Groups lost", "less", "groups that exited, before launch or after it"),
        count("inside", "Groups inside at the end", "neither", "groups still on their route when the clock ended"),
        _STAFF,
        _VALUE,
        *_COSTS,
        Outcome(
            "median_days_to_live",
            "Median months to launch",
            "months",
            "less",
            "median time from arrival to launch in each replication with a launch; the column is in days",
            plus("median_days_to_live"),
        ),
    )
)
"""The numbers that are kept of every replication, in the order of their columns."""
