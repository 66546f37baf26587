import ArgumentParser
import BuildRunner
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The password of a key that leaves or comes in: typed where nobody sees it, or from a file; never an argument, which every
/// user of the machine can read.
enum KeyPassword {
    /// - Parameter twice: for a password that is made now, so that a slip does not lock the key.
    static func read(file: String?, twice: Bool) throws -> String {
        let password = try file.map(inFile) ?? typed(twice: twice)
        guard password.utf8.count >= KeyFactory.shortestPassword else {
            throw KeyDesk.failure("The password has to have \(KeyFactory.shortestPassword) characters or more.")
        }
        return password
    }

    private static func inFile(_ path: String) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw KeyDesk.failure("\(path) cannot be read.") }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(upToCount: 64 << 10), let text = String(bytes: bytes, encoding: .utf8) else {
            throw KeyDesk.failure("\(path) holds no text.")
        }
        // Its first line, as other tools take it.
        return text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
    }

    private static func typed(twice: Bool) throws -> String {
        guard isatty(0) == 1 else {
            throw KeyDesk.failure("There is no terminal to ask for the password at: give --password-file.")
        }
        let first = try ask("Password of the key file: ")
        if twice, try ask("The same again: ") != first { throw KeyDesk.failure("The two are not the same.") }
        return first
    }

    private static func ask(_ words: String) throws -> String {
        FileHandle.standardError.write(Data(words.utf8))
        var before = termios()
        guard unsafe tcgetattr(0, &before) == 0 else { throw KeyDesk.failure("The terminal cannot be used.") }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(0, TCSAFLUSH, &quiet) == 0 else { throw KeyDesk.failure("The terminal cannot be used.") }
        let line = readLine()
        unsafe _ = tcsetattr(0, TCSAFLUSH, &before)
        FileHandle.standardError.write(Data("\n".utf8))
        guard let line else { throw KeyDesk.failure("No password was given.") }
        return line
    }
}
