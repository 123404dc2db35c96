"""How much the property tests try: HYPOTHESIS_PROFILE=thorough for a long run."""

import os

from hypothesis import HealthCheck, settings

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]  # whole schemas with their values

settings.register_profile("quick", deadline=None, max_examples=400, suppress_health_check=SLOW_TO_DRAW)
settings.register_profile("thorough", deadline=None, max_examples=20_000, suppress_health_check=SLOW_TO_DRAW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
