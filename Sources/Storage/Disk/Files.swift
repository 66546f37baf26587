import Glibc

/// The few calls on files that the stores need, with our errors. All of them block.
enum Files {
    /// An open file; closed with its owner. Closing tells nothing that `sync` has not told before.
    struct Handle: ~Copyable {
        private let descriptor: CInt
        private let path: String

        fileprivate init(descriptor: CInt, path: String) {
            self.descriptor = descriptor
            self.path = path
        }

        deinit {
            Glibc.close(descriptor)
        }

        func size() throws(StorageError) -> Int64 {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { throw Files.failure(at: path) }
            return Int64(status.st_size)
        }

        func sync() throws(StorageError) {
            guard fsync(descriptor) == 0 else { throw Files.failure(at: path) }
        }

        /// Up to `length` bytes; fewer only at the end of the file.
        func read(from offset: Int64, length: Int) throws(StorageError) -> [UInt8] {
            var failed = false
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                while count < length {
                    // In bounds, because count < length, the buffer's capacity.
                    let start = unsafe buffer.baseAddress.map { unsafe $0 + count }
                    let got = unsafe pread(descriptor, start, length - count, off_t(offset) + off_t(count))
                    if got < 0, errno == EINTR { continue }
                    failed = got < 0
                    guard got > 0 else { return }
                    count += got
                }
            }
            if failed { throw Files.failure(at: path) }
            return bytes
        }

        func write(_ bytes: ArraySlice<UInt8>, at offset: Int64) throws(StorageError) {
            var written = 0
            while written < bytes.count {
                let rest = bytes.dropFirst(written)
                let count = unsafe rest.withUnsafeBytes {
                    unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset) + off_t(written))
                }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Files.failure(at: path) }
                written += count
            }
        }
    }

    static func open(_ path: String, _ flags: CInt) throws(StorageError) -> Handle {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(at: path) }
        return Handle(descriptor: descriptor, path: path)
    }

    /// `nil` if there is no such file.
    static func openIfPresent(_ path: String, _ flags: CInt) throws(StorageError) -> Handle? {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw failure(at: path) }
        return Handle(descriptor: descriptor, path: path)
    }

    /// Replaces what is at `new`; both must be on one file system.
    /// - Returns: whether it was done; `false` if they are on two.
    static func move(_ old: String, to new: String) throws(StorageError) -> Bool {
        if unsafe rename(old, new) == 0 { return true }
        guard errno == EXDEV else { throw failure(at: old) }
        return false
    }

    /// Gives a file a second name, where nothing is yet.
    /// - Returns: whether it was done; `false` where the file system cannot.
    static func link(_ path: String, to new: String) throws(StorageError) -> Bool {
        if unsafe linkat(AT_FDCWD, path, AT_FDCWD, new, 0) == 0 { return true }
        guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) else { throw failure(at: path) }
        return false
    }

    /// None there is no error.
    static func removeFile(_ path: String) throws(StorageError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure(at: path) }
    }

    /// Removes a folder and the files directly in it; none there is no error.
    static func removeFolder(_ path: String) throws(StorageError) {
        for name in try names(in: path) { try removeFile("\(path)/\(name)") }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw failure(at: path) }
    }

    /// The names in a folder, sorted; none if there is no such folder.
    static func names(in path: String) throws(StorageError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw failure(at: path)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            // The name ends with a zero within the entry, readdir's promise.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a folder and those above it, for this user only.
    static func makeDirectories(_ path: String) throws(StorageError) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        let above = parent(of: path)
        guard errno == ENOENT, above != path else { throw failure(at: path) }
        try makeDirectories(above)
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure(at: path) }
        try syncDirectory(above)
    }

    /// Makes names that were made or changed in a folder durable.
    static func syncDirectory(_ path: String) throws(StorageError) {
        try open(path, O_RDONLY | O_DIRECTORY).sync()
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What `errno` says; `detail` names the file, never its contents.
    fileprivate static func failure(at path: String) -> StorageError {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .unavailable(reason: .diskFull)
        case EROFS, EACCES, EPERM: .unavailable(reason: .readOnly)
        case ENOENT: .missingObject(key: path)
        case let code: .unavailable(reason: .other(code: Int(code)))
        }
    }
}
