"""How much is measured: the sizes that the promises speak of, or small ones for a quick look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    chain_nodes: int = 20
    fan_nodes: int = 50
    table_rows: int = 1_000_000


PROMISED = Sizes()
SMALL = Sizes(chain_nodes=3, fan_nodes=4, table_rows=2_000)
