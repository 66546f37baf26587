/// One thing that is wrong with a submission: which field, what, and how to mend it. The code is for programs and never
/// changes its meaning; the wording is made from it where the visitor's page is made.
package struct FieldFault: Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        case missing
        /// The form has no such field.
        case unknownField(suggestion: String?)
        /// Given more than once.
        case repeated
        case tooShort(minimum: Int, actual: Int)
        case tooLong(maximum: Int, actual: Int)
        case patternMismatch(hint: String?)
        /// Control characters, bidirectional overrides, line breaks where one line is wanted.
        case forbiddenCharacters
        case notAnAddress
        case notAWebAddress
        case notANumber
        /// A fraction where a whole number is wanted.
        case notWhole
        case outOfRange(minimum: Double?, maximum: Double?)
        case notAChoice(allowed: [String])
        /// Those of several choices that are not on offer, cut to a length that can be shown.
        case unknownChoices([String], allowed: [String])
        case notAToggle
        /// A file where text is wanted, or text where a file is wanted.
        case wrongPart(wantsFile: Bool)
        case fileTooLarge(maximum: Int64)
        case emptyFile
        /// Sniffed kind (readable) against the accepted kinds (readable).
        case wrongKind(found: String, accepted: [String])
        case pictureTooLarge(width: Int, height: Int, maximumPixels: Int64)
        case pictureTooSmall(width: Int, height: Int, minimumWidth: Int, minimumHeight: Int)
        case pictureAnimated(frames: Int)
        case pictureDamaged(reason: String)
        /// What is wrong with which entry; `entry` is already safe to show.
        case archiveRefused(problem: String, entry: String?)
        /// The recipe's own check found it: where inside the value, what, and how to mend it, each safe to show.
        case refusedByCheck(place: String?, problem: String, mend: String?)
    }

    /// The field as named by the submission; a field that the form does not have is possible here.
    package var field: String
    package var code: Code

    package init(field: String, code: Code) {
        self.field = field
        self.code = code
    }
}
