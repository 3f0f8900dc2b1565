import Basics
import Compute
import Foundation

/// Another row beside busy programs, where threads lose their cores again and again.
final class BusyStep: Measurable {
    private let step: any Measurable
    private let programs: Int
    private let context: BenchmarkContext
    /// Milliseconds with all workers on the idle machine, and with one worker beside the busy programs.
    private let idle, alone: Double
    private let busy: BusyPrograms
    var flops: Int { step.flops }
    var executedFlops: Int { step.executedFlops }
    var limit: MachineLimit { step.limit }

    /// - Parameters:
    ///   - programs: busy with one thread each
    ///   - make: the row's work
    init(
        beside programs: Int, _ context: BenchmarkContext, _ make: (BenchmarkContext) throws -> any Measurable
    ) throws {
        let effort = Timing.Effort(runs: 7, seconds: 5)
        self.programs = programs
        self.context = context
        step = try make(context)
        idle = try Timing.measure(effort, step.run).median
        busy = try BusyPrograms(programs, program: context.program)
        var one = context
        one.workers = 1
        alone = try Timing.measure(effort, make(one).run).median
    }

    /// What the scheduler would give as many threads as there are workers, were it all used.
    var note: String {
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount), workers = Double(context.workers), threads = workers + Double(programs)
        let fair = idle * max(1, min(workers, cores) * threads / (cores * workers))
        func number(_ milliseconds: Double) -> String { SignificantDigits.shortened(milliseconds, digits: 3) }
        return "beside \(programs) busy programs; idle \(number(idle)), fair share \(number(fair)), one worker \(number(alone)) ms"
    }

    func run() throws { try step.run() }
    func check() throws { try step.check() }
}
