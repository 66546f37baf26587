/// A piece of a body in one stretch of memory, lent without a copy. Whoever has a network library's buffers makes them
/// conform.
package protocol ByteChunk {
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension Array: ByteChunk where Element == UInt8 {
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe withUnsafeBytes { try unsafe body($0) }
    }
}

extension ArraySlice: ByteChunk where Element == UInt8 {
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe withUnsafeBytes { try unsafe body($0) }
    }
}
