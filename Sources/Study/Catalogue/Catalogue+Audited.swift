import Networks
import Policies
import Probes

/// An audit: the policy under study was trained elsewhere, and what it is compared with is made of the demonstrations that it was
/// trained on. Nothing is let loose in a simulator.
extension Catalogue {
    static func audited(_ audit: AuditSettings) -> [CatalogueEntry] {
        subject(audit) + (audit.table ? lookups.filter { compared.contains($0.id.role) && $0.asked != .never } : lookups.filter { $0.id.role == .pixels })
            + oracles.filter { !$0.needsSimulator } + denoisers(audit)
    }

    /// Lookups that answer without the embedded simulator.
    private static let compared: Set<PolicyRole> = [.table, .pixels, .kernel, .lookup]
    static let audited = PolicyID("audited", .subject), auditedSampler = PolicyID("audited_ddim", .sampler)

    private static func subject(_ audit: AuditSettings) -> [CatalogueEntry] {
        let own = CatalogueEntry(
            PolicyID(audited.name, audited.role, audit.label), acts: [.plain], sources: [.audited(nil)], isTimed: true, denoiser: audit.isNetwork ? .network : nil
        ) { try $0.audited(nil) }
        guard audit.isNetwork, let steps = audit.fastSteps else { return [own] }
        let fast = OpenedSubject.Sampling(kind: .ddim, steps: steps)
        return [
            own,
            CatalogueEntry(
                PolicyID(auditedSampler.name, auditedSampler.role, "\(audit.label), DDIM-\(steps)"), acts: [.plain], sources: [.audited(fast)], isTimed: true
            ) { try $0.audited(fast) },
        ]
    }

    /// The exact minimiser of the loss that the policy's network was trained with, as a policy and as a denoiser.
    private static func denoisers(_ audit: AuditSettings) -> [CatalogueEntry] {
        guard audit.isNetwork else { return [] }
        return [
            CatalogueEntry(PolicyID("exact", .exact, "exact denoiser, sampled as the policy"), sources: [.audited(nil), .exactBandwidth]) { maker in
                let network = try maker.auditedNetwork(nil)
                return ExactDenoiserPolicy(
                    key: network, data: try maker.data(), process: try maker.denoising(of: network), bandwidth: maker.exactBandwidth)
            }
        ]
    }
}

extension AuditSettings {
    /// Whether its network can be looked into; not known before the policy was opened.
    var isNetwork: Bool { form?.isNetwork ?? false }
}
