"""Closed forms and published numbers that the engine must reproduce, by their numbers among the known answers.

Stochastic cases run at least 200 replications on fixed seeds and are compared by z over replications, |z| < 4.
The estimators are ratios of sums whose residual (total - answer * size) has mean 0, so they have no bias of their
own. Groups that arrived in the warm-up are dropped. The warm-up is long enough that what is left of the empty
start is below 1 % of the answer on average: for M/M/1 the missing share of the mean at time t is
2 (1 + s) (1 - Phi(sqrt s)) - 2 sqrt(s) phi(sqrt s) with s = t (mu - lambda)^2 / (mu + lambda) (Abate and Whitt
1987, "Transient behavior of the M/M/1 queue"). The standard errors are several times that, and `assert_agree`
refuses a test whose standard error could fail nobody. Nothing arrives in the last part of a run, so that everybody
is served and no wait is cut short; every single wait is checked against the recursion as well.
"""

import heapq
import math

import numpy as np
import pandas as pd
import pytest

from tests.helpers.known import (
    REPLICATIONS,
    assert_agree,
    groups_of,
    in_line,
    luck_of,
    per_replication,
    run,
    visits,
    world,
    z_of,
)

LONG_QUEUES = {
    # name: (warm-up, last arrival, horizon, arrivals a day, P(wait), Lq, Wq, W)
    "mm3": (300, 900, 1500, 0.2, 0.444444, 0.888889, 4.444444, 14.444444),
    "mm4": (200, 700, 1300, 0.2, 0.173913, 0.173913, 0.869565, 10.869565),
    "mm2": (100, 1000, 1300, 0.1, 0.039130, 0.0069054, 0.069054, 3.069054),
    "mm1": (400, 1000, 2500, 0.25, 0.75, 2.25, 9.0, 12.0),
}
SERVERS = {"mm3": 3, "mm4": 4, "mm2": 2, "mm1": 1, "mg1": 1, "cold_start": 1}


@pytest.fixture(scope="module", params=LONG_QUEUES)
def queue(request):
    *_, horizon = LONG_QUEUES[request.param][:3]
    tables = run(world(request.param), REPLICATIONS, seed=SERVERS[request.param])
    return request.param, tables, visits(tables, "service", horizon)


def assert_waits_follow(found, servers):
    """Every wait is what first come first served makes of what comes in (Kiefer and Wolfowitz 1955)."""
    for _, one in found.groupby("replication"):
        free = [0.0] * servers
        for asked, began, ended in one.sort_values("asked")[["asked", "began", "ended"]].to_numpy():
            assert began == max(asked, heapq.heappop(free))
            heapq.heappush(free, ended)


def test_waits_in_front_of_several_servers_have_their_theoretical_means(queue):
    name, tables, found = queue
    warm, last, _, rate, p_wait, in_queue, wait, stay = LONG_QUEUES[name]
    assert (tables["groups"].state == "completed").all()
    late = found[found.asked >= warm]
    count = per_replication(np.ones(len(late)), late.replication)
    assert_agree(
        {
            "P(wait)": (per_replication(late.wait > 0, late.replication), count, p_wait),
            "Wq": (per_replication(late.wait, late.replication), count, wait),
            "W": (per_replication(late.ended - late.asked, late.replication), count, stay),
            "Lq": (per_replication(in_line(found, warm, last), found.replication), last - warm, in_queue),
        },
        controls=luck_of(found, REPLICATIONS, rate * last, stay - wait),
    )


def test_arrivals_and_service_are_poisson_and_exponential(queue):
    """Much sharper than the waits, which amplify chance: counts, means and squares of what goes in."""
    name, _, found = queue
    last, rate = LONG_QUEUES[name][1], LONG_QUEUES[name][3]
    mean = LONG_QUEUES[name][7] - LONG_QUEUES[name][6]
    service = found.ended - found.began
    count = per_replication(np.ones(len(found)), found.replication)
    assert_agree(
        {
            "arrivals": (count, last, rate),
            "variance of arrivals": ((count - rate * last) ** 2, last, rate),
            "service": (per_replication(service, found.replication), count, mean),
            "square of service": (per_replication(service**2, found.replication), count, 2 * mean**2),
        }
    )


def test_every_wait_is_what_the_arrivals_and_services_make_it(queue):
    name, _, found = queue
    assert_waits_follow(found, SERVERS[name])


