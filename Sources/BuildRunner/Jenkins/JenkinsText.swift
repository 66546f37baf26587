import Domain

/// How texts are written into what is sent to Jenkins, so that each stays one value (P5).
enum JenkinsText {
    /// `folder/image` as `/job/folder/job/image`; `nil` for names that no job can have.
    static func path(ofJob name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy(isSegment) else { return nil }
        return parts.map { "/job/\($0.percentEncoded)" }.joined()
    }

    /// A file's path below a build's artifacts; `nil` for one that leads elsewhere.
    static func path(ofArtifact relative: String) -> String? {
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy(isSegment) else { return nil }
        return parts.map { $0.percentEncoded }.joined(separator: "/")
    }

    private static func isSegment(_ text: Substring) -> Bool { !text.isEmpty && text != "." && text != ".." }
}
