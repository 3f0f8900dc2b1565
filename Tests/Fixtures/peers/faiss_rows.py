"""FAISS: exact search by inner product."""
import faiss
from lookup_tables import COUNT, WIDTH, lookup


def flat(row, threads, file):
    if (source := lookup(row)) is None:
        return None
    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatIP(WIDTH)
    index.add(source.table)
    source.require_neighbours(index.search(source.queries, COUNT)[1])
    return {"flat": lambda: index.search(source.queries, COUNT)}
