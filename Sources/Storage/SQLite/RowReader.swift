import Domain
import GRDB

/// Reads a row's columns in the order in which they were asked for. A column of another type, or an empty one where
/// there must be something, is a broken row and not a crash.
struct RowReader {
    private let row: Row
    private var column = 0

    init(_ row: Row) {
        self.row = row
    }

    private mutating func next() -> DatabaseValue {
        defer { column += 1 }
        return row[column]
    }

    private func broken(_ wanted: String) -> StorageError {
        .corrupt(detail: "column \(column) is not \(wanted)")
    }

    mutating func textOrNil() throws(StorageError) -> String? {
        switch next().storage {
        case .string(let text): text
        case .null: nil
        case .int64, .double, .blob: throw broken("text")
        }
    }

    mutating func text() throws(StorageError) -> String {
        guard let text = try textOrNil() else { throw broken("text") }
        return text
    }

    mutating func integerOrNil() throws(StorageError) -> Int64? {
        switch next().storage {
        case .int64(let number): number
        case .null: nil
        case .string, .double, .blob: throw broken("an integer")
        }
    }

    mutating func integer() throws(StorageError) -> Int64 {
        guard let number = try integerOrNil() else { throw broken("an integer") }
        return number
    }

    mutating func bytes() throws(StorageError) -> [UInt8] {
        guard case .blob(let data) = next().storage else { throw broken("bytes") }
        return [UInt8](data)
    }

    mutating func moment() throws(StorageError) -> Timestamp {
        Timestamp(milliseconds: try integer())
    }

    mutating func momentOrNil() throws(StorageError) -> Timestamp? {
        try integerOrNil().map(Timestamp.init(milliseconds:))
    }

    mutating func language() throws(StorageError) -> LanguageTag {
        guard let language = LanguageTag(try text()) else { throw broken("a language") }
        return language
    }

    mutating func name<Name: RawRepresentable<String>>(_ type: Name.Type) throws(StorageError) -> Name {
        guard let name = Name(rawValue: try text()) else { throw broken("a known \(type)") }
        return name
    }

    mutating func nameOrNil<Name: RawRepresentable<String>>(_ type: Name.Type) throws(StorageError) -> Name? {
        guard let text = try textOrNil() else { return nil }
        guard let name = Name(rawValue: text) else { throw broken("a known \(type)") }
        return name
    }
}

extension Database {
    /// Runs a statement that is kept prepared; returns how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }

    func rows<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ read: (inout RowReader) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        let cursor = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: arguments)
        while let row = try cursor.next() {
            var reader = RowReader(row)
            values.append(try read(&reader))
        }
        return values
    }

    func firstRow<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ read: (inout RowReader) throws -> Value
    ) throws -> Value? {
        let cursor = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: arguments)
        guard let row = try cursor.next() else { return nil }
        var reader = RowReader(row)
        return try read(&reader)
    }

    /// A count, or another integer that is always there.
    func integer(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int64 {
        try firstRow(sql, arguments) { try $0.integer() } ?? 0
    }
}
