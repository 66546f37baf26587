import Domain

/// `application/x-www-form-urlencoded`, read as the URL standard says: what is not a valid escape stands for itself.
enum URLEncodedForm {
    static func submission(from bytes: [UInt8], partLimit: Int) throws(IntakeError) -> Submission {
        var submission = Submission()
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            guard submission.parts.count < partLimit else { throw .tooManyParts(limit: partLimit) }
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = String(validating: decoded(halves[0]), as: UTF8.self) else {
                throw .malformed(.urlEncoding)
            }
            let value = halves.count > 1 ? String(decoding: decoded(halves[1]), as: UTF8.self) : ""
            submission.parts.append(Submission.Part(name: name, content: .text(value)))
        }
        return submission
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var place = bytes.startIndex
        while place < bytes.endIndex {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%"), place + 2 < bytes.endIndex, let high = bytes[place + 1].hexDigit,
                let low = bytes[place + 2].hexDigit
            {
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                place += 1
            }
        }
        return decoded
    }
}
