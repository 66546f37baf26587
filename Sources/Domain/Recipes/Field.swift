/// One input of a recipe's form.
package struct Field: Hashable, Sendable {
    package var name: FieldName
    package var label: String
    package var help: String?
    /// Title of the group of fields that it stands in.
    package var group: String?
    package var isRequired: Bool
    /// Never given to the run (an address).
    package var isPrivate: Bool
    package var placeholder: String?
    package var kind: Kind

    package init(
        name: FieldName, label: String, help: String? = nil, group: String? = nil, isRequired: Bool = false,
        isPrivate: Bool = false, placeholder: String? = nil, kind: Kind
    ) {
        self.name = name
        self.label = label
        self.help = help
        self.group = group
        self.isRequired = isRequired
        self.isPrivate = isPrivate
        self.placeholder = placeholder
        self.kind = kind
    }

    package enum Kind: Hashable, Sendable {
        case text(TextRule)
        case email
        case url
        case number(NumberRule)
        case choice([Choice], default: String?)
        case toggle(default: Bool)
        case multichoice([Choice], default: [String])
        case image(FileRule, ImageRule)
        case archive(FileRule, ArchiveRule)
        case file(FileRule)
    }

    /// The file rule of a field that takes a file; `nil` of the others.
    package var fileRule: FileRule? {
        switch kind {
        case .image(let rule, _), .archive(let rule, _), .file(let rule): rule
        case .text, .email, .url, .number, .choice, .toggle, .multichoice: nil
        }
    }
}

package struct TextRule: Hashable, Sendable {
    /// In characters (extended grapheme clusters), as a person counts them.
    package var minLength: Int
    package var maxLength: Int
    /// A regular expression that the whole value must match, checked when the recipe was loaded.
    package var pattern: String?
    /// What the pattern wants, in words.
    package var patternHint: String?
    package var isMultiline: Bool
    /// Whether the form offers a colour chooser beside it; what may be typed is the pattern's to say.
    package var isColor: Bool
    package var defaultValue: String?

    package init(
        minLength: Int = 0, maxLength: Int = 200, pattern: String? = nil, patternHint: String? = nil,
        isMultiline: Bool = false, isColor: Bool = false, defaultValue: String? = nil
    ) {
        self.minLength = minLength
        self.maxLength = maxLength
        self.pattern = pattern
        self.patternHint = patternHint
        self.isMultiline = isMultiline
        self.isColor = isColor
        self.defaultValue = defaultValue
    }
}

package struct NumberRule: Hashable, Sendable {
    package var min: Double?
    package var max: Double?
    package var isInteger: Bool
    package var defaultValue: Double?

    package init(min: Double? = nil, max: Double? = nil, isInteger: Bool = false, defaultValue: Double? = nil) {
        self.min = min
        self.max = max
        self.isInteger = isInteger
        self.defaultValue = defaultValue
    }
}

package struct Choice: Hashable, Sendable {
    package var value: String
    package var label: String
    package var help: String?

    package init(value: String, label: String, help: String? = nil) {
        self.value = value
        self.label = label
        self.help = help
    }
}

package struct FileRule: Hashable, Sendable {
    /// Sniffed MIME types that are taken.
    package var accept: [String]
    package var maxBytes: Int64

    package init(accept: [String], maxBytes: Int64) {
        self.accept = accept
        self.maxBytes = maxBytes
    }
}

package struct ImageRule: Hashable, Sendable {
    package enum Fit: String, Hashable, Sendable, CaseIterable {
        /// Fills the target, what overhangs is cut off.
        case cover
        /// Lies wholly inside the target, the rest is filled.
        case contain
        /// Lies wholly inside the target and keeps its own shape.
        case inside
    }

    package enum Format: String, Hashable, Sendable, CaseIterable {
        case png, jpeg, webp
    }

    /// Width times height that the header may claim.
    package var maxPixels: Int64
    package var minWidth: Int
    package var minHeight: Int
    /// Size to re-encode to, in pixels.
    package var width: Int
    package var height: Int
    package var fit: Fit
    package var format: Format

    package init(
        maxPixels: Int64 = 50_000_000, minWidth: Int = 1, minHeight: Int = 1, width: Int, height: Int,
        fit: Fit = .cover, format: Format = .png
    ) {
        self.maxPixels = maxPixels
        self.minWidth = minWidth
        self.minHeight = minHeight
        self.width = width
        self.height = height
        self.fit = fit
        self.format = format
    }
}

package struct ArchiveRule: Hashable, Sendable {
    package var maxEntries: Int
    package var maxUnpackedBytes: Int64
    /// Names that the archive must hold.
    package var required: [String]

    package init(maxEntries: Int = 1000, maxUnpackedBytes: Int64 = 100 << 20, required: [String] = []) {
        self.maxEntries = maxEntries
        self.maxUnpackedBytes = maxUnpackedBytes
        self.required = required
    }
}
