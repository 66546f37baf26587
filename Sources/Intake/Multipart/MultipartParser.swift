/// `multipart/form-data` (RFC 7578, RFC 2046) as a state machine over chunks of any size: no I/O, and no byte of a part is
/// copied; a part's data are ranges of the chunk at hand.
///
/// Strict where laxness would let two readers see two different forms: lines end in CRLF, a lone CR or LF in a header is
/// refused, and in a body it is data. A line that begins like the delimiter and goes on otherwise is data too.
package struct MultipartParser {
    package struct Limits: Hashable, Sendable {
        package var parts: Int
        /// Of one part, in bytes.
        package var headers: Int
        /// Of what may stand before and after the form, in bytes each.
        package var surroundings: Int

        package init(parts: Int = 256, headers: Int = 8192, surroundings: Int = 8192) {
            self.parts = parts
            self.headers = headers
            self.surroundings = surroundings
        }
    }

    package enum Event: Hashable, Sendable {
        case partBegan(PartHeaders)
        /// The next bytes of the part are these of the chunk.
        case data(Range<Int>)
        /// The next bytes of the part are these: they looked like the delimiter when an earlier chunk ended.
        case heldData([UInt8])
        case partEnded
        /// The form is complete; only what is ignored can follow.
        case formEnded
    }

    private enum State {
        /// Before the first delimiter, of which `matched` bytes have been seen.
        case preamble(matched: Int)
        /// Inside a part's data, `matched` bytes of the delimiter seen. The first `borrowed` of them are the line end
        /// of the part's headers, which may be the delimiter's as well but never data.
        case data(matched: Int, borrowed: Int)
        /// After `--boundary`; what follows it on the line decides and is held in `pending`.
        case delimiterLine(Line)
        /// Inside the headers, which gather in `pending`; the current line begins at `lineStart`.
        case headers(lineStart: Int)
        case epilogue(announced: Bool)
    }

    private struct Line {
        /// `nil`: the line stands in the preamble. Else as in `State.data`.
        var borrowed: Int?
    }

    private let limits: Limits
    /// CRLF, two hyphens, the boundary. CR stands in it only at its start, so a failed match never hides another.
    private let delimiter: [UInt8]
    private let search: DelimiterSearch
    private var state = State.preamble(matched: 2)
    private var pending: [UInt8] = []
    private var parts = 0
    private var ignored = 0

    package init(boundary: MultipartBoundary, limits: Limits = Limits()) {
        self.limits = limits
        delimiter = Array("\r\n--".utf8) + boundary.bytes
        search = DelimiterSearch(delimiter)
    }

    /// Reads on in a chunk; `position` moves past what has been dealt with. `nil`: the chunk is used up.
    package mutating func next(in chunk: Span<UInt8>, from position: inout Int) throws(IntakeError) -> Event? {
        while true {
            switch state {
            case .preamble(let matched):
                guard try skipPreamble(chunk, &position, matched) else { return nil }
            case .data(let matched, let borrowed):
                if let event = readData(chunk, &position, matched, borrowed) { return event }
                if case .data = state, position == chunk.count { return nil }
            case .delimiterLine(let line):
                switch try readDelimiterLine(chunk, &position, line) {
                case .event(let event): return event
                case .goOn: continue
                case .needsMore: return nil
                }
            case .headers(let lineStart):
                guard let headers = try readHeaders(chunk, &position, lineStart) else { return nil }
                return .partBegan(headers)
            case .epilogue(announced: false):
                state = .epilogue(announced: true)
                return .formEnded
            case .epilogue(announced: true):
                try ignore(chunk.count - position, elseThrow: .trailingBytes)
                position = chunk.count
                return nil
            }
        }
    }

    /// To be called at the body's end; throws if the form was not complete.
    package func finish() throws(IntakeError) {
        switch state {
        case .epilogue: return
        case .preamble: throw .malformed(.boundaryNotFound)
        case .delimiterLine(let line) where line.borrowed == nil && parts == 0: throw .malformed(.boundaryNotFound)
        case .data, .delimiterLine, .headers: throw .malformed(.truncated)
        }
    }
}

// MARK: - Data and delimiters

extension MultipartParser {
    /// What to do after a step that does not always end in an event.
    private enum Step {
        case event(Event)
        case goOn
        case needsMore
    }

    /// Whether the delimiter was found.
    private mutating func skipPreamble(
        _ chunk: Span<UInt8>, _ position: inout Int, _ matched: Int
    ) throws(IntakeError) -> Bool {
        let start = position
        var matched = matched
        if matched > 0 {
            matchOn(chunk, &position, &matched)
            if matched < delimiter.count, position < chunk.count { matched = 0 }
        }
        if matched == 0, let found = search.find(in: chunk, from: position) {
            position = found + delimiter.count
            matched = delimiter.count
        } else if matched == 0 {
            matched = delimiterPrefix(atEndOf: chunk, from: position)
            position = chunk.count
        }
        try ignore(position - start, elseThrow: .boundaryNotFound)
        pending.removeAll(keepingCapacity: true)
        state = matched == delimiter.count ? .delimiterLine(Line(borrowed: nil)) : .preamble(matched: matched)
        return matched == delimiter.count
    }

