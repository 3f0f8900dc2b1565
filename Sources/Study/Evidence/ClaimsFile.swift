import Basics
import Probes

/// `claims.csv` and `claims.md` of a run.
enum ClaimsFile {
    static func write(_ claims: Claims, _ context: StudyContext) throws {
        try AtomicFile.write(
            claims.table.prefixed(by: context.resultContext.prefix).csv, to: context.runFolder.path("claims.csv"))
        try AtomicFile.write(try ClaimsText(context.runFolder.path("claims.csv")).markdown, to: context.runFolder.path("claims.md"))
    }
}
