import Domain

/// Where uploads lie: finished ones by their id, those under way in `incoming/`.
struct UploadFolders: Sendable {
    let root: String

    var incoming: String { root + "/incoming" }

    func upload(_ id: UploadID) -> String { root + "/" + id.text }
    func incoming(_ id: UploadID) -> String { incoming + "/" + id.text + ".part" }
    func replacement(_ id: UploadID) -> String { incoming + "/" + id.text + ".kept" }
}
