import Curl
import Domain

/// Why nothing was gathered for a build.
enum GatherFault: Error, Hashable, Sendable {
    /// What was asked for cannot be fetched, or cannot be used; ends the build.
    case input(Failure)
    /// The check said nothing.
    case check(CheckFault)
    /// A fault of this machine.
    case machine(reason: String)
    case stopped
}

/// Why one thing could not be fetched, from an address that is not the operator's.
enum FetchRefusal: Error, Hashable, Sendable {
    case status(Int)
    case unreachable
    case brokenOff
    case tooLate(limit: Duration)
    case tooLarge(limit: Int64)
    /// Everything together.
    case tooMuch(limit: Int64)
    case forbidden
    case noAddress
    /// By its bytes, in words.
    case noPicture(found: String)
    case stopped
    case machine(reason: String)

    init(_ failure: HTTPFailure, limit: Int64, time: Duration) {
        self =
            switch failure {
            case .badRequest: .noAddress
            case .unreachable: .unreachable
            case .interrupted: .brokenOff
            case .timedOut: .tooLate(limit: time)
            case .stopped: .stopped
            case .tooLarge: .tooLarge(limit: limit)
            case .forbiddenAddress: .forbidden
            case .file(let reason): .machine(reason: reason)
            }
    }

    /// As the end of a sentence that begins with the address.
    var words: String {
        switch self {
        case .status(let status): "answered with status \(status)"
        case .unreachable: "cannot be reached: there is no such host, or it takes no connection"
        case .brokenOff: "broke off its answer"
        case .tooLate(let limit):
            "did not answer in time: it was silent too long, or all of it took more than \(limit.inWords)"
        case .tooLarge(let limit): "is larger than the \(inWords(bytes: limit)) that are taken"
        case .tooMuch(let limit): "makes it more than the \(inWords(bytes: limit)) that are taken in all"
        case .forbidden: "leads to an address that is not a public one, where this server does not fetch from"
        case .noAddress: "is no web address"
        case .noPicture(let found): "is no picture but a \(found)"
        case .stopped, .machine: "was not fetched"
        }
    }

    /// Whether it says no more than that the thing is not there; a build can go without some things.
    var isAbsence: Bool {
        switch self {
        case .status, .tooLate: true
        case .unreachable, .brokenOff, .tooLarge, .tooMuch, .forbidden, .noAddress, .noPicture, .stopped, .machine:
            false
        }
    }

    /// Whether asking a second time can help.
    var isPassing: Bool {
        switch self {
        case .status(let status): status >= 500
        case .unreachable, .brokenOff: true
        case .tooLate, .tooLarge, .tooMuch, .forbidden, .noAddress, .noPicture, .stopped, .machine: false
        }
    }
}

extension FailureWords {
    static let checkFailed = Failure(
        kind: .infrastructure,
        message: "What was fetched for the build could not be checked on this server. Its operator can see why.")

    static func notFetched(_ shown: String, _ refusal: FetchRefusal) -> Failure {
        Failure(kind: .input, message: "\(shown) \(refusal.words).")
    }

    static func tooManyPictures(_ count: Int, limit: Int) -> Failure {
        Failure(
            kind: .input,
            message: "The data names \(count) pictures at web addresses; at most \(limit) are fetched for a build.")
    }

    /// What the recipe's check found in what was fetched, the first of it in the sentence and all in the context.
    static func unusable(_ findings: CheckFindings) -> Failure {
        let lines = findings.problems.map(\.line)
        let others = lines.count - 1 + findings.problemsLeftOut
        let more = others > 0 ? " (and \(others) more)" : ""
        return Failure(
            kind: .input, message: "The data cannot be used\(more): \(lines.first ?? "")",
            context: lines.count > 1 ? lines.joined(separator: "\n") : nil)
    }
}

extension CheckFindings.Problem {
    /// One line of plain text.
    var line: String {
        [place.map { "\($0):" }, message, mend].compactMap(\.self).joined(separator: " ")
    }
}
