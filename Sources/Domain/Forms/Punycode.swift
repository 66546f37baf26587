/// How the letters of every script are written with those of ASCII, for names of hosts (RFC 3492, with its parameters
/// for IDNA).
enum Punycode {
    private static let base = 36
    private static let lowestThreshold = 1
    private static let highestThreshold = 26
    private static let skew = 38
    private static let damping = 700
    private static let firstBias = 72
    private static let firstCode = 0x80

    /// The text's code, without the `xn--` that marks it in a host's name. `nil` if a number outgrew its bounds, which no
    /// text of a sensible length makes.
    static func encode(_ text: some Sequence<Unicode.Scalar>) -> String? {
        let codes = text.map { Int($0.value) }
        var output = codes.filter { $0 < firstCode }.map { UInt8($0) }
        let plainCount = output.count
        var handled = plainCount
        if plainCount > 0 { output.append(UInt8(ascii: "-")) }
        var code = firstCode
        var bias = firstBias
        var delta: Int32 = 0
        // Every round writes down where the next higher character stands, as a distance from the one before it.
        while handled < codes.count {
            guard let next = codes.filter({ $0 >= code }).min() else { return nil }
            let (leap, tooFar) = Int32(next - code).multipliedReportingOverflow(by: Int32(handled + 1))
            let (sum, tooMuch) = delta.addingReportingOverflow(leap)
            guard !tooFar, !tooMuch else { return nil }
            delta = sum
            code = next
            for other in codes {
                if other < code { delta += 1 }
                guard other == code else { continue }
                output += digits(of: Int(delta), bias: bias)
                bias = adapted(Int(delta), count: handled + 1, isFirst: handled == plainCount)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The number as digits of base 36, the least one first; the digit below its place's threshold is the last one.
    private static func digits(of number: Int, bias: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = number
        var place = base
        while true {
            let threshold = min(max(place - bias, lowestThreshold), highestThreshold)
            if rest < threshold { break }
            digits.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            place += base
        }
        digits.append(digit(rest))
        return digits
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / damping : delta / 2
        rest += rest / count
        var bias = 0
        while rest > (base - lowestThreshold) * highestThreshold / 2 {
            rest /= base - lowestThreshold
            bias += base
        }
        return bias + (base - lowestThreshold + 1) * rest / (rest + skew)
    }

    /// `a` to `z`, then `0` to `9`.
    private static func digit(_ value: Int) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }
}
