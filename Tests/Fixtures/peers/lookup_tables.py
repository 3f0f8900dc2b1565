"""The tables that are looked up in, with their queries and true neighbours: one definition for every library."""
import functools
import re

import numpy as np

WIDTH, COUNT = 128, 5


class Lookup:
    def __init__(self, rows, queries):
        self.table = np.random.default_rng(0).standard_normal((rows, WIDTH), dtype=np.float32)
        self.table /= np.linalg.norm(self.table, axis=1, keepdims=True)
        # Near a row but not on it, as ours.
        self.queries = self.table[:queries] + np.float32(0.01)
        # One query at a time, for all products at once would need more memory than the table.
        self.products = np.stack([np.sort(np.partition(self.table @ query, -COUNT)[-COUNT:])[::-1] for query in self.queries])

    def require_neighbours(self, found):
        """Raises unless the rows [queries, COUNT] have the largest products: those that differ by rounding may change places."""
        products = np.einsum("qkw,qw->qk", self.table[found], self.queries)
        repeated = any(len(set(row)) != len(row) for row in found)
        difference = abs(np.sort(products)[:, ::-1] - self.products).max()
        if repeated or not difference <= 1e-5:
            raise ValueError(f"the rows found are not the nearest: products differ from numpy's by {difference:.2g}")


@functools.lru_cache(maxsize=1)
def lookup(row):
    """None for another row."""
    match = re.fullmatch(r"lookup_top5_(\d+)(?:_batch_(\d+))?", row)
    return Lookup(int(match[1]), int(match[2] or 1)) if match else None
