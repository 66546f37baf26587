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
