import Glibc

/// Lines of a Buildbot log as plain text.
///
/// In a step's output each line is marked by its first letter: `o` and `e` are what the command wrote, `h` is Buildbot's
/// own. Of these only the ends of commands are kept: the others repeat the command with its arguments and, unless the
/// master is told not to, the whole environment, secrets and links included (P7).
struct BuildbotLogText {
    private(set) var bytes: [UInt8] = []
    private(set) var lines = 0

    private static let keptHeaders = [
        "program finished with exit code ", "command timed out: ", "command interrupted", "process killed by signal ",
        "remoteFailed: ",
    ].map { Array($0.utf8) }
    private static let goodEnd = Array("program finished with exit code 0".utf8)

    /// - Parameters:
    ///   - text: whole lines.
    ///   - limit: no further line is taken once there are so many bytes.
    init(_ text: String, isMarked: Bool, limit: Int64 = .max) {
        var text = text
        bytes.reserveCapacity(text.utf8.count)
        text.withUTF8 { buffer in
            var place = 0
            while place < buffer.count, bytes.count < limit {
                let rest = unsafe UnsafeBufferPointer(rebasing: buffer[place...])
                let end = unsafe Self.lineEnd(rest)
                unsafe take(UnsafeBufferPointer(rebasing: rest[..<end]), isMarked)
                lines += 1
                place += end + 1
            }
        }
    }

    private static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = bytes.baseAddress, let found = unsafe memchr(start, Int32(UInt8(ascii: "\n")), bytes.count)
        else { return bytes.count }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ isMarked: Bool) {
        guard isMarked else {
            unsafe bytes.append(contentsOf: line)
            bytes.append(UInt8(ascii: "\n"))
            return
        }
        guard let mark = unsafe line.first else { return }
        let text = unsafe UnsafeBufferPointer(rebasing: line.dropFirst())
        if mark == UInt8(ascii: "h") {
            guard Self.keptHeaders.contains(where: { unsafe text.starts(with: $0) }),
                unsafe !text.elementsEqual(Self.goodEnd)
            else { return }
        }
        unsafe bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\n"))
    }
}
