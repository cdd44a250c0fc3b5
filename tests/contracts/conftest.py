"""Property tests have no deadline: two shared cores say nothing about the code when they are slow."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
