import Basics

/// The observations and actions that every demonstration of a selection must have, taken from the first one.
struct RobomimicSchema {
    let cameras: [Camera]
    let lowDimKeys: [LowDimKey]
    let actionDimension: Int

    init(of demonstration: HDF5Group, selection: DatasetSelection) throws {
        let observations = try Self.observations(of: demonstration)
        let present = try ObservationKeys(of: observations)
        cameras = try (selection.cameras ?? present.cameras()).map {
            try Self.camera($0, in: observations, known: present.suggestedCameras())
        }
        lowDimKeys = try (selection.lowDimKeys ?? present.defaultLowDim()).map {
            try Self.lowDimKey($0, in: observations, known: present.suggestedLowDim())
        }
        for keys in [cameras.map(\.key), lowDimKeys.map(\.key)] where Set(keys).count != keys.count {
            throw Failure(
                .data, "an observation key is named twice", at: observations.location, expected: "distinct keys",
                found: keys.joined(separator: ", "), remedy: "name each key once")
        }
        guard !cameras.isEmpty || !lowDimKeys.isEmpty else {
            throw Failure(
                .data, "nothing is observed", at: observations.location, expected: "a camera or a low-dim key",
                found: RobomimicLayout.list(present.all),
                remedy: "name observation keys; keys inside nested groups are written as paths (policy/eef_pos)")
        }
        actionDimension = try Self.actions(of: demonstration).rowWidth
    }

    /// Checks one demonstration against the schema, reading no data.
    /// - Returns: its number of steps, which is the rows of `actions`.
    func length(of demonstration: HDF5Group) throws -> Int {
        let actions = try Self.actions(of: demonstration)
        guard actions.rowWidth == actionDimension else {
            throw Failure(
                .data, "demonstrations have actions of different width", at: actions.location,
                expected: "\(actionDimension) values per step", found: actions.summary,
                remedy: "leave this demonstration out by a filter key")
        }
        let observations = try Self.observations(of: demonstration)
        for camera in cameras {
            let dataset = try Self.cameraDataset(camera.key, in: observations, known: cameras.map(\.key))
            guard dataset.shape == [actions.rows, camera.height, camera.width, 3] else {
                throw Failure(
                    .data, "camera frames do not fit the demonstration", at: dataset.location,
                    expected: "\(actions.rows) frames of \(camera.height) x \(camera.width) x 3, as many as actions",
                    found: dataset.summary, remedy: "leave this demonstration out by a filter key, or record it again")
            }
        }
        for key in lowDimKeys {
            let dataset = try Self.lowDimDataset(key.key, in: observations, known: lowDimKeys.map(\.key))
            guard dataset.rows == actions.rows, dataset.rowWidth == key.width else {
                throw Failure(
                    .data, "low-dim observations do not fit the demonstration", at: dataset.location,
                    expected: "\(actions.rows) rows of \(key.width) values, as many as actions",
                    found: dataset.summary, remedy: "leave this demonstration out by a filter key, or record it again")
            }
        }
        return actions.rows
    }

    static func observations(of demonstration: HDF5Group) throws -> HDF5Group {
        if let group = try demonstration.group("obs") { return group }
        let isRaw = try demonstration.kind(of: "states") != nil
        throw Failure(
            .data, "the demonstration has no observations", at: "\(demonstration.location)/obs",
            expected: "a group obs with images and low-dim values",
            found: (isRaw ? "a raw recording of simulator states: " : "")
                + RobomimicLayout.list(try demonstration.names()),
            remedy: isRaw
                ? "robomimic's dataset_states_to_obs.py renders the observations from the states: "
                    + "python -m robomimic.scripts.dataset_states_to_obs --dataset IN.hdf5 --output_name OUT.hdf5 "
                    + "--done_mode 2 --camera_names agentview robot0_eye_in_hand --camera_height 84 --camera_width 84"
                : "leave this demonstration out by a filter key, or record it with observations")
    }

    static func actions(of demonstration: HDF5Group) throws -> HDF5Dataset {
        guard let dataset = try demonstration.dataset("actions") else {
            throw Failure(
                .data, "the demonstration has no actions", at: "\(demonstration.location)/actions",
                expected: "a dataset of shape (steps, values)", found: RobomimicLayout.list(try demonstration.names()),
                remedy: "leave this demonstration out by a filter key")
        }
        guard dataset.elementType.isNumber, (1...2).contains(dataset.shape.count), dataset.rowWidth > 0 else {
            throw Failure(
                .data, "the actions are no table of numbers", at: dataset.location,
                expected: "numbers of shape (steps, values)", found: dataset.summary,
                remedy: "leave this demonstration out by a filter key")
        }
        guard dataset.rows > 0 else {
            throw Failure(
                .data, "the demonstration has no steps", at: dataset.location, expected: "at least one action",
                found: dataset.summary, remedy: "leave this demonstration out by a filter key")
        }
        return dataset
    }

    private static func camera(_ key: String, in observations: HDF5Group, known: @autoclosure () throws -> [String]) throws -> Camera {
        let dataset = try cameraDataset(key, in: observations, known: known())
        return Camera(key: key, height: dataset.shape[1], width: dataset.shape[2])
    }

