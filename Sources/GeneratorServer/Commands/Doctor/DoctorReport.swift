import BuildRunner

/// What was looked at, printed as it comes.
final class DoctorReport {
    enum Finding {
        case well(String)
        case broken(String, mend: String)
    }

    private var faults = 0
    private var count = 0

    var hasFaults: Bool { faults > 0 }

    var summary: String {
        faults == 0 ? "All \(count) checks are well." : "\(faults) of \(count) checks found something to mend."
    }

    func add(_ finding: ProviderFinding) {
        add(
            finding.subject,
            finding.passed ? .well(finding.message) : .broken(finding.message, mend: finding.mend ?? "kiln check"))
    }

    func add(_ subject: String, _ finding: Finding) {
        count += 1
        switch finding {
        case .well(let words): print("ok    \(subject): \(words)")
        case .broken(let words, let mend):
            faults += 1
            print("FAULT \(subject): \(words)\n      mend: \(mend)")
        }
    }
}
