import Store

extension ProgramIdentity {
    /// This program, as `SourceIdentity` found it when it was built.
    static let current = ProgramIdentity(
        commit: SourceIdentity.commit, isDirty: SourceIdentity.isDirty, code: SourceIdentity.code, builtOn: SourceIdentity.builtOn)
}
