import Domain

/// What requesters read when something went wrong: plain sentences, whose fault it is, no names of machines or files.
enum FailureWords {
    static let notPrepared = Failure(
        kind: .infrastructure,
        message: "This recipe is not set up completely on this server. Its operator has to run `kiln prepare`.")
    static let notStartable = Failure(
        kind: .infrastructure, message: "The build could not be started. The operator of this server can see why.")
    static let runGone = Failure(kind: .infrastructure, message: "The build system no longer knows this build.")
    static let unusableFile = Failure(
        kind: .build, message: "The build left a file that cannot be used: a link, or one that is too large.")
    static let forbiddenPlace = Failure(
        kind: .infrastructure,
        message: "The build's file lies where this server does not fetch from. Its operator can see why.")
    static let recipeGone = Failure(
        kind: .infrastructure, message: "This recipe is no longer installed on this server.")
    static let cancelledAtProvider = Failure(
        kind: .build, message: "The build was cancelled at the build system, not here.")
    static let verificationLost = Failure(
        kind: .infrastructure, message: "Trying out the result was interrupted on this server.")

    static func providerGone(_ name: String) -> Failure {
        Failure(kind: .infrastructure, message: "The build system `\(name)` is not connected to this server.")
    }

    static func neverStarted(after span: Duration) -> Failure {
        Failure(
            kind: .infrastructure,
            message:
                "The build system did not take the build within \(span.inWords). Nothing is wrong with what you sent.")
    }

    static let lost = Failure(
        kind: .infrastructure,
        message: "The build was interrupted on the machine that ran it. Nothing is wrong with what you sent.")
    static let stuck = Failure(
        kind: .infrastructure,
        message:
            "This server could not finish the build. Nothing is wrong with what you sent; its operator can see why.")
    static let silent = Failure(
        kind: .infrastructure,
        message: "The build system stopped answering. Nothing is wrong with what you sent.")

    static func tooLong(_ limit: Duration) -> Failure {
        Failure(kind: .timeout, message: "The build took longer than its limit of \(limit.inWords).")
    }

    static func noArtifact(_ pattern: String) -> Failure {
        Failure(kind: .build, message: "The build ended without an error, but made no file that matches `\(pattern)`.")
    }

    static func badName(_ name: String) -> Failure {
        Failure(kind: .build, message: "The build made a file whose name cannot be used: `\(name)`.")
    }

    static func tooLarge(_ name: String, _ bytes: Int64, limit: Int64) -> Failure {
        Failure(
            kind: .build,
            message:
                "The build made `\(name)` with \(inWords(bytes: bytes)); at most \(inWords(bytes: limit)) are allowed.")
    }

    static func wrongKind(_ name: String, is found: String, not expected: String) -> Failure {
        Failure(kind: .build, message: "The build made `\(name)` as \(found); it has to be \(expected).")
    }

    static func tooMany(_ limit: Int) -> Failure {
        Failure(kind: .build, message: "The build made more than \(limit) files.")
    }

    static let notSigned = Failure(
        kind: .infrastructure,
        message: "It was made, but this server could not sign it. Nothing is wrong with what you sent.")

    static func noPackage(_ name: String) -> Failure {
        Failure(kind: .build, message: "The build made `\(name)`, which is no Android app: it names no package.")
    }

    static func brokenPackage(_ name: String, _ detail: String) -> Failure {
        Failure(kind: .build, message: "The build made `\(name)`, which is no usable Android app: \(detail).")
    }

    static func signed(_ name: String) -> Failure {
        Failure(
            kind: .build,
            message: "The build made `\(name)` signed already; this server signs it, and nobody else.")
    }

    static func foreignPackage(_ name: String, _ package: String, _ allowed: String) -> Failure {
        Failure(
            kind: .build,
            message: "The build made `\(name)` as `\(package)`; this recipe signs only `\(allowed)`.")
    }

    static func notVerified(_ detail: String) -> Failure {
        Failure(kind: .build, message: "The result was made but did not pass its test: \(detail).")
    }

    static func providerDown(_ name: String) -> Failure {
        Failure(
            kind: .infrastructure,
            message: "\(ProviderWords.name(name)) does not answer. Nothing is wrong with what you sent.")
    }

    /// - Parameter link: without its query, which may hold what is not the requester's to see.
    static func nothingPublished(at link: String) -> Failure {
        Failure(kind: .build, message: "The build ended without an error, but published nothing at \(link).")
    }
}
