/// Reads the values of an object that was checked against its shape; where a key is not there, the default of the table
/// is read, so that it is written down once.
struct ObjectReader {
    /// The table and what was let through do not agree; found by tests, not by operators.
    struct Gap: Error {
        var key: String
    }

    private let node: YAMLNode?
    private let shape: ObjectShape
    private let selection: String?

    init(_ node: YAMLNode?, _ shape: ObjectShape) {
        self.node = node
        self.shape = shape
        selection = shape.selector.flatMap { node?[$0]?.string }
    }

    func optional<Value>(_ key: String, _ read: (YAMLNode) -> Value?) throws(Gap) -> Value? {
        guard let value = value(of: key) else { return nil }
        guard let read = read(value) else { throw Gap(key: key) }
        return read
    }

    func required<Value>(_ key: String, _ read: (YAMLNode) -> Value?) throws(Gap) -> Value {
        guard let value = try optional(key, read) else { throw Gap(key: key) }
        return value
    }

    func text(_ key: String) throws(Gap) -> String { try required(key, \.string) }
    func flag(_ key: String) throws(Gap) -> Bool { try required(key, \.boolean) }
    func integer(_ key: String) throws(Gap) -> Int { try required(key, \.integer) }
    func size(_ key: String) throws(Gap) -> Int64 { try required(key, \.size) }
    func span(_ key: String) throws(Gap) -> Duration { try required(key, \.span) }

    func texts(_ key: String) throws(Gap) -> [String] {
        try required(key) { $0.items?.compactMap(\.string) }
    }

    func object(_ key: String, _ shape: ObjectShape) -> ObjectReader {
        ObjectReader(node?[key], shape)
    }

    func objects(_ key: String, _ shape: ObjectShape) -> [ObjectReader] {
        (value(of: key)?.items ?? []).map { ObjectReader($0, shape) }
    }

    func has(_ key: String) -> Bool { node?[key] != nil }

    private func value(of key: String) -> YAMLNode? {
        if let given = node?[key] { return given }
        guard let written = shape.key(key, for: selection)?.defaultText else { return nil }
        return YAMLReader.read(written, file: "default").root
    }
}
