"""Attribution: what each barrier costs in launches, or what each intervention brings, from runs in many combinations.

A *player* is a barrier that can be removed or an intervention that can be added; it is *switched* where that is done.
All numbers are means a history, with Student's 95 % intervals over replications.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.attribution import shapley
from sim.analysis.moments import Moments
from sim.batch.extracts.launches.designs import Permutations

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sim.batch.extracts.launches.bits import LaunchBits
    from sim.batch.extracts.launches.designs import Design, Method
    from sim.batch.extracts.launches.toggles import Kind

    Values = NDArray[np.float64]
    Flags = NDArray[np.bool_]

NOT_SAVED = {"barriers": "not saved by removing all", "interventions": "launched by none of them"}
_TOGETHER = " + "


@dataclass(frozen=True)
class Shares:
    """How the launches that are lost are shared out among barriers, or those gained among interventions.

    ``replications`` counts those that could be run in all combinations, ``failed`` the others; each was run in
    ``evaluated`` combinations. The data frames, in which every estimate has ``_low`` and ``_high`` beside it:

    ``whole``
        One row: ``launches`` with no player switched, ``without`` with all (all these barriers removed, or all
        interventions added), and their difference ``loss`` (for interventions the gain).
    ``players``
        One row a player, the largest Shapley value first: ``name label``; ``recorded``: exits before launch with
        this cause (NaN for interventions); ``saved``: groups that launch when it alone is switched and else do not,
        whatever becomes of others; ``but_for``: for a barrier the change of launches when it alone is removed, for an
        intervention when it is added to all others; ``alone``: for a barrier the launches that it costs when it is
        the only one left, for an intervention those that it brings when it is the only one; ``shapley``: its Shapley
        value; they add up to the loss; ``gap``: Shapley value less recorded exits (NaN for interventions); ``share``
        of the loss, without interval.
    ``pairs``
        ``first second label_first label_second interaction low high``: the Shapley interaction index. Above 0
        switching both brings more than switching each by itself brings: barriers that mask each other.
    ``sets``
        By the exact method: ``set labels size groups low high``: for how many lost groups a set of players is among
        the smallest that make them launch; a group may have several. The last row, of an empty set, counts those that
        none saves.
    ``sizes``
        By the exact method: ``size groups low high``: how many lost groups need so many players switched; 0: none
        saves them. They add up to the lost groups.
    ``combinations``
        ``combination removed launches low high``: launches with these players switched; ``removed`` counts them. By
        permutations only those that every replication was run in.
    """

    kind: Kind
    method: Method
    replications: int
    failed: int
    evaluated: int
    whole: pd.DataFrame
    players: pd.DataFrame
    pairs: pd.DataFrame
    sets: pd.DataFrame
    sizes: pd.DataFrame
    combinations: pd.DataFrame

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The data frames by name."""
        names = ("whole", "players", "pairs", "sets", "sizes", "combinations")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Game:
    """What was asked: the players with their labels, and the design of those that matter.

    Players that are not in the design change nothing in any combination, so all that is said of them is exactly 0.
    """

    kind: Kind
    labels: Mapping[str, str]
    players: Sequence[str]
    mattering: Sequence[str]
    design: Design


def shares(game: Game, bits: Iterable[LaunchBits]) -> Shares:
    """Share out what was lost or gained, from the launches of all replications in their order."""
    gathered = _Sums(game)
    failed = 0
    for some in bits:
        gathered.add(some)
        failed += some.failed
    return Shares(
        game.kind,
        game.design.method,
        int(gathered.moments["whole"].n[0]),
        failed,
        game.design.size,
        gathered.whole(),
        gathered.players(),
        gathered.pairs(),
        gathered.sets(),
        gathered.sizes(),
        gathered.combinations(),
    )


