import Basics
import Demonstrations
import Policies

/// How lerobot brings a kind of feature into a policy's units.
enum LeRobotNormalization: String, CaseIterable, Sendable {
    case meanStd = "MEAN_STD", minMax = "MIN_MAX", quantiles = "QUANTILES", quantile10 = "QUANTILE10", identity = "IDENTITY"

    /// The statistics it reads: the centre or lower end, the spread or upper end.
    var statistics: (String, String)? {
        switch self {
        case .meanStd: ("mean", "std")
        case .minMax: ("min", "max")
        case .quantiles: ("q01", "q99")
        case .quantile10: ("q10", "q90")
        case .identity: nil
        }
    }

    /// - Throws: `Failure` (`data`) for a word that is not known.
    static func mapping(_ fields: LeRobotFields) throws -> [LeRobotDescription.FeatureType: LeRobotNormalization] {
        var result: [LeRobotDescription.FeatureType: LeRobotNormalization] = [:]
        for key in fields.keys {
            let mode = try fields.text(key)
            guard let type = LeRobotDescription.FeatureType(rawValue: key) else {
                throw fields.refused(key, expected: LeRobotDescription.FeatureType.allCases.map(\.rawValue).joined(separator: ", "), found: key)
            }
            guard let known = LeRobotNormalization(rawValue: mode) else {
                throw fields.refused(key, expected: allCases.map(\.rawValue).joined(separator: ", "), found: mode)
            }
            result[type] = known
        }
        return result
    }
}

/// One feature's way into a policy's units: (raw - centre) · scale + offset, value by value.
struct LeRobotMap: Sendable, Equatable {
    let scale, offset, centre: [Double]

    static func identity(_ width: Int) -> LeRobotMap {
        LeRobotMap(scale: Array(repeating: 1, count: width), offset: Array(repeating: 0, count: width), centre: Array(repeating: 0, count: width))
    }

    /// How a range of no width is divided by.
    enum Flat: Sendable {
        /// By ε alone: processors (`normalize_processor.py`).
        case replaced(Double)
        /// Every range is ε wider: the older buffers (`normalize.py`).
        case widened(Double)
    }

    /// - Parameters:
    ///   - read: a statistic's values, and where they stand
    /// - Throws: `Failure` (`data`) for statistics that no data have.
    init(_ mode: LeRobotNormalization, width: Int, _ flat: Flat, read: (_ statistic: String) throws -> (values: [Float], location: String)) throws {
        guard let names = mode.statistics else {
            self = .identity(width)
            return
        }
        let first = try read(names.0), second = try read(names.1)
        func failure(_ index: Int, _ expected: String) -> Failure {
            Failure(
                .data, "a statistic is not one of data", at: second.location, expected: expected,
                found: "\(second.values[index]) at index \(index) beside \(names.0) \(first.values[index])", remedy: LeRobotFields.remedy)
        }
        var scale: [Double] = []
        for index in 0..<width {
            let low = Double(first.values[index]), high = Double(second.values[index])
            let spread = mode == .meanStd ? high : high - low
            guard spread >= 0 else { throw failure(index, mode == .meanStd ? "0 or more" : "\(names.0) or more") }
            let divisor: Double
            switch flat {
            case .replaced(let epsilon): divisor = mode == .meanStd ? spread + epsilon : spread == 0 ? epsilon : spread
            case .widened(let epsilon): divisor = spread + epsilon
            }
            let factor = Float((mode == .meanStd ? 1 : 2) / divisor)
            guard factor.isFinite, factor > 0 else { throw failure(index, "a spread that can be divided by") }
            scale.append((mode == .meanStd ? 1 : 2) / divisor)
        }
        self.init(scale: scale, offset: Array(repeating: mode == .meanStd ? 0 : -1, count: width), centre: first.values.map(Double.init))
    }

    private init(scale: [Double], offset: [Double], centre: [Double]) {
        (self.scale, self.offset, self.centre) = (scale, offset, centre)
    }

    /// Of a picture's three channels.
    var channels: [PicturePreparation.Channel] {
        scale.indices.map { PicturePreparation.Channel(scale: scale[$0], offset: offset[$0], centre: centre[$0]) }
    }
}

extension Normalizer {
    /// - Parameter lowDim: of the features side by side
    init(action: LeRobotMap, lowDim: [LeRobotMap]) {
        func floats(_ values: [Double]) -> [Float] { values.map { Float($0) } }
        self.init(
            actionScale: floats(action.scale), actionOffset: floats(action.offset), actionCentre: floats(action.centre),
            lowDimScale: floats(lowDim.flatMap(\.scale)), lowDimOffset: floats(lowDim.flatMap(\.offset)),
            lowDimCentre: floats(lowDim.flatMap(\.centre)))
    }
}
