"""A decision of Dynatrace that is requested once for all objects that it concerns."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from terraform_provider_dynatrace.deadline import in_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terraform_provider_dynatrace.client.errors import DynatraceError


class Decision:
    """Dynatrace's decision about what many objects have in common."""

    def __init__(self) -> None:
        self.is_known = False
        self.refusal: DynatraceError | None = None
        """Why Dynatrace refuses it, None if it accepts it."""
        self._asking = 0
        self._answered = asyncio.Event()

    @property
    def is_expected(self) -> bool:
        """Whether it is known, or about to be."""
        return self.is_known or self._asking > 0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Let others wait for the request that is sent inside the block."""
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            self._answered.set()

    def settle(self, refusal: DynatraceError | None = None) -> None:
        """Note the decision."""
        self.is_known, self.refusal = True, refusal

    async def wait(self) -> bool:
        """Wait for the requests that are under way. Return whether the decision is known: they may all have failed."""
        while self._asking and not self.is_known:
            self._answered.clear()
            await in_time(self._answered.wait())
        return self.is_known