def test_a_short_run_from_empty_is_biased_low_and_a_long_one_is_not():
    """Case 2. The second customer's wait is max(S - A, 0): mean P(S > A) E[S] = 1/6."""
    tables = run(world("cold_start"), 400, seed=2)
    found = visits(tables, "service", 200)
    assert (tables["groups"].state == "completed").all()
    assert_waits_follow(found, 1)
    nth = found.groupby("replication").asked.rank().astype(int)
    first, second, early, late = found[nth == 1], found[nth == 2], found[nth <= 5], found[found.asked >= 20]
    assert (first.wait == 0).all()
    assert abs(z_of(second.wait, 1, 1 / 6)[0]) < 4
    short, _ = z_of(per_replication(early.wait, early.replication, 400), 5, 0.5)
    assert short < -8, "a short run must be seen to be biased low"
    count = per_replication(np.ones(len(late)), late.replication, 400)
    assert_agree(
        {"Wq": (per_replication(late.wait, late.replication, 400), count, 0.5)},
        controls=luck_of(found, 400, 60, 0.5),
    )


WEIBULL_SECOND = math.gamma(2.0) / math.gamma(1.5) ** 2
LAWS = {
    # law of a service with mean 1 day: (warm-up, last day of arrivals, second moment)
    "{exponential: {mean: 1 day}}": (170, 330, 2.0),
    "1 day": (70, 190, 1.0),
    "{lognormal: {mean: 1 day, sd: 0.5 days}}": (90, 230, 1.25),
    f"{{weibull: {{scale: {1 / math.gamma(1.5):.12f} days, shape: 2}}}}": (90, 230, WEIBULL_SECOND),
}


@pytest.mark.parametrize("law", LAWS)
def test_one_server_waits_as_pollaczek_and_khinchine_say(law):
    """Case 3: Wq = arrival rate * E[S^2] / (2 (1 - load))."""
    warm, last, second = LAWS[law]
    until = (pd.Timestamp("2000-01-01") + pd.Timedelta(days=last - 1)).date()
    one = world("mg1", f"routes.through.service.work={law}", f"staff_groups.arrivals.until={until}")
    tables = run(one, REPLICATIONS, seed=3)
    found = visits(tables, "service", 700)
    assert (tables["groups"].state == "completed").all()
    assert_waits_follow(found, 1)
    late, service = found[found.asked >= warm], found.ended - found.began
    count = per_replication(np.ones(len(late)), late.replication)
    everyone = per_replication(np.ones(len(found)), found.replication)
    wait = 0.8 * second / (2 * 0.2)
    if law == "1 day":
        np.testing.assert_allclose(service, 1.0, rtol=0, atol=1e-9)
    else:
        squares = per_replication(service**2, found.replication)
        assert_agree({"second moment": (squares, everyone, second)}, at_worst=0.02)
    assert_agree(
        {
            "P(wait)": (per_replication(late.wait > 0, late.replication), count, 0.8),
            "Wq": (per_replication(late.wait, late.replication), count, wait),
            "Lq": (per_replication(in_line(found, warm, last), found.replication), last - warm, 0.8 * wait),
        },
        controls=luck_of(found, REPLICATIONS, 0.8 * last, 1.0),
    )


@pytest.mark.parametrize(
    "law",
    ["{exponential: {mean: 1 day}}", "1 day", "{lognormal: {mean: 1 day, sd: 2 days}}"],
)
def test_who_finds_all_servers_busy_and_no_room_is_turned_away(law):
    """Case 4, Erlang's loss formula, which depends on the law of service by its mean alone."""
    groups = groups_of(world("erlang_b", f"routes.through.service.work={law}"), REPLICATIONS, seed=4)
    late = groups[groups.arrived >= 8]
    lost = late.exit_cause == "turned_away"
    assert (late.exit_time[lost] == late.arrived[lost]).all()
    assert (late.state[~lost] == "completed").all()
    count = per_replication(np.ones(len(late)), late.replication)
    assert_agree({"blocked": (per_replication(lost, late.replication), count, 0.110054)}, at_worst=0.05)


def test_impatience_is_as_erlang_a_says():
    """Case 5, and abandonment * Lq = arrival * P(abandon)."""
    tables = run(world("erlang_a"), REPLICATIONS, seed=5)
    found = visits(tables, "service", 60)
    late = found[found.asked >= 6]
    gone = late.exit_cause == "gave_up_waiting"
    assert (late.state[~gone] == "completed").all()
    count = per_replication(np.ones(len(late)), late.replication)
    queue, left = (
        per_replication(in_line(found, 6, 24), found.replication),
        per_replication(gone, late.replication),
    )
    assert_agree(
        {
            "P(abandon)": (left, count, 0.103913),
            "P(wait)": (per_replication(late.wait > 0, late.replication), count, 0.619655),
            "mean wait": (per_replication(late.wait, late.replication), count, 0.207826),
            "Lq": (queue, 24 - 6, 2.078264),
            "abandonment": (left, 18 * 10, 0.103913),
        },
        at_worst=0.05,
    )
    waited = per_replication(late.wait, late.replication)
    assert abs(z_of(left, waited, 0.5)[0]) < 4, "who waits leaves at rate 0.5 a day"


