import Probes

/// What every word of a run's tables means, made from the code: endpoints with formula and unit, policies, conditions, verdicts.
/// `results/GLOSSARY.md` is this text, and a test holds it to it.
public struct Glossary {
    public init() {}

    public var markdown: String {
        """
        # Glossary

        Made by `alt glossary` from the code that computes the numbers. Sequences are action sequences of the policy's horizon. A distance
        between sequences is a root mean square in training standard deviations. T: the training demonstrations; R: the reference, as many
        that are not learned from; Q: those asked about. D12: the distance from a training sequence to the nearest one of another demonstration.

        ## Endpoints

        A row of `summary.csv` each; `#` stands for what a member of a family is about. `control` is what stands beside the value.

        | endpoint | what | formula | unit | control |
        | --- | --- | --- | --- | --- |
        \(endpoints.joined(separator: "\n"))

        ## Policies

        What a study's settings name: the `policy` of a table. A family (trainings that differ in seed alone), a space of observations or a monitor may
        stand there too.

        | policy | what it is called | what it is |
        | --- | --- | --- |
        \(policies.joined(separator: "\n"))

        | monitor | what it is called | what it scores |
        | --- | --- | --- |
        \(MonitorWords.glossary.map { "| `\($0.name)` | \($0.label) | \($0.meaning) |" }.joined(separator: "\n"))

        ## Conditions

        What was made of the observations before the policies were asked.

        | condition | what |
        | --- | --- |
        \(Condition.glossary.map { "| `\($0.name)` | \($0.meaning) |" }.joined(separator: "\n"))

        ## Verdicts

        Of a row of `summary.csv`; the rule of each is in the docstring of its probe.

        | verdict | what it says |
        | --- | --- |
        \(Verdict.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }.joined(separator: "\n"))

        Of a number towards a claim, and of a claim, in `claims.csv`:

        | verdict | what it says |
        | --- | --- |
        \((Reading.allCases.map { "| \($0.rawValue) | \($0.meaning) |" } + Claim.Verdict.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }).joined(separator: "\n"))

        """
    }

    private var endpoints: [String] {
        AllProbes.all.flatMap(\.endpoints).map { endpoint in
            let hash = endpoint.title.contains("#") ? "#" : ""
            return "| `\(endpoint.key)\(hash)` | \(endpoint.title) | \(Self.cell(endpoint.formula)) | \(endpoint.unit) | \(endpoint.control.name) |"
        }
    }

    /// Of the default study and of an audit, with one of everything that a number of seeds or steps makes more of.
    private var policies: [String] {
        var settings = Settings()
        settings.diffusion.seeds = 2
        (settings.behaviourCloning.images, settings.behaviourCloning.twoStep) = (true, true)
        (settings.flowMatching.images, settings.actionChunking.images) = (true, true)
        settings.alt.encoder.pretrained = "resnet18.safetensors"
        var audit = AuditSettings()
        (audit.name, audit.form) = ("the audited policy", .network)
        let own = Catalogue(settings).named, audited = Catalogue.audited(audit, settings).map(\.id).filter { id in !own.contains { $0.name == id.name } }
        return (own + audited).map { "| `\($0)` | \($0.label) | \($0.role.meaning) |" }
    }

    /// A bar would end the cell.
    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
