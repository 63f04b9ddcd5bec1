# SPDX-License-Identifier: MIT
"""Lethe's random streams (Philox4x32-10 named by seed, purpose, i, k), for scripts that must draw the
same halves, splits, shuffles and noise. What is drawn with them is computed elsewhere."""
import math

MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1
NOISE, EVAL = 15, 18  # purposes


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return z ^ (z >> 31)


def hash3(a, b, c):
    h = mix((a + 0x9E3779B97F4A7C15) & MASK64)
    h = mix(h ^ ((b + 0xD1B54A32D192ED03) & MASK64))
    return mix(h ^ ((c + 0x8CB92BA72F3D8DD7) & MASK64))


class Stream:
    def __init__(self, seed, purpose, i, k):
        name, key = hash3(purpose, i, k), mix((seed + 0x9E3779B97F4A7C15) & MASK64)
        self.key = (key & MASK32, key >> 32)
        self.counter = [0, 0, name & MASK32, name >> 32]
        self.block, self.spare = [], None

    def u32(self):
        if not self.block:
            c0, c1, c2, c3 = self.counter
            k0, k1 = self.key
            for _ in range(10):
                p, q = 0xD2511F53 * c0, 0xCD9E8D57 * c2
                c0, c1, c2, c3 = (q >> 32) ^ c1 ^ k0, q & MASK32, (p >> 32) ^ c3 ^ k1, p & MASK32
                k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
            self.block = [c0, c1, c2, c3]
            self.counter[0] = (self.counter[0] + 1) & MASK32
        return self.block.pop(0)

    def u64(self):
        low = self.u32()
        return low | self.u32() << 32

    def uniform(self):
        return (self.u64() >> 11) * 2.0 ** -53

    def normal(self):
        if self.spare is not None:
            z, self.spare = self.spare, None
            return z
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        angle = 6.283185307179586476925 * self.uniform()
        self.spare = radius * math.sin(angle)
        return radius * math.cos(angle)

    def below(self, bound):
        limit = (1 << 64) % bound
        while True:
            draw = self.u64()
            if draw >= limit:
                return draw % bound

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items), 1, -1):
            j = self.below(i)
            items[i - 1], items[j] = items[j], items[i - 1]
        return items
