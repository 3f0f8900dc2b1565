import Basics
import COpenBLAS

/// What this machine's arithmetic gives, and a library's products beside it.
public struct Yardstick {
    let workers: Int
    /// GFLOP/s of independent multiply-adds on one core and on as many as there are workers, and of OpenBLAS's products.
    let multiplyAdd, sgemm: (one: Double, all: Double)
    /// The kernels that OpenBLAS chose for this processor.
    let openBlasCore: String

    /// The best of three turns, and of more where a busy moment may be what makes the library look slow.
    public static func measure(workers: Int) -> Yardstick {
        var multiplyAdd = (one: 0.0, all: 0.0), sgemm = (one: 0.0, all: 0.0)
        for _ in 0..<3 {
            multiplyAdd = (max(multiplyAdd.one, MultiplyAddPeak.measure(cores: 1)), max(multiplyAdd.all, MultiplyAddPeak.measure(cores: workers)))
            sgemm = (max(sgemm.one, SgemmPeak.measure(cores: 1)), max(sgemm.all, SgemmPeak.measure(cores: workers)))
        }
        for _ in 0..<10 where isFarBehind(sgemm.one, multiplyAdd.one) { sgemm.one = max(sgemm.one, SgemmPeak.measure(cores: 1)) }
        return Yardstick(
            workers: workers, multiplyAdd: multiplyAdd, sgemm: sgemm, openBlasCore: String(cString: openblas_get_corename()))
    }

    /// Kernels for older processors reach a fifth of a new one.
    private static func isFarBehind(_ library: Double, _ peak: Double) -> Bool { library < peak / 4 }

    /// Key and value for each line of `machine.csv`, GFLOP/s.
    var lines: [(String, Double)] {
        [
            (MachineLimit.multiplyAddOneCore.name(workers: 1), multiplyAdd.one), (MachineLimit.multiplyAdd.name(workers: workers), multiplyAdd.all),
            ("openblas_sgemm_1_core", sgemm.one), ("openblas_sgemm_\(workers)_cores", sgemm.all),
        ]
    }

    public var text: String {
        func number(_ value: Double) -> String { SignificantDigits.shortened(value, digits: 3) }
        return """
            multiply-adds \(number(multiplyAdd.one)) GFLOP/s on one core, \(number(multiplyAdd.all)) on \(workers); OpenBLAS with its kernels for \
            \(openBlasCore) \(number(sgemm.one)) and \(number(sgemm.all))
            """
    }

    /// Said where the library does not know the processor and falls back to older instructions.
    public var warning: String? {
        guard Self.isFarBehind(sgemm.one, multiplyAdd.one) else { return nil }
        return """
            OpenBLAS chose its kernels for \(openBlasCore), which reach \(SignificantDigits.shortened(100 * sgemm.one / multiplyAdd.one, digits: 2)) % of this \
            processor: it does not know it, and is no yardstick here (OPENBLAS_CORETYPE=Haswell or SkylakeX may help)
            """
    }
}
