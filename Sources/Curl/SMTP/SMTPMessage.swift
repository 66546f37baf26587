/// A message for one recipient, as it goes over the wire.
@safe package struct SMTPMessage: Sendable {
    /// `local@host`, the host in ASCII; empty: no sender (RFC 5321, 4.5.5).
    package var sender: String
    package var recipient: String
    package var size: Int64
    /// Fills the buffer from the offset: fewer bytes only at the end, none behind it. Blocks, on a thread of the sender's.
    package var read: @Sendable (_ offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int

    package init(
        sender: String, recipient: String, size: Int64,
        read: @escaping @Sendable (_ offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int
    ) {
        self.sender = sender
        self.recipient = recipient
        self.size = size
        unsafe self.read = unsafe read
    }

    package init(sender: String, recipient: String, bytes: [UInt8]) {
        unsafe self.init(sender: sender, recipient: recipient, size: Int64(bytes.count)) { offset, buffer in
            let piece = bytes.dropFirst(Int(offset)).prefix(buffer.count)
            unsafe buffer.copyBytes(from: piece)
            return piece.count
        }
    }

    /// It can go to a server with SMTPUTF8 only.
    var needsUnicode: Bool { !(sender + recipient).utf8.allSatisfy { $0 < 0x80 } }

    /// libcurl sends a line break in an address as what it is: a second command (P5).
    func checkAddresses() throws(SMTPFailure) {
        for address in sender.isEmpty ? [recipient] : [sender, recipient] {
            guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")), address.utf8.count <= 320,
                at != address.utf8.startIndex,
                address.utf8[..<at].allSatisfy({ Self.isOfAddress($0) && $0 != UInt8(ascii: "@") }),
                !address.utf8[at...].dropFirst().isEmpty,
                address.utf8[at...].dropFirst().allSatisfy({ Self.isOfAddress($0) && $0 < 0x80 })
            else { throw SMTPFailure(.badMessage, at: .connect, "an address that cannot be sent") }
        }
    }

    /// Control characters, spaces, brackets, quotes and backslashes end or begin something in a command.
    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x22, 0x28, 0x29, 0x2C, 0x3A...0x3C, 0x3E, 0x5B...0x5D, 0x7F: false
        default: true
        }
    }

    /// Reads it once: how many lines begin with a dot, each of which is sent as two.
    ///
    /// - Throws: for a CR or LF alone, which servers do not agree about (one may see another message's commands behind
    ///   it), and for a NUL.
    func countDots() throws(SMTPFailure) -> Int64 {
        var scan = SMTPScan()
        var buffer = [UInt8](repeating: 0, count: Int(min(max(size, 1), 64 << 10)))
        var offset: Int64 = 0
        while offset < size {
            let wanted = Int(min(Int64(buffer.count), size - offset))
            let count = try fill(&buffer, wanted, from: offset)
            guard scan.take(buffer[..<count]) else {
                throw SMTPFailure(.badMessage, at: .connect, "a line break in the message that is not CR LF, or a NUL")
            }
            offset += Int64(count)
        }
        guard !scan.endsInside else {
            throw SMTPFailure(.badMessage, at: .connect, "the message ends in the middle of a line break")
        }
        return scan.dots
    }

    private func fill(_ buffer: inout [UInt8], _ wanted: Int, from offset: Int64) throws(SMTPFailure) -> Int {
        do {
            let count = try unsafe buffer.withUnsafeMutableBytes { bytes in
                try unsafe read(offset, UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
            }
            if count > 0 { return count }
        } catch {
            throw SMTPFailure(.badMessage, at: .connect, "the message cannot be read: \(error)")
        }
        throw SMTPFailure(.badMessage, at: .connect, "the message is shorter than it was said to be")
    }
}

/// What matters to a server about a message's lines, piece by piece.
struct SMTPScan {
    /// Lines that begin with one.
    private(set) var dots: Int64 = 0
    private var isAfterCR = false
    private var isLineStart = true

    var endsInside: Bool { isAfterCR }

    /// `false`: no message.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> Bool {
        for byte in bytes {
            if isAfterCR != (byte == 0x0A) || byte == 0 { return false }
            if byte == UInt8(ascii: "."), isLineStart { dots += 1 }
            isAfterCR = byte == 0x0D
            isLineStart = byte == 0x0A
        }
        return true
    }
}
