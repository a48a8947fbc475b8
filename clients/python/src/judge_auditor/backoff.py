"""How long to wait before a try."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: any wait up to a bound that doubles, so that clients do not come back together."""

    min_s: float = 0.5
    max_s: float = 30.0

    def wait_s(self, attempt: int, at_least_s: float | None = None) -> float:
        bound = min(self.max_s, self.min_s * 2 ** min(attempt, 30))
        # Not a secret: only the crowd has to be spread.
        return max(random.uniform(0, bound), at_least_s or 0.0)
