"""usearch: exact search by inner product, without an index."""
from lookup_tables import COUNT, lookup
from usearch.index import MetricKind, search


def exact(row, threads, file):
    if (source := lookup(row)) is None:
        return None

    def run():
        return search(source.table, source.queries, COUNT, MetricKind.IP, exact=True, threads=threads)
    source.require_neighbours(run().keys.reshape(-1, COUNT).astype(int))
    return {"exact": run}
