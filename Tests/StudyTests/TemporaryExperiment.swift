import Basics
import Foundation
import Study
import TestSupport

/// An experiment's file in a folder of its own.
struct TemporaryExperiment {
    let folder: String
    var path: String { folder + "/mine.yaml" }

    init(_ text: String) throws {
        folder = try SharedData.temporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// The smallest file that is valid, with more lines after it.
    static func minimal(_ more: String = "") throws -> TemporaryExperiment {
        try TemporaryExperiment("experiment: mine\ndata:\n  path: lift.hdf5\n" + more)
    }

    /// The smallest file whose data are there; their content is the word "data".
    static func withData() throws -> TemporaryExperiment {
        let experiment = try minimal(), data = experiment.folder + "/lift.hdf5"
        try Data("data".utf8).write(to: URL(fileURLWithPath: data))
        try Data("experiment: mine\ndata:\n  path: \(data)\n".utf8).write(to: URL(fileURLWithPath: experiment.path))
        return experiment
    }

    func load(profile: String? = nil, _ overrides: String...) throws -> ExperimentFile {
        try ExperimentFile.load(path, profile: profile, overrides: overrides)
    }

    /// The failure of loading, nil when it loads.
    func failure(profile: String? = nil, _ overrides: String...) throws -> Failure? {
        do {
            _ = try ExperimentFile.load(path, profile: profile, overrides: overrides)
            return nil
        } catch let failure as Failure {
            return failure
        }
    }
}
