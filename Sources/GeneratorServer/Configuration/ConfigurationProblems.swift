import Recipes

/// Everything that is wrong with the configuration, at once; holds no secret.
struct ConfigurationProblems: Error, CustomStringConvertible {
    var diagnostics: [Diagnostic]

    var description: String {
        DiagnosticReport(diagnostics).text
    }
}
