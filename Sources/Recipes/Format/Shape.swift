/// What a value of `recipe.yml` has to look like. The loader checks values against shapes, and the published JSON
/// Schema and the tables of the guide are written from the same ones.
indirect enum Shape: Sendable {
    /// Text of a bounded length (Unicode scalars), on one line unless `lines`.
    case text(ClosedRange<Int>, form: TextForm? = nil, lines: Bool = false)
    case regularExpression
    case integer(ClosedRange<Int>)
    case number
    case boolean
    /// Bytes.
    case size(ClosedRange<Int64>)
    /// Bytes, or `false` for none at all.
    case sizeOrFalse(ClosedRange<Int64>)
    case span(ClosedRange<Duration>)
    case oneOf([String])
    case list(Shape, count: ClosedRange<Int>)
    case object(ObjectShape)
    /// Short for an object of which only one key is given: the text stands for the value of that key.
    case textOrObject(ClosedRange<Int>, ObjectShape)
}

/// A pattern that text has to match, and the words for it.
struct TextForm: Sendable {
    /// For Swift's Regex and ECMAScript's alike.
    var pattern: String
    /// What it wants, as in "write ...".
    var wants: String
}

struct ObjectShape: Sendable {
    var keys: [Key]
    /// The key whose value says which of the other keys there are (`type` of a field).
    var selector: String?

    init(_ keys: [Key], selector: String? = nil) {
        self.keys = keys
        self.selector = selector
    }

    /// The keys of that name; more than one if its shape depends on the selector.
    func keys(named name: String) -> [Key] {
        keys.filter { $0.name == name }
    }

    /// The key of that name for an object whose selector says `selection`.
    func key(_ name: String, for selection: String?) -> Key? {
        keys.first { $0.name == name && ($0.only.isEmpty || $0.only.contains(selection ?? "")) }
    }
}

struct Key: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool
    /// What is taken when the key is not there, as it would be written.
    var defaultText: String?
    /// The values of the selector for which this key exists; empty: all.
    var only: [String]
    /// One sentence for editors and for the guide.
    var note: String

    init(
        _ name: String, _ shape: Shape, required: Bool = false, default defaultText: String? = nil,
        only: [String] = [], _ note: String
    ) {
        self.name = name
        self.shape = shape
        self.isRequired = required
        self.defaultText = defaultText
        self.only = only
        self.note = note
    }
}
