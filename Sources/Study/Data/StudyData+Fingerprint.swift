import Demonstrations
import Store

/// Files and folders of Sources whose code decides a kind's numbers. What only reads, writes or says something is left out, so
/// that it can be changed without training anew.
enum ArithmeticCode {
    private static let numbers = ["Basics/RandomSource.swift", "Basics/Threads", "CVector", "Compute", "Networks"]

    /// Of data, networks and their training.
    static let training =
        numbers + [
            "Images", "Demonstrations", "Policies/Training", "Policies/ImagePreprocessing.swift", "Training/TrainingLoop.swift",
            "Study/Data/StudyData.swift", "Study/Settings/PolicySettings.swift", "Study/Settings/PolicySettings+Networks.swift",
            "Study/Trainings",
        ]
    /// Of the lookup table.
    static let table = training + ["Policies", "PolicyFolders/TableFile.swift", "Study/Catalogue"]
    /// Of what is asked and answered.
    static let answers = table + ["Basics/NeighbourSpacing.swift", "Tabletop", "Study/Conditions", "Study/Data", "Study/Subject", "PolicyFolders", "Study/Evidence/PolicyAnswers.swift", "Study/Evidence/AnswersInParts.swift"]
    /// Of curves in the plane.
    static let manifolds = numbers + ["Probes/P17-ManifoldMemory/Learning"]
}

extension StudyData {
    /// What a policy is trained on: the file by content, what is observed of it, and which demonstrations, cut and scaled how; and the
    /// reference demonstrations, on which its held-out loss is measured.
    var trainingFingerprint: Fingerprint {
        var fingerprint = setFingerprint
        fingerprint.add("train", list: split.train.map { set.episodes[$0].name })
        fingerprint.add("reference", list: split.reference.map { set.episodes[$0].name })
        fingerprint.add("normalizer", text: "\(normalizer.actionScale) \(normalizer.actionOffset) \(normalizer.lowDimScale) \(normalizer.lowDimOffset)\(normalizer.actionCentre.map { " \($0)" } ?? "")")
        return fingerprint
    }

    /// All the data of a part: what is trained on, the reference and the queries.
    var fingerprint: Fingerprint {
        var fingerprint = trainingFingerprint
        fingerprint.add("query", list: split.query.map { set.episodes[$0].name })
        return fingerprint
    }

    private var setFingerprint: Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add("file", text: sha256)
        fingerprint.add("cameras", list: set.cameras.map(\.key))
        fingerprint.add("low_dim", list: set.lowDimKeys.map(\.key))
        fingerprint.add("windows", text: "horizon \(layout.horizon), \(layout.observationSteps) observed, \(layout.executedSteps) executed")
        return fingerprint
    }
}
