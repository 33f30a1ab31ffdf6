"""The world that the staff groups of one replication share: its resources, its ledger, and whoever listens."""

from __future__ import annotations

from sim.model.clock import Clock
from sim.model.event_log import Listener
from sim.model.fund import Fund
from sim.model.servers import Servers
from sim.model.sittings import Sittings
from sim.plan.plan import FundPlan, Plan, ServersPlan
from sim.plan.tables import causes
from sim.results.record import EntryRow
from sim.results.world import WorldArrays
from sim.rules.resources import unit_for
from sim.scenario.vocabulary import PAYERS

Unit = Servers | Sittings | Fund


class World:
    """The world of a plan; ``arrays`` are those that compiled rules read, with the groups of the replication drawn."""

    def __init__(self, plan: Plan, arrays: WorldArrays, listener: Listener) -> None:
        self.plan = plan
        self.arrays = arrays
        self.listener = listener
        self.clock = Clock()
        self.causes = causes(plan)
        self.loans = 0
        self.ledger: list[EntryRow] = []
        self.units = [unit for number in range(len(plan.resources)) for unit in self._units_of(number)]

    def resource(self, number: int, row: int) -> Unit:
        """The unit of a resource that serves a group."""
        return self.units[unit_for(self.arrays, row, number)]

    def pay(self, row: int, payer: str, item: int, amount: float) -> None:
        """Enter a payment in the ledger, dated now."""
        now, payer_number = self.clock.now, PAYERS.index(payer)
        self.ledger.append(EntryRow(row=row, time=now, payer=payer_number, purpose=item, amount=amount))

    def _units_of(self, number: int) -> list[Unit]:
        """The units of a resource, for each host, each region or the nation."""
        kind, resource = self.plan.resources[number].kind, self.arrays.resources[number]
        units: list[Unit] = []
        for place in range(resource.units):
            unit = int(resource.first_unit) + place
            if isinstance(kind, ServersPlan):
                units.append(Servers(self.clock, kind, self.arrays, number, unit))
            elif isinstance(kind, FundPlan):
                units.append(Fund(self.clock, kind, self.arrays, number, unit))
            else:
                units.append(Sittings(self.clock, self.arrays, number, place, unit))
        return units
