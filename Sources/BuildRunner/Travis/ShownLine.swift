import Domain

extension String {
    /// What a CI says of itself, as one short line: nothing in it breaks a line or turns its direction.
    func shownLine(limit: Int = 80) -> String {
        String(
            String.UnicodeScalarView(unicodeScalars.prefix(limit).filter { !$0.properties.generalCategory.isUnseen }))
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isUnseen: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}

extension RemoteFault {
    /// For the operator.
    var operatorWords: String {
        switch self {
        case .refused(let failure): failure.message
        case .refusedUntil(_, let reason), .unknown(let reason), .missing(let reason): reason
        }
    }
}
