import Foundation
import Testing

@testable import FileKind

@Suite struct EnvironmentTests {
    @Test func `the variable MAGIC changes nothing`() throws {
        // Set for the whole process, which is harmless because nothing else may read it: that is the claim.
        #expect(unsafe setenv("MAGIC", "/nonexistent/magic", 1) == 0)
        defer { unsafe unsetenv("MAGIC") }
        let detector = try FileKindDetector()
        #expect(try detector.kind(ofPrefix: SampleBytes.png).mimeType == "image/png")
    }
}
