import Glibc

/// Searches by the C library: logs are long.
extension ArraySlice<UInt8> {
    /// Where a byte is first; faster than `firstIndex(of:)`.
    func place(of byte: UInt8) -> Int? {
        unsafe withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let found = unsafe memchr(base, CInt(byte), bytes.count) else {
                return nil
            }
            return unsafe startIndex + (UnsafeRawPointer(found) - base)
        }
    }

    /// Where a pattern first begins.
    ///
    /// - Parameter anchor: the place in the pattern of a byte that is rare in the text; it is looked for first.
    func place(of pattern: [UInt8], anchor: Int) -> Int? {
        guard count >= pattern.count else { return nil }
        var reach = self[(startIndex + anchor)..<(endIndex - pattern.count + anchor + 1)]
        while let found = reach.place(of: pattern[anchor]) {
            let start = found - anchor
            if self[start...].starts(with: pattern) { return start }
            reach = reach[(found + 1)...]
        }
        return nil
    }
}
