"""Random numbers that depend on the seed, the purpose and a number, and on nothing that was drawn before.

So any household, any block and any file can be made alone and comes out the same.
"""

from random import Random


def randomness(seed: int, purpose: str, *numbers: int) -> Random:
    return Random(f"{seed}/{purpose}/{'/'.join(map(str, numbers))}")
