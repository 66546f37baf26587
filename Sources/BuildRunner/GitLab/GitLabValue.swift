import Domain

/// A value on its way into a pipeline variable. GitLab and its runners put other variables, the job's token among them, into
/// values that name them: `$NAME`, `${NAME}`, `%NAME%`. What a requester typed stays what it is (P5, P7).
enum GitLabValue {
    /// `$` is written `$$`, which the runner turns back. For `%NAME%` GitLab has no such way: `nil` if one is in the value,
    /// but for two hexadecimal digits, as addresses have them.
    static func escaped(_ value: String) -> String? {
        let tokens = /%%|%(?<name>[A-Za-z_][A-Za-z0-9_]*)%/
        for match in value.matches(of: tokens) {
            guard let name = match.output.name else { continue }
            guard name.count == 2, name.allSatisfy(\.isHexDigit) else { return nil }
        }
        return value.replacing("$", with: "$$")
    }

    /// Parameters as GitLab has to be given them.
    static func escaped(_ parameters: JobParameters) throws(RemoteFault) -> JobParameters {
        var parameters = parameters
        for place in parameters.values.indices {
            guard let value = escaped(parameters.values[place].value) else {
                throw .refused(
                    Failure(
                        kind: .input,
                        message:
                            "`\(parameters.values[place].name)` has a word between percent signs in it, which the build system would replace. Leave the percent signs out."
                    ))
            }
            parameters.values[place].value = value
        }
        return parameters
    }
}
