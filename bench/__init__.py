"""Measurements, not tests: ratios between this system and ordinary baselines, taken in interleaved rounds."""
