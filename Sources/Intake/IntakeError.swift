package import Domain
import Glibc

/// Why a request could not be taken in at all; what is wrong with single fields is a `FieldFault` instead.
package enum IntakeError: Error, Hashable, Sendable {
    /// What was sent is not what it claims to be.
    case malformed(Malformation)
    /// The body is, or says it is, larger than the form can ever be. In bytes.
    case bodyTooLarge(limit: Int64)
    case tooManyParts(limit: Int)
    /// One text, or all of them together, in bytes.
    case fieldTooLarge(limit: Int)
    /// The header lines of one part, in bytes.
    case headersTooLarge(limit: Int)
    case diskFull
    /// A guard could not do its work (no sandbox, no decoder, no time); says nothing about the file.
    case guardUnavailable(reason: String)
    /// So many files wait for a guard that this one would wait for too long.
    case guardBusy
    /// The disk failed in another way than being full; the system's error number.
    case storage(code: Int32)
    case missingUpload(UploadID)

    package enum Malformation: Hashable, Sendable, CaseIterable {
        case notAForm
        case boundaryMissing
        case boundaryInvalid
        /// The boundary of the Content-Type does not stand in the body.
        case boundaryNotFound
        /// The body ended before the form did.
        case truncated
        /// A part's header has a lone CR or LF, a control character, or a line that is no header.
        case headerInvalid
        case dispositionMissing
        case dispositionInvalid
        case nameMissing
        case nameNotText
        case nestedForm
        /// base64 and quoted-printable have been deprecated in forms for long (RFC 7578, 4.7).
        case transferEncoding
        /// More follows the end of the form than any client sends.
        case trailingBytes
        case json
        case urlEncoding
    }
}

extension IntakeError {
    /// The error for a failed system call.
    init(systemCode code: Int32) {
        self = code == ENOSPC || code == EDQUOT || code == EFBIG ? .diskFull : .storage(code: code)
    }
}