def test_a_fixed_patience_is_kept_to_the_instant():
    """Case 6. With patience d the share (1 - r) r E / (1 - r^2 E) is lost, E = exp(-(mu - lambda) d)."""
    tables = run(world("fixed_patience"), REPLICATIONS, seed=6)
    found = visits(tables, "service", 800)
    gone = found.exit_cause == "gave_up_waiting"
    assert gone.any()
    assert (found.exit_time[gone] == found.asked[gone] + 6).all()
    assert found.began[gone].isna().all()
    assert (found.wait[~gone] <= 6).all()
    late = found[found.asked >= 60]
    load, decay = 0.4, math.exp(-(0.5 - 0.2) * 6)
    lost = (1 - load) * load * decay / (1 - load**2 * decay)
    count = per_replication(np.ones(len(late)), late.replication)
    left = per_replication(late.exit_cause == "gave_up_waiting", late.replication)
    assert_agree(
        {
            "lost": (left, count, lost),
            "waits": (
                per_replication(late.wait > 0, late.replication),
                count,
                1 - (1 - load) / (1 - load**2 * decay),
            ),
        },
        at_worst=0.05,
    )


def test_two_hazards_compete_as_their_rates_say():
    """Case 7: cumulative incidence by cause at 1 and 5 days."""
    groups = groups_of(world("two_hazards"), REPLICATIONS, seed=7)
    metrics = {}
    for day, first, second, survived in (
        (1, 0.092861, 0.046431, 0.860708),
        (5, 0.351756, 0.175878, 0.472367),
    ):
        out = groups.exit_time <= day
        for cause, share in (("first", first), ("second", second)):
            hit = per_replication(out & (groups.exit_cause == cause), groups.replication)
            metrics[f"{cause} by {day}"] = (hit, 100, share)
        metrics[f"inside at {day}"] = (per_replication(~out, groups.replication), 100, survived)
    assert_agree(metrics, at_worst=0.05)


def test_seventy_agreements_are_seldom_all_reached():
    """Case 9, with 0.95, 0.99 and five times 0.9; p^k also along the way."""
    rarely = world("seventy_gates")
    easier = [f"barriers.refusal.gates.s{i}=0.01" for i in range(1, 71)]
    for one, p, steps, size in (
        (rarely, 0.95, (10, 40, 70), 6),
        (world("seventy_gates", *easier), 0.99, (35, 70), 6),
        (world("five_gates"), 0.90, (1, 3, 5), 50),
    ):
        groups = groups_of(one, REPLICATIONS, seed=9)
        cleared = np.where(groups.state == "completed", 100, groups.stage.str[1:].astype(int) - 1)
        metrics = {f"{p}^{k}": (per_replication(cleared >= k, groups.replication), size, p**k) for k in steps}
        assert_agree(metrics)
        assert (groups.reached_live.notna() == (cleared == 100)).all()


def test_persistence_pays():
    """Case 10: pass (1 - q) / (1 - q r), and the number of visits is geometric."""
    groups = groups_of(world("persistence"), REPLICATIONS, seed=10)
    q, r = 0.6, 0.7
    size = 60
    metrics = {
        "pass": (
            per_replication(groups.state == "completed", groups.replication),
            size,
            (1 - q) / (1 - q * r),
        )
    }
    for tries in (1, 2, 4):
        share = (q * r) ** tries
        metrics[f"{tries} tries or more"] = (
            per_replication(groups.tries >= tries, groups.replication),
            size,
            share,
        )
    ended = groups.reached_live.fillna(groups.exit_time)
    assert (ended == 1 + 11 * groups.tries).all()
    assert groups.tries.max() > 8
    assert_agree(metrics, at_worst=0.1)


def test_survival_under_a_hazard_that_changes_with_the_calendar():
    """Case 11: exp(-cumulative hazard) at any time."""
    groups = groups_of(world("piecewise_hazard"), REPLICATIONS, seed=11)
    assert set(groups.exit_cause) == {"weariness", ""}
    metrics = {}
    for day in (4, 9.5, 11, 15, 15.5, 30, 45):
        hazard = 0.1 * min(day, 10) + 0.4 * min(max(day - 10, 0), 5) + 0.05 * max(day - 15, 0)
        inside = per_replication(~(groups.exit_time <= day), groups.replication)
        metrics[f"inside at {day}"] = (inside, 100, math.exp(-hazard))
    assert_agree(metrics, at_worst=0.1)


