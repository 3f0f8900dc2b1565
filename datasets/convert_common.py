"""What convert.py and its two readers share."""
import argparse
import contextlib
import sys
from collections import namedtuple

USAGE, DATA, MISSING, PACKAGE, EXISTS, WRITING = 64, 65, 66, 69, 73, 74
# rows: (first, last) in the whole source; place: what its reader needs to find the episode.
Episode = namedtuple("Episode", "index rows place")


class Failure(Exception):
    def __init__(self, code, what, where=None, expected=None, found=None, todo=None):
        lines = [("  where:    ", where), ("  expected: ", expected), ("  found:    ", found), ("  to do:    ", todo)]
        super().__init__("\n".join([what] + [name + str(text) for name, text in lines if text is not None]))
        self.code = code


@contextlib.contextmanager
def reading(path, remedy="fetch or copy it again"):
    """What a library says about a damaged file becomes an error that names the file."""
    try:
        yield
    except ImportError as error:
        raise Failure(PACKAGE, "a Python package is missing", path, found=error, todo="pip install -r datasets/requirements.txt")
    except FileNotFoundError as error:
        raise Failure(MISSING, "a file is missing", error.filename or path, todo=remedy)
    except (Failure, MemoryError):
        raise
    except Exception as error:
        raise Failure(DATA, "a file cannot be read", path, found=f"{type(error).__name__}: {error}", todo=remedy)


def demand(condition, what, where, expected=None, found=None, todo=None):
    if not condition:
        raise Failure(DATA, what, where, expected, found, todo)


class Parser(argparse.ArgumentParser):
    """Wrong arguments end with the code of wrong usage."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")
