package import Domain

/// What one submission may bring, from what its form can take.
package struct IntakeLimits: Hashable, Sendable {
    /// Of the whole body, in bytes.
    package var body: Int64
    /// Of all texts together, in bytes.
    package var text: Int
    package var parts: Int
    /// How much of a body is still read, to be able to name all its faults, after a file was found to be of a wrong kind.
    package var drainAfterWrongKind: Int64 = 8 << 20
    /// The same after a file was found too large: little, so that the no comes early.
    package var drainAfterTooLarge: Int64 = 1 << 20

    /// - Parameter largestBody: the operator's own bound, in bytes.
    package init(fields: [Field], largestBody: Int64 = .max) {
        var text = 256 << 10
        var files: Int64 = 0
        var choices = 0
        for field in fields {
            switch field.kind {
            // Characters of up to 16 bytes are within the bound; longer ones are rare enough to share the rest.
            case .text(let rule): text += min(rule.maxLength, 1 << 18) * 16
            case .image(let rule, _), .archive(let rule, _), .file(let rule):
                files += min(max(0, rule.maxBytes), 1 << 50)
            case .multichoice(let offered, _): choices += offered.count
            case .email, .url, .number, .choice, .toggle: break
            }
        }
        self.text = min(text, 4 << 20)
        parts = 64 + 2 * fields.count + choices
        body = min(files + Int64(self.text) + (1 << 20), largestBody)
    }
}
