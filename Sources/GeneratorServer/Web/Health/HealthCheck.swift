/// One thing that has to be well, and how to find out.
struct HealthCheck: Sendable {
    struct Verdict: Hashable, Sendable {
        var passed: Bool
        /// One line for the operator, and for anybody who can reach `/health-check`: no secrets, no paths of requesters.
        var output: String

        init(passed: Bool, output: String) {
            self.passed = passed
            self.output = output
        }
    }

    var name: String
    var check: @Sendable () async -> Verdict

    init(name: String, check: @escaping @Sendable () async -> Verdict) {
        self.name = name
        self.check = check
    }
}
