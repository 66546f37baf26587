/// Why a picture was not taken or not made. The first cases are the sender's to mend, the others the operator's.
package enum PictureError: Error, Sendable, Hashable {
    /// The bytes are of a kind that is no picture for Kiln, as MIME type.
    case unsupportedKind(String)
    case tooManyPixels(width: Int, height: Int, limit: Int)
    case tooSmall(width: Int, height: Int, leastWidth: Int, leastHeight: Int)
    case tooManyFrames(limit: Int)
    /// A drawing (SVG) of too many bytes.
    case tooManyBytes(limit: Int)
    /// The file ends before the picture does.
    case truncated
    /// The bytes break their format's rules; the reason is short, printable and without paths.
    case notDecodable(reason: String)
    /// A decoder needed more time or memory than it gets: for visitors, the picture is too complicated.
    case timedOut
    case outOfMemory
    case cancelled
    /// So many pictures wait that this one would wait for too long.
    case busy
    case toolMissing(name: String, package: String)
    /// The sandbox did not start.
    case sandboxRefused(reason: String)
    case io(operation: String, errno: Int32)

    /// Whether another picture would do, in contrast to a repaired machine.
    package var isTheSenders: Bool {
        switch self {
        case .unsupportedKind, .tooManyPixels, .tooSmall, .tooManyFrames, .tooManyBytes, .truncated, .notDecodable,
            .timedOut, .outOfMemory:
            true
        case .cancelled, .busy, .toolMissing, .sandboxRefused, .io: false
        }
    }

    /// One sentence: what is wrong, and what would be right.
    package var message: String {
        switch self {
        case .unsupportedKind(let type): "This is a \(type) file. Use a PNG, JPEG, WebP, GIF or SVG picture."
        case .tooManyPixels(let width, let height, let limit):
            "The picture is too large: \(width) x \(height) pixels. At most \(limit / 1_000_000) million pixels are allowed."
        case .tooSmall(let width, let height, let leastWidth, let leastHeight):
            "The picture is too small: \(width) x \(height) pixels. It needs at least \(leastWidth) x \(leastHeight)."
        case .tooManyFrames(let limit): "The picture is an animation of more than \(limit) frames."
        case .tooManyBytes(let limit): "The drawing is larger than \(limit >> 10) KiB."
        case .truncated: "The picture is cut off. Upload it again, or save it anew."
        case .notDecodable(let reason): "The picture is damaged (\(reason)). Save it anew with a picture program."
        case .timedOut, .outOfMemory: "The picture is too complicated to be read within the limits."
        case .cancelled: "The work on the picture was stopped."
        case .busy: "Too many pictures are waiting to be read."
        case .toolMissing(let name, let package): "The program \(name) is missing (package \(package))."
        case .sandboxRefused(let reason): "The sandbox did not start: \(reason)"
        case .io(let operation, let errno): "The system failed to \(operation) (error \(errno))."
        }
    }
}
