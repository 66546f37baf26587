import Glibc

/// Why a file could not be handled.
package enum FileFault: Error, Hashable, Sendable, CustomStringConvertible {
    case system(call: String, path: String, number: Int32)
    /// A link, a folder, a device: what a run leaves as its result has to be a plain file.
    case notAFile(path: String)
    case tooLarge(path: String, limit: Int64)

    package var description: String {
        switch self {
        case .system(let call, let path, let number): "\(call) \(path): error \(number) (\(Self.words(number)))"
        case .notAFile(let path): "\(path) is not a plain file"
        case .tooLarge(let path, let limit): "\(path) is larger than \(limit) bytes"
        }
    }

    /// The reason in errno, right after the call.
    static func last(_ call: String, _ path: String) -> FileFault {
        .system(call: call, path: path, number: errno)
    }

    private static func words(_ number: Int32) -> String {
        switch number {
        case ENOENT: "no such file"
        case EACCES, EPERM: "not allowed"
        case ENOSPC: "disk full"
        case EEXIST: "exists already"
        case EROFS: "read-only"
        default: "errno"
        }
    }
}
