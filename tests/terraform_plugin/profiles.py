"""How much the property tests try: HYPOTHESIS_PROFILE=thorough for a long run."""

import os

from hypothesis import HealthCheck, settings

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]  # whole schemas with their values
TIMES = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 1

settings.register_profile(
    "ours",
    deadline=None,
    max_examples=500 * TIMES,
    suppress_health_check=SLOW_TO_DRAW,
    derandomize=TIMES == 1,  # as in tests/conftest.py
)
settings.load_profile("ours")

costly = settings(max_examples=150 * TIMES)
"""For what takes milliseconds each."""
