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
        let text = Array(text.utf8)
        bytes.reserveCapacity(text.count)
        var place = 0
        while place < text.count, bytes.count < limit {
            let end = text[place...].place(of: UInt8(ascii: "\n")) ?? text.count
            take(text[place..<end], isMarked)
            lines += 1
            place = end + 1
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, _ isMarked: Bool) {
        guard isMarked else {
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
            return
        }
        guard let mark = line.first else { return }
        let text = line.dropFirst()
        if mark == UInt8(ascii: "h") {
            guard Self.keptHeaders.contains(where: { text.starts(with: $0) }), !text.elementsEqual(Self.goodEnd) else {
                return
            }
        }
        bytes += text
        bytes.append(UInt8(ascii: "\n"))
    }
}