    private mutating func readData(
        _ chunk: Span<UInt8>, _ position: inout Int, _ matched: Int, _ borrowed: Int
    ) -> Event? {
        var matched = matched
        if matched > 0 {
            matchOn(chunk, &position, &matched)
            if matched == delimiter.count {
                beginDelimiterLine(borrowed: borrowed)
                return nil
            }
            state = .data(matched: matched, borrowed: borrowed)
            guard position < chunk.count else { return nil }
            state = .data(matched: 0, borrowed: 0)
            return matched > borrowed ? .heldData(Array(delimiter[borrowed..<matched])) : nil
        }
        let start = position
        let end: Int
        if let found = search.find(in: chunk, from: position) {
            end = found
            position = found + delimiter.count
            beginDelimiterLine(borrowed: 0)
        } else {
            let held = delimiterPrefix(atEndOf: chunk, from: position)
            end = chunk.count - held
            position = chunk.count
            state = .data(matched: held, borrowed: 0)
        }
        return start < end ? .data(start..<end) : nil
    }

    private mutating func beginDelimiterLine(borrowed: Int) {
        pending.removeAll(keepingCapacity: true)
        state = .delimiterLine(Line(borrowed: borrowed))
    }

    /// After the boundary comes `--` (the form's end), or white space and CRLF (the next part); anything else means that
    /// it was not the delimiter.
    private mutating func readDelimiterLine(
        _ chunk: Span<UInt8>, _ position: inout Int, _ line: Line
    ) throws(IntakeError) -> Step {
        while position < chunk.count {
            let byte = chunk[position]
            switch (pending.last, byte) {
            case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                position += 1
                state = .epilogue(announced: false)
                ignored = 0
                return line.borrowed == nil ? .goOn : .event(.partEnded)
            case (UInt8(ascii: "\r"), UInt8(ascii: "\n")):
                position += 1
                pending.removeAll(keepingCapacity: true)
                state = .headers(lineStart: 0)
                parts += 1
                guard parts <= limits.parts else { throw .tooManyParts(limit: limits.parts) }
                return line.borrowed == nil ? .goOn : .event(.partEnded)
            case (nil, UInt8(ascii: "-")),
                (nil, UInt8(ascii: " ")), (nil, UInt8(ascii: "\t")), (nil, UInt8(ascii: "\r")),
                (UInt8(ascii: " "), UInt8(ascii: " ")), (UInt8(ascii: " "), UInt8(ascii: "\t")),
                (UInt8(ascii: "\t"), UInt8(ascii: " ")), (UInt8(ascii: "\t"), UInt8(ascii: "\t")),
                (UInt8(ascii: " "), UInt8(ascii: "\r")), (UInt8(ascii: "\t"), UInt8(ascii: "\r")):
                guard pending.count < 256 else { return notADelimiter(line) }
                pending.append(byte)
                position += 1
            default:
                return notADelimiter(line)
            }
        }
        return .needsMore
    }

    /// Gives back what was held; a CR at its end may begin the real delimiter.
    private mutating func notADelimiter(_ line: Line) -> Step {
        let matched = pending.last == UInt8(ascii: "\r") ? 1 : 0
        guard let borrowed = line.borrowed else {
            state = .preamble(matched: matched)
            return .goOn
        }
        state = .data(matched: matched, borrowed: 0)
        return .event(.heldData(delimiter[borrowed...] + pending.dropLast(matched)))
    }

    /// Compares on where an earlier chunk left off.
    private func matchOn(_ chunk: Span<UInt8>, _ position: inout Int, _ matched: inout Int) {
        while matched < delimiter.count, position < chunk.count, chunk[position] == delimiter[matched] {
            matched += 1
            position += 1
        }
    }

    /// How many bytes at the chunk's end are the beginning of a delimiter. The one CR that can begin it is the last.
    private func delimiterPrefix(atEndOf chunk: Span<UInt8>, from position: Int) -> Int {
        var place = max(position, chunk.count - delimiter.count + 1)
        while place < chunk.count {
            if chunk[place] == delimiter[0] {
                var length = 1
                while place + length < chunk.count, chunk[place + length] == delimiter[length] { length += 1 }
                if place + length == chunk.count { return length }
            }
            place += 1
        }
        return 0
    }
}

// MARK: - Headers

extension MultipartParser {
    private mutating func readHeaders(
        _ chunk: Span<UInt8>, _ position: inout Int, _ lineStart: Int
    ) throws(IntakeError) -> PartHeaders? {
        var lineStart = lineStart
        while position < chunk.count {
            let byte = chunk[position]
            position += 1
            guard pending.count < limits.headers else { throw .headersTooLarge(limit: limits.headers) }
            guard (pending.last == UInt8(ascii: "\r")) == (byte == UInt8(ascii: "\n")) else {
                throw .malformed(.headerInvalid)
            }
            guard byte >= 0x20 && byte != 0x7F || "\r\n\t".utf8.contains(byte) else {
                throw .malformed(.headerInvalid)
            }
            pending.append(byte)
            if byte == UInt8(ascii: "\n") {
                if pending.count == lineStart + 2 {
                    // The empty line's end may at once be the beginning of the delimiter: a part without data.
                    state = .data(matched: 2, borrowed: 2)
                    return try PartHeaders(lines: pending[..<lineStart])
                }
                lineStart = pending.count
            }
        }
        state = .headers(lineStart: lineStart)
        return nil
    }

    private mutating func ignore(_ count: Int, elseThrow malformation: IntakeError.Malformation) throws(IntakeError) {
        ignored += count
        guard ignored <= limits.surroundings + delimiter.count else { throw .malformed(malformation) }
    }
}
