import Basics
import Networks
import Policies
import Probes

/// An audit: the policy under study was trained elsewhere, and what it is compared with is made of the demonstrations that it was
/// trained on. It acts in a simulator elsewhere alone, through `alt serve`.
extension Catalogue {
    static func audited(_ audit: AuditSettings, _ settings: Settings) -> [CatalogueEntry] {
        let lookups = lookups(settings)
        return subject(audit) + (audit.controls ? lookups.filter { compared.contains($0.id.role) && $0.asked != .never } : lookups.filter { $0.id.role == .pixels })
            + oracles.filter { !$0.needsSimulator } + denoisers(audit)
    }

    /// Lookups that answer without the embedded simulator.
    private static let compared: Set<PolicyRole> = [.table, .pixels, .kernel, .lookup]
    static let audited = PolicyID("audited", .subject), auditedSampler = PolicyID("audited_ddim", .sampler)

    private static func subject(_ audit: AuditSettings) -> [CatalogueEntry] {
        let denoiser: CatalogueEntry.Denoiser? = audit.isNetwork ? .network : nil
        func entry(
            _ id: PolicyID, family: String? = nil, _ state: OpenedSubject.State = OpenedSubject.State(), asked: CatalogueEntry.Asked = .everywhere,
            isTimed: Bool = false, denoiser: CatalogueEntry.Denoiser? = nil, steps: Int? = nil
        ) -> CatalogueEntry {
            CatalogueEntry(
                id, family: family, asked: asked, acts: asked == .everywhere ? [.plain] : [], steps: steps, sources: [.audited(state)], isTimed: isTimed,
                denoiser: denoiser
            ) { try $0.audited(state) }
        }
        let own = entry(
            PolicyID(audited.name, audited.role, audit.label), isTimed: true, denoiser: denoiser, steps: audit.trainingSteps)
        let fast = audit.isNetwork ? audit.fastSampling.map { sampling in
            entry(
                PolicyID(auditedSampler.name, auditedSampler.role, "\(audit.label), DDIM-\(sampling.steps ?? 0)"),
                OpenedSubject.State(sampling: sampling), isTimed: true)
        } : nil
        let earlier = audit.checkpoints.map { place in
            let step = AuditSettings.trainingStep(of: place) ?? 0
            return entry(
                PolicyID("\(audited)_at_\(step)", .checkpoint, "\(audit.label), step \(step)"), family: audited.name,
                OpenedSubject.State(checkpoint: place), asked: .atFrames, steps: step)
        }
        return [own] + [fast].compactMap { $0 } + earlier
    }

    /// The exact minimiser of the loss that the policy's network was trained with, as a policy and as a denoiser, and the network
    /// with random weights.
    private static func denoisers(_ audit: AuditSettings) -> [CatalogueEntry] {
        guard audit.isNetwork, audit.controls else { return [] }
        return [
            CatalogueEntry(PolicyID("exact", .exact, "exact denoiser, sampled as the policy"), sources: [.audited(OpenedSubject.State()), .exactBandwidth]) { maker in
                let network = try maker.auditedNetwork()
                return ExactDenoiserPolicy(
                    key: network, data: try maker.data(), process: try maker.denoising(of: network), bandwidth: maker.exactBandwidth)
            },
            CatalogueEntry(
                PolicyID("random_init", .untrained, "its network before training"), asked: .never, sources: [.audited(OpenedSubject.State())], denoiser: .network
            ) { try $0.auditedNetwork().untrained($0.study.settings.root / "audited, untrained") },
        ]
    }
}

extension AuditSettings {
    /// Whether its network can be looked into; not known before the policy was opened.
    var isNetwork: Bool { form?.isNetwork ?? false }
}
