import Domain

/// Why a report or a file of a run is not taken.
enum CallbackRefusal: Hashable, Sendable {
    /// More requests in a second than a run needs.
    case tooMany
    case bodyTooLarge(limit: Int)
    case logTooLong(limit: Int64)
    /// Bytes before these are missing; there are so many.
    case gap(size: Int64)
    case badRange
    case badDigest
    case wrongDigest
    /// No rule of the recipe wants a file of this name.
    case unwantedFile(wanted: [String])
    case fileTooLarge(limit: Int64)
    case tooManyFiles
    case emptyFile
    /// Another file of this name is there, whole.
    case differentFile

    var words: ErrorWords {
        switch self {
        case .tooMany:
            ErrorWords(
                429, "too_many_reports", "Too many reports",
                "A run may send \(CallbackRate.mostPerSecond) requests in a second.",
                mend: "Wait a second; send lines of the log together.", retryAfter: .seconds(1))
        case .bodyTooLarge(let limit):
            ErrorWords(
                413, "too_large", "Too large", "A report may have \(Int64(limit).sizeText).",
                mend: "Send the log in smaller pieces.")
        case .logTooLong(let limit):
            ErrorWords(
                413, "log_too_long", "The log is too long", "A log of up to \(limit.sizeText) is taken.",
                mend: "Send no more of it; everything else can still be reported.")
        case .gap(let size):
            ErrorWords(
                409, "gap", "Bytes are missing", "There are \(size) bytes; what was sent begins after them.",
                mend: "Go on at the offset that the header Upload-Offset says.")
        case .badRange:
            ErrorWords(
                400, "bad_range", "The range cannot be read",
                "The Content-Range is none of the form `bytes first-last/size`, or does not fit the body.",
                mend:
                    "Send Content-Range: bytes 0-99/1000 for the first 100 of 1000 bytes, or none with the whole file.")
        case .badDigest:
            ErrorWords(
                400, "bad_digest", "The digest cannot be read",
                "The Repr-Digest holds no SHA-256 of the form `sha-256=:<base 64>:` (RFC 9530).",
                mend: "Leave it out, or write it so.")
        case .wrongDigest:
            ErrorWords(
                422, "wrong_digest", "Not the bytes that were meant",
                "What has arrived has another SHA-256 than was said; it was thrown away.", mend: "Send the file again.")
        case .unwantedFile(let wanted):
            ErrorWords(
                422, "unwanted_file", "No such file is wanted",
                "The recipe wants files named \(wanted.map { "`\($0)`" }.joined(separator: ", ")).",
                mend: "Give the file such a name, or mend the recipe's artifacts.")
        case .fileTooLarge(let limit):
            ErrorWords(
                413, "file_too_large", "The file is too large", "The recipe allows \(limit.sizeText) for it.",
                mend: "Make it smaller, or mend the recipe's artifacts.")
        case .tooManyFiles:
            ErrorWords(422, "too_many_files", "Too many files", "A build has no room for more files.")
        case .emptyFile: ErrorWords(422, "empty_file", "The file is empty", "A file without bytes is no artifact.")
        case .differentFile:
            ErrorWords(
                409, "different_file", "Already there",
                "Another file of this name was sent before, whole; the first one counts.",
                mend: "Give the new file another name.")
        }
    }
}