class _Sums:
    """Sums over the replications that were seen so far."""

    def __init__(self, game: Game) -> None:
        self.game, self.k = game, len(game.mattering)
        k, exact = self.k, game.design.method == "exact"
        self.masks = np.arange(1 << k) if exact else np.unique(game.design.combinations(0)[: 2 * k + 2])
        sizes = {"whole": 3, "pairs": k * (k - 1) // 2, "combinations": len(self.masks)}
        sizes |= dict.fromkeys(("recorded", "saved", "first", "last", "shapley", "gap"), k)
        if exact:
            sizes |= {"sets": 1 << k, "sizes": k + 1}
        self.moments = {name: Moments(size) for name, size in sizes.items()}

    def add(self, bits: LaunchBits) -> None:
        """Take note of the launches of some replications."""
        if not len(bits.complete):
            return
        truth = bits.truth(self.game.design.size)
        spans = np.searchsorted(bits.who["replication"], [*bits.complete, bits.complete[-1] + 1])
        launches = _by_replication(truth, spans)
        single = 1 << np.arange(self.k)
        if isinstance(self.game.design, Permutations):
            measures = _along_orders(self.game.design, bits.complete, launches)
            places = 1 + np.arange(self.k)
        else:
            measures = _of_all(launches)
            measures |= dict(zip(("sets", "sizes"), _smallest(truth, spans), strict=True))
            places = single
        measures["saved"] = _by_replication(truth[:, places] & ~truth[:, :1], spans)
        causes = np.array(self.game.mattering, object)
        measures["recorded"] = _by_replication(bits.cause[:, None] == causes, spans)
        measures["gap"] = measures["shapley"] - measures["recorded"]
        for name, values in measures.items():
            self.moments[name].add(values)

    def whole(self) -> pd.DataFrame:
        """The frame ``whole``."""
        import pandas as pd

        columns = self.moments["whole"].columns("mean")
        names, ends = ("launches", "without", "loss"), ("", "_low", "_high")
        row = {f"{name}{end}": columns[f"mean{end}"][place] for place, name in enumerate(names) for end in ends}
        return pd.DataFrame([row])

    def players(self) -> pd.DataFrame:
        """The frame ``players``."""
        import pandas as pd

        barriers = self.game.kind == "barriers"
        quantities = {
            "recorded": "recorded",
            "saved": "saved",
            "but_for": "first" if barriers else "last",
            "alone": "last" if barriers else "first",
            "shapley": "shapley",
            "gap": "gap",
        }
        columns: dict[str, Values] = {}
        for name, quantity in quantities.items():
            columns |= self.moments[quantity].columns(name)
        frame = pd.DataFrame(columns, index=list(self.game.mattering))
        frame = frame.reindex(list(self.game.players), fill_value=0.0)
        if not barriers:
            for name in [name for name in columns if name.startswith(("recorded", "gap"))]:
                frame[name] = np.nan
        loss = self.moments["whole"].means[2]
        frame["share"] = frame["shapley"] / loss if loss else np.nan
        frame.insert(0, "label", [self.game.labels[name] for name in frame.index])
        frame = frame.sort_values("shapley", ascending=False, kind="stable")
        return frame.rename_axis("name").reset_index()

    def pairs(self) -> pd.DataFrame:
        """The frame ``pairs``, the strongest first."""
        import pandas as pd

        names, labels = self.game.mattering, self.game.labels
        pairs = [(names[i], names[j]) for i, j in shapley.pairs(self.k)]
        columns = {
            "first": [first for first, _ in pairs],
            "second": [second for _, second in pairs],
            "label_first": [labels[first] for first, _ in pairs],
            "label_second": [labels[second] for _, second in pairs],
        }
        frame = pd.DataFrame({**columns, **_estimate(self.moments["pairs"], "interaction")})
        return frame.sort_values("interaction", ascending=False, key=abs, kind="stable", ignore_index=True)

    def sets(self) -> pd.DataFrame:
        """The frame ``sets``, the commonest first."""
        import pandas as pd

        if "sets" not in self.moments:
            return pd.DataFrame(columns=["set", "labels", "size", "groups", "low", "high"])
        frame = pd.DataFrame(
            {
                "set": [self._names(mask) for mask in self.masks],
                "labels": [self._labels(mask) for mask in self.masks],
                "size": shapley.sizes(self.masks, self.k),
                **_estimate(self.moments["sets"], "groups"),
            }
        )
        saved = frame[(frame["size"] > 0) & (frame["groups"] > 0)]
        saved = saved.sort_values("groups", ascending=False, kind="stable")
        return pd.concat([saved, frame[frame["size"] == 0]], ignore_index=True)

    def sizes(self) -> pd.DataFrame:
        """The frame ``sizes``."""
        import pandas as pd

        if "sizes" not in self.moments:
            return pd.DataFrame(columns=["size", "groups", "low", "high"])
        return pd.DataFrame({"size": np.arange(self.k + 1), **_estimate(self.moments["sizes"], "groups")})

    def combinations(self) -> pd.DataFrame:
        """The frame ``combinations``."""
        import pandas as pd

        return pd.DataFrame(
            {
                "combination": [self._names(mask) for mask in self.masks],
                "removed": shapley.sizes(self.masks, self.k),
                **_estimate(self.moments["combinations"], "launches"),
            }
        )

    def _names(self, mask: int) -> str:
        return _TOGETHER.join(name for place, name in enumerate(self.game.mattering) if mask >> place & 1)

    def _labels(self, mask: int) -> str:
        if mask == 0:
            return NOT_SAVED[self.game.kind]
        return _TOGETHER.join(
            self.game.labels[name] for place, name in enumerate(self.game.mattering) if mask >> place & 1
        )


def _estimate(moments: Moments, name: str) -> dict[str, Values]:
    columns = moments.columns(name)
    return {name: columns[name], "low": columns[f"{name}_low"], "high": columns[f"{name}_high"]}


def _by_replication(flags: Flags, spans: NDArray[np.int64]) -> Values:
    """How many groups of each replication have each flag: shape (flags, replications)."""
    counts = [flags[first:end].sum(axis=0) for first, end in pairwise(spans)]
    return np.array(counts, np.float64).T


def _of_all(launches: Values) -> dict[str, Values]:
    """What the launches in all combinations say: shape (combinations, replications)."""
    return {
        "whole": np.stack([launches[0], launches[-1], launches[-1] - launches[0]]),
        "first": shapley.first_values(launches),
        "last": shapley.last_values(launches),
        "shapley": shapley.shapley_values(launches),
        "pairs": shapley.interactions(launches),
        "combinations": launches,
    }


def _along_orders(design: Permutations, replications: NDArray[np.int64], launches: Values) -> dict[str, Values]:
    """What the launches in the combinations of random orders say: shape (combinations, replications)."""
    k = design.players
    none, every = launches[0], launches[2 * k + 1]
    places = {pair: row for row, pair in enumerate(shapley.pairs(k))}
    values = np.empty((k, len(replications)))
    together = np.full((len(places), len(replications)), np.nan)
    for column, replication in enumerate(replications.tolist()):
        order = design.order(replication)
        steps = np.split(launches[2 * k + 2 :, column], 4)
        forwards, backwards = (np.concatenate([none[[column]], part, every[[column]]]) for part in (steps[0], steps[2]))
        values[:, column] = shapley.order_values(order, forwards, backwards)
        there = shapley.order_interactions(forwards, steps[1])
        back = shapley.order_interactions(backwards, steps[3])[::-1]
        for before, after, index in zip(order[:-1], order[1:], (there + back) / 2, strict=True):
            together[places[min(before, after), max(before, after)], column] = index
    fixed = launches[: 2 * k + 2]
    masks = design.combinations(0)[: 2 * k + 2]
    return {
        "whole": np.stack([none, every, every - none]),
        "first": launches[1 : k + 1] - none,
        "last": every - launches[k + 1 : 2 * k + 1],
        "shapley": values,
        "pairs": together,
        "combinations": fixed[np.unique(masks, return_index=True)[1]],
    }


def _smallest(truth: Flags, spans: NDArray[np.int64]) -> tuple[Values, Values]:
    """For how many lost groups of each replication each set is among the smallest that save them, and how many need
    sets of each size; of size 0 those that none saves. A larger set need not save whom a smaller one saves.
    """
    players = truth.shape[1].bit_length() - 1
    size = shapley.sizes(np.arange(truth.shape[1]), players).astype(np.int8)
    lost = ~truth[:, 0]
    smallest = np.where(truth, size, players + 1).min(axis=1)
    among = truth & (size == smallest[:, None]) & lost[:, None]
    none = lost & (smallest == players + 1)
    among[:, 0] = none
    sizes = (smallest[:, None] == np.arange(players + 1)) & lost[:, None]
    sizes[:, 0] = none
    return _by_replication(among, spans), _by_replication(sizes, spans)
