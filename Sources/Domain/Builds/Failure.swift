/// Why a build ended without artifacts, and whose fault it is.
package struct Failure: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// What was asked for cannot be built.
        case input
        /// The run failed.
        case build
        /// The CI, the network or this machine; tried again before it is reported.
        case infrastructure
        /// A limit on time ran out.
        case timeout
    }

    package var kind: Kind
    /// One sentence for the requester; plain text, one line.
    package var message: String
    /// The first real error line of the log, redacted; `nil` if none was found.
    package var errorLine: String?
    /// The lines of the log around that line, redacted, with line feeds between them; at most `longestContext`
    /// Unicode scalars. `nil` if there are none.
    package private(set) var context: String?

    /// What a row takes: enough for a page and a mail, little enough to be read with every build.
    package static let longestContext = 4000

    /// A longer `context` is cut at its end.
    package init(kind: Kind, message: String, errorLine: String? = nil, context: String? = nil) {
        self.kind = kind
        self.message = message
        self.errorLine = errorLine
        self.context = context.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(Self.longestContext))) }
    }
}
