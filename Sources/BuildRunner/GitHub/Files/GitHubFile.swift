/// A file that a run left, and where it is to be had.
struct GitHubFile: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        /// In the archive of an artifact, which lies here.
        case entry(String, inArchive: String)
        /// An asset of a release.
        case asset(Int64)
    }

    var name: String
    var bytes: Int64
    var place: Place

    /// Files of several archives in one list, by their last names. Where two would have the same one, all of those are
    /// named by their whole paths, and by their artifacts.
    static func list(_ archives: [(artifact: String, path: String, entries: [(name: String, bytes: Int64)])])
        -> [GitHubFile]
    {
        let all = archives.flatMap { archive in archive.entries.map { (archive, $0) } }
        var uses: [String: Int] = [:]
        for (_, entry) in all { uses[last(entry.name), default: 0] += 1 }
        return all.map { archive, entry in
            let short = last(entry.name)
            let name =
                uses[short] == 1 ? short : "\(archive.artifact)-\(entry.name)".replacing("/", with: "-")
            return GitHubFile(name: name, bytes: entry.bytes, place: .entry(entry.name, inArchive: archive.path))
        }
    }

    private static func last(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
