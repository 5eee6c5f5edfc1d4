"""What holds for all tests: a busy machine is no failure, so property tests have no time limit of their own."""

from hypothesis import settings

settings.register_profile("daylight", deadline=None)
settings.load_profile("daylight")
