import Crypto

/// The SHA-256 of a message's body as RFC 6376 section 3.4.4 ("relaxed") reads it: runs of blanks are one, there are none
/// at the ends of lines, and no empty lines at the end. Takes the body in pieces, cut anywhere.
struct DKIMBodyDigest {
    private var hash = SHA256()
    private var lineEnds = 0
    private var hasBlank = false
    private var endsWithReturn = false
    private var isEmpty = true

    mutating func update(_ piece: [UInt8]) {
        var output: [UInt8] = []
        output.reserveCapacity(piece.count + 16)
        for byte in piece {
            switch byte {
            case 0x0A where endsWithReturn:
                endsWithReturn = false
                hasBlank = false
                lineEnds += 1
            case 0x0D:
                if endsWithReturn { write(0x0D, to: &output) }
                endsWithReturn = true
            default:
                if endsWithReturn { write(0x0D, to: &output) }
                endsWithReturn = false
                if byte == 0x20 || byte == 0x09 { hasBlank = true } else { write(byte, to: &output) }
            }
        }
        hash.update(data: output)
    }

    consuming func finish() -> [UInt8] {
        if !isEmpty { hash.update(data: [0x0D, 0x0A] as [UInt8]) }
        return Array(hash.finalize())
    }

    /// What was held back turns out not to be at an end.
    private mutating func write(_ byte: UInt8, to output: inout [UInt8]) {
        while lineEnds > 0 {
            output += [0x0D, 0x0A]
            lineEnds -= 1
        }
        if hasBlank { output.append(0x20) }
        hasBlank = false
        isEmpty = false
        output.append(byte)
    }
}
