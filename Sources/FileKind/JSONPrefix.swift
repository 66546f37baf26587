/// Tells whether bytes are the beginning of a JSON object or array: right as far as they go.
enum JSONPrefix {
    /// True if `bytes` is a JSON text with an object or array at the top, or the cut beginning of one.
    static func isJSON(_ bytes: [UInt8]) -> Bool {
        var scanner = Scanner()
        for byte in bytes where !scanner.take(byte) { return false }
        return scanner.hasBegun
    }

    private struct Scanner {
        private enum State: Equatable {
            case value, valueOrClose, key, keyOrClose, colon, commaOrClose, end
            case string(isKey: Bool), escape(isKey: Bool), hex(isKey: Bool, left: Int)
            case bare([UInt8])
        }

        private static let deepest = 512
        private var state = State.value
        private var open: [UInt8] = []
        private(set) var hasBegun = false

        /// Takes the next byte; false if no JSON text continues like this.
        mutating func take(_ byte: UInt8) -> Bool {
            switch state {
            case .string(let isKey):
                if byte == UInt8(ascii: "\"") { state = isKey ? .colon : .commaOrClose }
                if byte == UInt8(ascii: "\\") { state = .escape(isKey: isKey) }
                return byte >= 0x20
            case .escape(let isKey):
                state = byte == UInt8(ascii: "u") ? .hex(isKey: isKey, left: 4) : .string(isKey: isKey)
                return "\"\\/bfnrtu".utf8.contains(byte)
            case .hex(let isKey, let left):
                state = left > 1 ? .hex(isKey: isKey, left: left - 1) : .string(isKey: isKey)
                return "0123456789abcdefABCDEF".utf8.contains(byte)
            case .bare(let word):
                if isDelimiter(byte) {
                    guard isValue(word) else { return false }
                    state = .commaOrClose
                    return take(byte)
                }
                state = .bare(word + [byte])
                return word.count < 64
            default:
                return isSpace(byte) || takeStructure(byte)
            }
        }

        private mutating func takeStructure(_ byte: UInt8) -> Bool {
            switch (state, byte) {
            case (.value, UInt8(ascii: "{")), (.valueOrClose, UInt8(ascii: "{")),
                (.value, UInt8(ascii: "[")), (.valueOrClose, UInt8(ascii: "[")):
                open.append(byte)
                hasBegun = true
                state = byte == UInt8(ascii: "{") ? .keyOrClose : .valueOrClose
                return open.count <= Self.deepest
            case (.key, UInt8(ascii: "\"")), (.keyOrClose, UInt8(ascii: "\"")): state = .string(isKey: true)
            case (.colon, UInt8(ascii: ":")): state = .value
            case (.commaOrClose, UInt8(ascii: ",")): state = open.last == UInt8(ascii: "{") ? .key : .value
            case (.keyOrClose, UInt8(ascii: "}")), (.valueOrClose, UInt8(ascii: "]")),
                (.commaOrClose, UInt8(ascii: "}")), (.commaOrClose, UInt8(ascii: "]")):
                guard open.popLast() == (byte == UInt8(ascii: "}") ? UInt8(ascii: "{") : UInt8(ascii: "[")) else {
                    return false
                }
                state = open.isEmpty ? .end : .commaOrClose
            case (.value, UInt8(ascii: "\"")), (.valueOrClose, UInt8(ascii: "\"")):
                state = .string(isKey: false)
                return hasBegun
            case (.value, _), (.valueOrClose, _):
                state = .bare([byte])
                return hasBegun && "-0123456789tfn".utf8.contains(byte)
            default: return false
            }
            return true
        }

        private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        private func isDelimiter(_ byte: UInt8) -> Bool { isSpace(byte) || ",]}".utf8.contains(byte) }
        private func isValue(_ word: [UInt8]) -> Bool {
            let text = String(decoding: word, as: UTF8.self)
            if ["true", "false", "null"].contains(text) { return true }
            return word.allSatisfy("0123456789+-.eE".utf8.contains) && Double(text) != nil
        }
    }
}
