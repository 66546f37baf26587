import Crypto
import Foundation
import Glibc

/// Whether there is memory to open keys in.
package enum PrivateMemory {
    /// What is wrong with it; `nil`: nothing.
    package static var fault: String? {
        unsafe access("/dev/shm", W_OK | X_OK) == 0 ? nil : "/dev/shm cannot be written to"
    }
}

/// A folder in memory for keys on their way to a tool: what lies in it never reaches a disk, and only Kiln's user gets in.
///
/// Its owner removes it; what a crash leaves goes with `sweep`, and with the machine. All calls block.
struct PrivateFolder: Sendable {
    let path: String

    /// Where this Kiln's folders are, told apart from those of others by the folder of its data.
    struct Place: Hashable, Sendable {
        var root: String
        var prefix: String

        init(data: String, root: String = "/dev/shm") {
            self.root = root
            let mark = SHA256.hash(data: Array(data.utf8)).prefix(6).map { String(format: "%02x", $0) }.joined()
            prefix = "kiln-keys-\(mark)-"
        }
    }

    init(in place: Place) throws(FileFault) {
        path = "\(place.root)/\(place.prefix)\(UUID().uuidString)"
        guard unsafe mkdir(path, 0o700) == 0 else { throw FileFault.last("mkdir", path) }
    }

    /// Writes a file that the user of a sandboxed run can read through its bind; the folder keeps all others out.
    func write(_ bytes: [UInt8], as name: String) throws(FileFault) {
        try FileWork.write(bytes, to: "\(path)/\(name)", mode: 0o644)
        // Whatever the umask.
        if unsafe chmod("\(path)/\(name)", 0o644) != 0 { throw FileFault.last("chmod", name) }
    }

    func remove() {
        // The memory it may keep is small, and the next sweep finds it.
        try? FolderWork.remove(path)
    }

    /// Removes what earlier processes left here. Only for the one that serves from the data folder, at its start.
    static func sweep(_ place: Place) {
        for name in (try? FolderWork.names(in: place.root)) ?? [] where name.hasPrefix(place.prefix) {
            try? FolderWork.remove("\(place.root)/\(name)")
        }
    }
}
