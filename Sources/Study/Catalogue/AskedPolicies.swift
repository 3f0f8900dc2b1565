import Basics
import Policies
import Probes

/// The policies that are asked in one part, made when the first of their answers is not in the store.
final class AskedPolicies {
    private let maker: PolicyMaker
    private var made: [PolicyID: any Policy] = [:]

    init(_ maker: PolicyMaker) { self.maker = maker }

    /// Everything that is asked in the part, in the order of the CSV files.
    func entries() throws -> [CatalogueEntry] { try able().filter { $0.asked != .never } }

    /// Every policy of the part that these data allow.
    func able() throws -> [CatalogueEntry] {
        let set = try maker.data().set, hasCameras = !set.cameras.isEmpty
        let isSimulated = RecordedScenes.task(of: set) != nil
        return maker.study.catalogue.entries.filter {
            $0.parts.contains(maker.part) && (hasCameras || !$0.needsCameras) && (isSimulated || !$0.needsSimulator)
        }
    }

    func policy(_ entry: CatalogueEntry) throws -> any Policy {
        if let policy = made[entry.id] { return policy }
        var maker = maker
        maker.sources = entry.sources
        guard let policy = try entry.make(maker) else {
            throw Failure(.defect, "a policy that should be asked cannot be made", at: entry.id.name)
        }
        made[entry.id] = policy
        return policy
    }
}
