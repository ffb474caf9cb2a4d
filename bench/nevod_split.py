"""nevod_split.py -- which images nevod validates on, so that others can too.

A mirror of src/data/split.c and src/base/rng.c: a shuffle from a stream that
the data set's hash alone decides.
"""
MASK = (1 << 64) - 1


def _mix(z):
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & MASK
    z = (z ^ z >> 27) * 0x94d049bb133111eb & MASK
    return z ^ z >> 31


class Rng:
    """xoshiro256++ of the stream (seed, 0, 0)."""

    def __init__(self, seed):
        state = seed
        outputs = []
        for i in range(6):
            state = (state + 0x9e3779b97f4a7c15) & MASK
            outputs.append(_mix(state))
            if i < 2:
                state = outputs[-1]
        self.s = outputs[2:]

    def u64(self):
        s = self.s
        x = (s[0] + s[3]) & MASK
        out = ((x << 23 | x >> 41) + s[0]) & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = (s[3] << 45 | s[3] >> 19) & MASK
        return out

    def below(self, n):
        limit = MASK - MASK % n
        while (x := self.u64()) >= limit:
            pass
        return x % n


def shuffled(dataset_hash, n):
    """The numbers of all training images, in nevod's order."""
    r = Rng(int(dataset_hash[:16], 16))
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = r.below(i + 1)
        order[i], order[j] = order[j], order[i]
    return order
