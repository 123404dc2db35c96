"""What holds for every test, wherever and however the run was started."""

import signal

from hypothesis import HealthCheck, settings

# A busy machine is no mistake: property tests measure no time.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# A shell starts what it runs in the background with SIGINT ignored, and everything we start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
