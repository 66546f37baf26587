package import Domain
import GRDB

extension SQLiteStore {
    package func noteFetching(
        _ note: String, for id: BuildID, lease: LeaseToken, at now: Timestamp
    ) async throws(StorageError) {
        try await writer.write { db, hints in
            let build = try db.buildToFetchFor(id, lease: lease)
            try db.note(.fetching, note, of: id, at: now)
            hints.formUnion([.build(id), .build(build.group ?? id)])
        }
    }

    package func attach(
        _ upload: Upload, as name: FieldName, note: String, to id: BuildID, lease: LeaseToken, at now: Timestamp
    ) async throws(StorageError) -> Build {
        try await writer.write { db, hints in
            var build = try db.buildToFetchFor(id, lease: lease)
            if build.inputs[name] != nil { return build }
            build.inputs.values.append(InputValue(field: name, content: .upload(upload)))
            try db.run(
                "UPDATE builds SET inputs = ? WHERE id = ?", [try InputsCodec.encode(build.inputs), id.text])
            // Of a group all files are its lead's, and go with the last of its builds.
            try db.run(
                "INSERT INTO uploads (id, build) VALUES (?, ?)", [upload.id.text, try db.uploadKeeper(of: id).text])
            try db.note(.fetched, note, of: id, at: now)
            hints.formUnion([.build(id), .build(build.group ?? id)])
            build.sequence += 1
            return build
        }
    }
}

extension Database {
    /// The build, if it is about to be started and the claim is still good.
    fileprivate func buildToFetchFor(_ id: BuildID, lease: LeaseToken) throws -> Build {
        guard let stored = try storedBuild(id) else { throw StorageError.unknownBuild(id) }
        guard stored.lease?.token == lease, case .triggering = stored.build.state else { throw StorageError.leaseLost }
        return stored.build
    }
}
