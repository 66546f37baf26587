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
        switch (faults, count) {
        case (0, 1): "The one check is well."
        case (0, _): "All \(count) checks are well."
        case (_, 1): "The one check found something to mend."
        case _: "\(faults) of \(count) checks found something to mend."
        }
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
