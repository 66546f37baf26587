/// Writes one text of a mail.
struct MailRendering {
    /// Partials by name.
    private let templates: [String: MailTemplate]
    /// Words by key, in the form that goes with the mail's numbers.
    private let word: (_ key: String) -> MailTemplate?
    private var stack: [MailValue]
    private var depth = 0
    private var output: [UInt8] = []

    /// Templates may include themselves, for what is in itself again; not for ever.
    private static let mostDepth = 32

    init(
        _ values: [String: MailValue], templates: [String: MailTemplate] = [:],
        word: @escaping (_ key: String) -> MailTemplate? = { _ in nil }
    ) {
        self.templates = templates
        self.word = word
        stack = [.record(values)]
    }

    /// - Parameter escapes: for HTML, values are escaped.
    consuming func text(of template: MailTemplate, escapes: Bool) -> String {
        var rendering = self
        rendering.output.reserveCapacity(8 << 10)
        rendering.write(template.pieces, indentation: [], escapes: escapes)
        return String(decoding: rendering.output, as: UTF8.self)
    }

    private mutating func write(_ pieces: [MailTemplate.Piece], indentation: [UInt8], escapes: Bool) {
        guard !indentation.isEmpty else {
            for piece in pieces { write(piece, indentation: indentation, escapes: escapes) }
            return
        }
        // Each line of the template is indented; what values bring is not.
        let start = output.count
        func indent(_ place: Int) {
            guard output.count > place, place > start, output[place - 1] == 0x0A else { return }
            output.insert(contentsOf: indentation, at: place)
        }
        for piece in pieces {
            var place = output.count
            guard case .text(let text) = piece else {
                write(piece, indentation: indentation, escapes: escapes)
                indent(place)
                continue
            }
            for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
                place = output.count
                output += text[line.startIndex..<min(line.endIndex + 1, text.endIndex)]
                indent(place)
            }
        }
    }

    private mutating func write(_ piece: MailTemplate.Piece, indentation: [UInt8], escapes: Bool) {
        switch piece {
        case .text(let text): output += text
        case .value(.word(let key)):
            if let word = word(key) { write(word.pieces, indentation: indentation, escapes: escapes) }
        case .value(let name):
            if let value = value(of: name) { write(value, escapes: escapes) }
        case .section(.word(let key), let inside):
            if word(key) != nil { write(inside, indentation: indentation, escapes: escapes) }
        case .section(let name, let inside):
            guard let value = value(of: name), !value.isNothing else { return }
            switch value {
            case .flag: write(inside, indentation: indentation, escapes: escapes)
            case .list(let values):
                for value in values { write(inside, about: value, indentation: indentation, escapes: escapes) }
            case .text, .number, .record: write(inside, about: value, indentation: indentation, escapes: escapes)
            }
        case .inverted(.word(let key), let inside):
            if word(key) == nil { write(inside, indentation: indentation, escapes: escapes) }
        case .inverted(let name, let inside):
            guard value(of: name)?.isNothing ?? true else { return }
            write(inside, indentation: indentation, escapes: escapes)
        case .partial(let name, let further):
            guard depth < Self.mostDepth, let template = templates[name] else { return }
            depth += 1
            // Whatever includes it: a template is of one kind.
            write(template.pieces, indentation: indentation + (further ?? []), escapes: !name.hasSuffix(".txt"))
            depth -= 1
        }
    }

    private mutating func write(
        _ pieces: [MailTemplate.Piece], about value: MailValue, indentation: [UInt8], escapes: Bool
    ) {
        stack.append(value)
        write(pieces, indentation: indentation, escapes: escapes)
        stack.removeLast()
    }

    private mutating func write(_ value: MailValue, escapes: Bool) {
        let text: String
        switch value {
        case .text(let own): text = own
        case .number(let number): text = String(number)
        case .flag(let isOn): text = String(isOn)
        // No template shows them.
        case .list, .record: return
        }
        guard escapes else {
            output += text.utf8
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): output += "&lt;".utf8
            case UInt8(ascii: ">"): output += "&gt;".utf8
            case UInt8(ascii: "&"): output += "&amp;".utf8
            case UInt8(ascii: "\""): output += "&quot;".utf8
            case UInt8(ascii: "'"): output += "&#39;".utf8
            default: output.append(byte)
            }
        }
    }

    private func value(of name: MailName) -> MailValue? {
        switch name {
        case .here: return stack.last
        case .ofHere(let names): return stack.last?.member(names)
        case .path(let first, let rest):
            for value in stack.reversed() {
                if case .record(let members) = value, let member = members[first] { return member.member(rest) }
            }
            return nil
        case .word: return nil
        }
    }
}
