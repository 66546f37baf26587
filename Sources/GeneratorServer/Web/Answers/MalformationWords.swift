import Intake

extension IntakeError.Malformation {
    /// What is wrong with the body, for its sender.
    var words: WebError.BodyFault {
        switch self {
        case .notAForm: .multipart("The body is not multipart/form-data.")
        case .boundaryMissing: .multipart("The Content-Type names no boundary.")
        case .boundaryInvalid: .multipart("The boundary in the Content-Type is none (RFC 2046, 5.1.1).")
        case .boundaryNotFound: .multipart("The boundary that the Content-Type names does not stand in the body.")
        case .truncated: .multipart("The body ended before the form did.")
        case .headerInvalid: .multipart("The header of a part cannot be read.")
        case .dispositionMissing: .multipart("A part has no Content-Disposition.")
        case .dispositionInvalid: .multipart("The Content-Disposition of a part cannot be read.")
        case .nameMissing: .multipart("A part has no name.")
        case .nameNotText: .multipart("The name of a part is not UTF-8.")
        case .nestedForm: .multipart("A part is itself a multipart body.")
        case .transferEncoding: .multipart("A part has a Content-Transfer-Encoding, which forms do not use.")
        case .trailingBytes: .multipart("More follows after the end of the form.")
        case .json: .json("The body is no JSON object with the fields as its members.")
        case .urlEncoding: .multipart("The body is not properly URL-encoded.")
        }
    }
}
