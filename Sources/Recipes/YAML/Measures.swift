/// Sizes and spans of time as people write them.
package enum Measures {
    /// Units of size, small first.
    package static let sizeUnits: [(name: String, bytes: Int64)] = [
        ("B", 1), ("kB", 1000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20), ("GB", 1_000_000_000),
        ("GiB", 1 << 30), ("TB", 1_000_000_000_000), ("TiB", 1 << 40),
    ]

    /// Units of time, small first.
    package static let spanUnits: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// `20 MiB`, `20MiB`, or a bare number of bytes; nil for anything else.
    package static func size(_ text: String) -> Int64? {
        guard let (number, unit) = split(text) else { return nil }
        guard !unit.isEmpty else { return number }
        return sizeUnits.first { $0.name == unit }.flatMap { product(number, $0.bytes) }
    }

    /// `500ms`, `90s`, `10m`, `2h`, `7d`; nil for anything else.
    package static func span(_ text: String) -> Duration? {
        guard !text.contains(" "), let (number, unit) = split(text) else { return nil }
        return spanUnits.first { $0.name == unit }.flatMap { product(number, $0.milliseconds) }.map {
            .milliseconds($0)
        }
    }

    /// The size in its largest whole unit of 1024.
    package static func text(size: Int64) -> String {
        let whole = sizeUnits.last {
            ($0.name.contains("i") || $0.bytes == 1) && size >= $0.bytes && size % $0.bytes == 0
        }
        return whole.map { "\(size / $0.bytes) \($0.name)" } ?? "\(size) B"
    }

    /// The span in its largest whole unit.
    package static func text(span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let whole = spanUnits.last { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 }
        return whole.map { "\(milliseconds / $0.milliseconds)\($0.name)" } ?? "\(milliseconds)ms"
    }

    private static func split(_ text: String) -> (number: Int64, unit: String)? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let number = Int64(digits) else { return nil }
        var unit = text[digits.endIndex...]
        if unit.first == " " {
            unit = unit.dropFirst()
            if unit.isEmpty { return nil }
        }
        return (number, String(unit))
    }

    private static func product(_ one: Int64, _ other: Int64) -> Int64? {
        let (product, overflow) = one.multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }
}

extension YAMLNode {
    /// A size: a whole number of bytes, or text with a unit.
    package var size: Int64? { scalarText.flatMap(Measures.size) }
    /// A span of time: text with a unit.
    package var span: Duration? { scalarText.flatMap(Measures.span) }
}
