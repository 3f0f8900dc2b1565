import Policies
import Probes

/// Tables, and what else looks up training frames.
extension Catalogue {
    static func lookups(_ settings: Settings) -> [CatalogueEntry] { images + TableVariant.all(settings.alt).map(entry(of:)) + others }

    /// Lookups by image: the table, the nearest pixels, and the kernel on the table's embedding.
    private static let images = [
        CatalogueEntry(
            table, parts: .mainAndTwin, acts: RolloutScene.allCases, sources: [.table], isTimed: true, needsCameras: true
        ) { try $0.table() },
        CatalogueEntry(pixels, parts: .mainAndTwin, acts: [.plain], isTimed: true, needsCameras: true) { try $0.nearestPixels() },
        CatalogueEntry(
            PolicyID("kernel", .kernel, "kernel mean (soft ALT)"), parts: .mainAndTwin, acts: [.plain], sources: [.encoder(.published)], needsCameras: true
        ) { try $0.kernel() },
    ]

    /// What the table may be made of, each by itself: the published recipe in every table, the others let loose alone.
    static func entry(of variant: TableVariant) -> CatalogueEntry {
        CatalogueEntry(
            PolicyID(variant.name, .lookup, "ALT, \(variant.label)"), asked: variant.isPublished ? .everywhere : .never, acts: [.plain],
            sources: [.encoder(variant.key.encoder)], needsCameras: true
        ) { try $0.table(variant) }
    }

    /// Tables of other features, and another rule.
    private static let others = [
        CatalogueEntry(PolicyID("vinn", .lookup, "VINN"), asked: .never, acts: [.plain], sources: [.encoder(.published)], needsCameras: true) {
            try $0.table(EmbeddingKey(try $0.embedding()), RetrievalRule { ($0.answer, $0.neighbours) = (.softmaxMean, 5) })
        },
        CatalogueEntry(
            PolicyID("alt_untrained", .lookup, "ALT, untrained encoder"), asked: .never, acts: [.plain], sources: [.untrainedEncoder], needsCameras: true
        ) { try $0.table(EmbeddingKey(try $0.untrainedEmbedding())) },
        CatalogueEntry(
            PolicyID("alt_autoencoder", .lookup, "ALT, autoencoder"), asked: .never, acts: [.plain], sources: [.encoder(.autoencoder)], needsCameras: true
        ) { try $0.table($0.key(.autoencoder)) },
        CatalogueEntry(PolicyID("pose_nearest", .lookup, "nearest pose"), asked: .never, acts: [.plain]) {
            try $0.table(PoseKey(try $0.data().normalizer))
        },
        // With the task's state as its key, which no encoder can better; of other numbers of demonstrations too.
        CatalogueEntry(PolicyID("state_nearest", .standInTable, "nearest true state"), view: .state, parts: .every, asked: .never, acts: [.plain]) {
            try $0.table(PoseKey(try $0.data(.state).normalizer), view: .state)
        },
    ]
}
