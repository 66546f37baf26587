/// A number as HTML forms and JSON write it (and with a leading plus, as people do): no hexadecimal, no `inf`, no
/// thousands separators.
enum FormNumber {
    static func read(_ text: String) -> Double? {
        guard text.utf8.count <= 64, isWellFormed(text), let number = Double(text), number.isFinite else { return nil }
        return number == 0 ? 0 : number
    }

    private static func isWellFormed(_ text: String) -> Bool {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = takeDigits(from: &rest)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard takeDigits(from: &rest) > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard takeDigits(from: &rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func takeDigits(from text: inout Substring.UTF8View) -> Int {
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        text.removeFirst(digits)
        return digits
    }
}
