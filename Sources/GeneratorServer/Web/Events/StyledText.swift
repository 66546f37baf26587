/// Reads a log's colours for showing: stretches of text, each with the names of its looks. The names are the style
/// sheet's; nothing of the log itself is ever one of them. `public/kiln.js` reads what streams in by the same rules.
enum StyledText {
    struct Run: Hashable, Sendable {
        var text: String
        /// Names of looks with spaces between them; `nil`: plain.
        var looks: String?
    }

    /// - Parameter text: as `LogText` gives it with colours. Every line begins plain, as it is stored.
    static func runs(_ text: String) -> [Run] {
        var runs: [Run] = []
        var style = Style()
        var stretch: [UInt8] = []
        func end() {
            guard !stretch.isEmpty else { return }
            let text = String(decoding: stretch, as: UTF8.self)
            if let last = runs.indices.last, runs[last].looks == style.looks {
                runs[last].text += text
            } else {
                runs.append(Run(text: text, looks: style.looks))
            }
            stretch.removeAll(keepingCapacity: true)
        }
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x1B:
                guard let codes = codes(&rest) else { continue }
                end()
                style.apply(codes)
            case 0x0A where style != Style():
                end()
                style = Style()
                stretch.append(byte)
            default:
                stretch.append(byte)
            }
        }
        end()
        return runs
    }

    /// Takes `[ ... m` away if it stands there.
    private static func codes(_ rest: inout ArraySlice<UInt8>) -> [Int]? {
        guard rest.first == UInt8(ascii: "[") else { return nil }
        let parameters = rest.dropFirst().prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ";")
        }
        guard parameters.endIndex < rest.endIndex, rest[parameters.endIndex] == UInt8(ascii: "m") else { return nil }
        rest = rest[(parameters.endIndex + 1)...]
        return parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { digits in
            digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self)) ?? -1
        }
    }

    /// What holds at one place of a line.
    private struct Style: Hashable {
        private var isBold = false
        private var isFaint = false
        private var isItalic = false
        private var isUnderlined = false
        private var isStruck = false
        private var isReversed = false
        /// 0...15
        private var foreground: Int?
        private var background: Int?

        /// A colour behind text brings the colour of the text: any two could be unreadable together.
        var looks: String? {
            var looks: [String] = []
            if isBold { looks.append("b") }
            if isFaint { looks.append("d") }
            if isItalic { looks.append("i") }
            if isUnderlined { looks.append("u") }
            if isStruck { looks.append("s") }
            if let behind = isReversed ? foreground ?? 7 : background {
                looks.append("g\(behind)")
            } else if let foreground {
                looks.append("f\(foreground)")
            }
            return looks.isEmpty ? nil : looks.joined(separator: " ")
        }

        mutating func apply(_ codes: [Int]) {
            var rest = codes[...]
            while let code = rest.popFirst() {
                switch code {
                case 0: self = Style()
                case 1: isBold = true
                case 2: isFaint = true
                case 3: isItalic = true
                case 4: isUnderlined = true
                case 7: isReversed = true
                case 9: isStruck = true
                case 22: (isBold, isFaint) = (false, false)
                case 23: isItalic = false
                case 24: isUnderlined = false
                case 27: isReversed = false
                case 29: isStruck = false
                case 30...37: foreground = code - 30
                case 90...97: foreground = code - 90 + 8
                case 40...47: background = code - 40
                case 100...107: background = code - 100 + 8
                case 38: foreground = Self.extended(&rest) ?? foreground
                case 48: background = Self.extended(&rest) ?? background
                case 39: foreground = nil
                case 49: background = nil
                default: break
                }
            }
        }

        /// What follows 38 or 48, as the nearest of the sixteen.
        private static func extended(_ rest: inout ArraySlice<Int>) -> Int? {
            let count = rest.first == 5 ? 1 : rest.first == 2 ? 3 : 0
            let values = rest.dropFirst().prefix(count).filter { (0...255).contains($0) }
            guard count > 0, values.count == count else {
                rest = []
                return nil
            }
            rest = rest.dropFirst(1 + count)
            guard count == 1 else { return nearest(values[0], values[1], values[2]) }
            switch values[0] {
            case 0...15:
                return values[0]
            case 16...231:
                let steps = [0, 95, 135, 175, 215, 255]
                let cell = values[0] - 16
                return nearest(steps[cell / 36], steps[cell / 6 % 6], steps[cell % 6])
            default:
                let grey = 8 + 10 * (values[0] - 232)
                return nearest(grey, grey, grey)
            }
        }

        private static func nearest(_ red: Int, _ green: Int, _ blue: Int) -> Int {
            let most = max(red, green, blue)
            let least = min(red, green, blue)
            if most - least < 48 { return most < 64 ? 0 : most < 140 ? 8 : most < 200 ? 7 : 15 }
            let middle = (most + least) / 2
            return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0) + (most > 192 ? 8 : 0)
        }
    }
}
