/// Finds a multipart delimiter in long runs of data (Horspool: one look per delimiter's length of ordinary data).
///
/// Its first byte, CR, stands nowhere else in it and is compared first, so that data made to look alike cost one
/// step per byte and no more.
struct DelimiterSearch {
    let delimiter: [UInt8]
    /// By how much to move on, for each value of the byte under the delimiter's end. At most 74.
    private let skips: [UInt8]

    /// - Parameter delimiter: CR first and nowhere else; 2...255 bytes.
    init(_ delimiter: [UInt8]) {
        self.delimiter = delimiter
        var skips = [UInt8](repeating: UInt8(delimiter.count), count: 256)
        for (place, byte) in delimiter.dropLast().enumerated() {
            skips[Int(byte)] = UInt8(delimiter.count - 1 - place)
        }
        self.skips = skips
    }

    /// Where the whole delimiter stands first.
    func find(in chunk: Span<UInt8>, from start: Int) -> Int? {
        let length = delimiter.count
        guard chunk.count - start >= length else { return nil }
        // Unchecked because every place read lies between `start` and the chunk's end: the loop's condition says so.
        return unsafe chunk.withUnsafeBufferPointer { bytes in
            unsafe delimiter.withUnsafeBufferPointer { wanted in
                unsafe skips.withUnsafeBufferPointer { skips in
                    let last = unsafe wanted[length - 1]
                    var place = start
                    while place + length <= bytes.count {
                        let end = unsafe bytes[place + length - 1]
                        if end == last {
                            var matched = 0
                            while matched < length, unsafe bytes[place + matched] == wanted[matched] { matched += 1 }
                            if matched == length { return place }
                        }
                        place += Int(unsafe skips[Int(end)])
                    }
                    return nil
                }
            }
        }
    }
}
