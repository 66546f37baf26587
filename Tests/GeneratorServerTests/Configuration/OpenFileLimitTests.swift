import Testing

@testable import GeneratorServer

@Suite struct OpenFileLimitTests {
    @Test(arguments: [(4096, 1_048_576, 4096), (4096, 4608, 4096), (4096, 1024, 512), (4096, 256, 128), (16, 256, 16)])
    func `P6: connections leave open files for everything else`(wanted: Int, openFiles: Int, expected: Int) {
        #expect(OpenFileLimit.connections(wanted, openFiles: openFiles) == expected)
    }

    @Test func `the limit is what the system then says`() {
        #expect(OpenFileLimit.raise(for: 0) > 0)
    }
}
