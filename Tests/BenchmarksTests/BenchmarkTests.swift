import Benchmarks
import Testing
