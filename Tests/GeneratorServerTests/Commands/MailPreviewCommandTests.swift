import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct MailPreviewCommandTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static func write(_ arguments: [String]) async throws -> [String] {
        let configuration = try KilnConfiguration.load(
            file: nil,
            environment: [
                "KILN_RECIPES_DIRECTORY": "\(root)/recipes", "KILN_TEMPLATES_DIRECTORY": "\(root)/templates",
            ])
        return try await MailPreviewCommand.parse(arguments).write(configuration)
    }

    @Test(arguments: ["meilix-mini", "meilix"]) func `every mail of a recipe is written in three forms`(
        recipe: String
    ) async throws {
        let directory = try TemporaryDirectory()
        let written = try await Self.write([recipe, "--language", "de", "--out", directory.path])
        #expect(written.count % 3 == 0 && written.count >= 24)
        let html = try String(contentsOfFile: directory.path("succeeded.de.html"), encoding: .utf8)
        #expect(!html.contains("cid:") && html.contains("lang=\"de\""))
        let mail = try String(contentsOfFile: directory.path("confirmation.de.eml"), encoding: .utf8)
        #expect(mail.contains("Subject: ") && mail.contains("\r\n"))
    }

    @Test(arguments: [
        (["meilix-mni"], "Did you mean 'meilix-mini'?"), (["meilix-mini", "--language", "ge"], "There are: de, en"),
        (["meilix-mini", "--kind", "suceeded"], "Did you mean 'succeeded'?"),
    ]) func `what there is not is told with what there is`(arguments: [String], words: String) async throws {
        let error = await #expect(throws: ValidationError.self) { _ = try await Self.write(arguments) }
        #expect(error?.message.contains(words) == true)
    }
}