def test_the_small_shop_goes_as_by_hand():
    """Case 12."""
    tables = run(world("small_shop"))
    groups, found = tables["groups"], visits(tables, "service", 51)
    turned = groups[groups.exit_cause == "turned_away"]
    assert list(turned.exit_time) == [20, 25, 35, 40, 45]
    assert list(turned.arrived) == [20, 25, 35, 40, 45]
    served = found[found.ended.notna()]
    assert list(served.entity_id) == ["here-01/1", "here-01/2"]
    assert list(served.wait) == [0, 16]
    assert list(served.ended) == [26, 47]
    (counter,) = tables["resources"].itertuples()
    assert (counter.requests, counter.granted, counter.left_queue, counter.waiting_at_end) == (10, 3, 5, 2)
    assert counter.busy_time == 46
    assert counter.queue_time == 16 + (47 - 15) + (51 - 30) + (51 - 50)


def test_a_release_comes_before_a_request_at_the_same_instant():
    """Case 13."""
    tables = run(world("ties"))
    assert list(tables["groups"].arrived) == list(range(10))
    assert list(tables["groups"].reached_served) == list(range(1, 11))
    assert tables["resources"].busy_time[0] == 10


def test_a_board_decides_as_many_as_it_has_room_for():
    """Case 14."""
    tables = run(world("board"))
    assert list(tables["groups"].reached_approved) == [30, 30, 60, 60, 90]
    (board,) = tables["resources"].itertuples()
    assert (board.kind, board.requests, board.granted, board.waiting_at_end) == ("meeting", 5, 5, 0)
    assert board.queue_time == 29 + 29 + 59 + 59 + 89


def test_a_fund_pays_while_it_is_open_and_has_money():
    """Case 15."""
    tables = run(world("fund"))
    groups = tables["groups"]
    assert list(groups.reached_funded[:3]) == [1, 2, 50]
    assert groups.state[3] == "inside"
    assert np.isnan(groups.reached_funded[3])
    (capital,) = tables["resources"].itertuples()
    assert (capital.requests, capital.granted, capital.waiting_at_end) == (4, 3, 1)
    assert capital.money_granted == 90_000
    assert list(groups.award) == [30_000, 30_000, 30_000, 0]


def test_littles_law_on_every_resource():
    """Case 17: the time integral of the queue is the sum of the waits, those unfinished included."""
    horizon = 900.0
    tables = run(world("everything"), 20)
    resources, kinds = tables["resources"], set()
    for row in resources.itertuples():
        assert row.requests == row.granted + row.left_queue + row.waiting_at_end, row
        kinds.add(row.kind)
    assert kinds == {"servers", "meeting", "panel", "fund"}
    waits = _waits_at(tables, horizon)
    for name, stage_waits in waits.items():
        mine = resources[resources.resource == name]
        assert mine.requests.sum() == len(stage_waits), name
        assert mine.queue_time.sum() == pytest.approx(sum(stop - start for start, stop in stage_waits), rel=1e-9)
        edges = sorted([(start, 1) for start, _ in stage_waits] + [(stop, -1) for _, stop in stage_waits])
        integral = number = last = 0.0
        for time, change in edges:
            integral, number, last = integral + number * (time - last), number + change, time
        assert integral == pytest.approx(mine.queue_time.sum(), rel=1e-9)


def _waits_at(tables, horizon):
    """For each resource, when each group began and ceased to wait for it, out of the event log alone."""
    waits = {"advisers": [], "capital": [], "board": [], "panel": []}
    for _, story in tables["events"].groupby(["replication", "entity_id"], sort=False):
        rows = list(story[["event_type", "event", "time"]].itertuples(index=False))
        ends = [(row.time, row) for row in rows]
        for place, row in enumerate(rows):
            rest = ends[place + 1 :]
            if row.event_type == "queue" and row.event in ("idea", "finance"):
                stop = next((t for t, r in rest if r.event_type in ("resource_use", "work", "exit")), horizon)
                waits["advisers" if row.event == "idea" else "capital"].append((row.time, stop))
            if row.event_type == "queue" and row.event in ("request", "approval"):
                ready = _ready(rows, place, row, horizon)
                if ready is not None:
                    stop = next((t for t, r in rest if r.event_type in ("decision", "exit")), horizon)
                    waits["board" if row.event == "request" else "panel"].append((ready, stop))
    return waits


def _ready(rows, place, row, horizon):
    """When the work of the stage entered at ``row`` was done (a request takes ten days); None if never."""
    ready = row.time + (10 if row.event == "request" else 0)
    gone = next((r.time for r in rows[place + 1 :] if r.event_type == "exit"), math.inf)
    return ready if ready < horizon and gone >= ready else None
