import Domain

/// What requesters read of runs at a forge.
enum ForgeWords {
    static let goesOn = Failure(
        kind: .infrastructure,
        message: "The build system cannot be told to end this build. It goes on there and is ignored here.")
    static let nothingRan = Failure(
        kind: .infrastructure, message: "The build system left out all of the build's jobs. Its operator can see why.")
    static let waitsForPerson = Failure(
        kind: .infrastructure,
        message: "The build waits for a person to go on with it at the build system, so that it was ended.")
    static let wrongJobFile = Failure(
        kind: .infrastructure, message: "The build system cannot read its job file. The operator of it can see why.")

    static func failed(job name: String?) -> Failure {
        Failure(
            kind: .build,
            message: name.map { "The build failed in its job `\(shown($0))`." } ?? "The build failed.")
    }

    static func tooLong(job name: String) -> Failure {
        Failure(
            kind: .timeout, message: "The build's job `\(shown(name))` took longer than the build system allows.")
    }

    static func broke(job name: String) -> Failure {
        Failure(
            kind: .infrastructure,
            message:
                "The build system could not run the build's job `\(shown(name))`. Nothing is wrong with what you sent.")
    }

    static func badArchive(_ words: String) -> Failure {
        Failure(kind: .build, message: "The build left an archive that cannot be used. \(words)")
    }

    /// A job's name between backticks.
    private static func shown(_ name: String) -> String { name.shownLine().replacing("`", with: "") }
}