    static func cameraDataset(_ key: String, in observations: HDF5Group, known: @autoclosure () throws -> [String]) throws -> HDF5Dataset {
        guard let dataset = try observations.dataset(key) else {
            throw Failure(
                .data, "there is no such camera", at: "\(observations.location)/\(key)",
                expected: "an image key of the file", found: try NearestName.list(known(), for: key),
                remedy: "name one of those, or no cameras for low-dim only")
        }
        guard dataset.isImages else {
            throw Failure(
                .data, "a camera does not hold RGB images", at: dataset.location,
                expected: "uint8 (steps, height, width, 3)", found: dataset.summary,
                remedy: "leave this camera out, or store its frames as 8-bit RGB")
        }
        return dataset
    }

    private static func lowDimKey(_ key: String, in observations: HDF5Group, known: @autoclosure () throws -> [String]) throws -> LowDimKey {
        LowDimKey(key: key, width: try lowDimDataset(key, in: observations, known: known()).rowWidth)
    }

    static func lowDimDataset(_ key: String, in observations: HDF5Group, known: @autoclosure () throws -> [String]) throws -> HDF5Dataset {
        guard let dataset = try observations.dataset(key) else {
            throw Failure(
                .data, "there is no such low-dim key", at: "\(observations.location)/\(key)",
                expected: "a low-dim key of the file", found: try NearestName.list(known(), for: key),
                remedy: "name one of those")
        }
        guard dataset.isLowDim else {
            throw Failure(
                .data, "a low-dim key does not hold rows of numbers", at: dataset.location,
                expected: "numbers of shape (steps, values) or (steps,)", found: dataset.summary,
                remedy: "leave this key out")
        }
        return dataset
    }
}

extension HDF5Dataset {
    /// Values per row of a rank-2 dataset; 1 for rank 1.
    var rowWidth: Int { shape.count > 1 ? shape[1] : 1 }

    /// Numbers of shape (N, width) or (N,).
    var isLowDim: Bool { elementType.isNumber && (1...2).contains(shape.count) && rowWidth > 0 }

    /// RGB images: uint8 of shape (N, height, width, 3), whatever the key is called (`agentview_image`, `image`, `cam_high`).
    var isImages: Bool {
        elementType == .integer(bits: 8, signed: false) && shape.count == 4 && shape[3] == 3 && shape[1] > 0 && shape[2] > 0
    }
}

/// The names directly under one demonstration's `obs`. What lies in nested groups is addressed by path.
struct ObservationKeys {
    private let observations: HDF5Group
    /// In natural order.
    let all: [String]
    /// robomimic's name for the state of the task's objects.
    private static let objectState = "object"

    init(of observations: HDF5Group) throws {
        self.observations = observations
        all = try observations.names().sorted(by: NaturalOrder.precedes)
    }

    /// Every key of RGB images, whatever it is called, and every key that is called an image as robomimic's are: what does not hold
    /// one is refused when it is read.
    func cameras() throws -> [String] {
        try all.filter { try $0.hasSuffix("_image") || observations.dataset($0)?.isImages == true }
    }

    /// What a message offers to someone who named a key that is not there.
    func suggestedCameras() throws -> [String] {
        let cameras = try cameras()
        return cameras.isEmpty ? all : cameras
    }

    func suggestedLowDim() throws -> [String] {
        let cameras = try cameras()
        return all.filter { !cameras.contains($0) }
    }

    /// Position, quaternion and fingers of every arm, arms in order; every key of rows of numbers where no arm
    /// has them.
    func defaultLowDim() throws -> [String] {
        let parts = ["eef_pos", "eef_quat", "gripper_qpos"]
        let arms = Set(
            all.compactMap { key in
                parts.first { key.hasSuffix("_" + $0) }.map { String(key.dropLast($0.count + 1)) }
            }
        ).filter { $0.hasPrefix("robot") && $0.dropFirst(5).allSatisfy(\.isNumber) }
        let keys = arms.sorted(by: NaturalOrder.precedes).flatMap { arm in parts.map { "\(arm)_\($0)" } }
            .filter(all.contains)
        return keys.isEmpty ? try all.filter { try observations.dataset($0)?.isLowDim == true } : keys
    }

    /// Some low-dim keys, and the state of the task's objects where there is one.
    func withObjectState(_ keys: [String]) -> [String] {
        keys + (all.contains(Self.objectState) && !keys.contains(Self.objectState) ? [Self.objectState] : [])
    }
}

extension DatasetSelection {
    /// The same with every key named that nil stands for: what the first chosen demonstration of the file has.
    /// - Parameter lowDimOfState: low-dim keys of policies that see the task's state; nil for those of this selection and `object`.
    /// - Throws: `Failure` when the file cannot be opened, has no such demonstration, or nothing is observed.
    public func naming(lowDimOfState: [String]?) throws -> (selection: DatasetSelection, lowDimOfState: [String]) {
        let layout = try RobomimicLayout(reading: path)
        let names = try layout.names(filterKey: filterKey, limit: limit)
        let keys = try ObservationKeys(of: RobomimicSchema.observations(of: layout.demonstration(names[0])))
        var named = self
        let lowDim = try lowDimKeys ?? keys.defaultLowDim()
        (named.cameras, named.lowDimKeys) = (try cameras ?? keys.cameras(), lowDim)
        return (named, lowDimOfState ?? keys.withObjectState(lowDim))
    }
}
