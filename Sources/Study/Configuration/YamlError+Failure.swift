import Basics
import Yams

extension YamlError {
    /// The library's error with file and line.
    func failure(file: String) -> Failure {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return Failure(
                .data, "not valid YAML", at: "\(file):\(mark.line):\(mark.column)", found: problem,
                remedy: "check indentation, colons and brackets around this line")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return Failure(
                .data, "a key is written twice", at: "\(file):\(context.mark.line)", expected: "every key once",
                found: duplicates.sorted().joined(separator: ", "), remedy: "remove one of them")
        default:
            return Failure(.data, "not valid YAML", at: file, found: description)
        }
    }
}
