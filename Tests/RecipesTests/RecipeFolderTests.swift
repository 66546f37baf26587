import Foundation
import Recipes
import TestSupport
import Testing

/// P5, P6: a recipe's folder is read within bounds and nothing outside it is opened.
struct RecipeFolderTests {
    private func problems(_ change: (RecipeFixture, String) throws -> Void) throws -> [String] {
        let fixture = try RecipeFixture()
        let folder = try fixture.write(RecipeFixture.recipe(more: "verify: {script: verify.sh}"))
        try change(fixture, folder)
        return fixture.load().diagnostics.map(\.problem)
    }

    @Test func `a script that cannot be run is an error`() throws {
        let found = try problems { _, folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/build.sh")
            try "echo\n".write(toFile: "\(folder)/verify.sh", atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/verify.sh")
        }
        #expect(found == ["`build.sh` is not executable", "`verify.sh` does not say what runs it"])
    }

    @Test(arguments: ["/etc/passwd", "../../outside", "live/../../x", "live/up/../secret"])
    func `a link that leads out of the folder is refused`(target: String) throws {
        let found = try problems { fixture, folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/live/deep", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/live/up", withDestinationPath: "..")
            try "x".write(toFile: fixture.directory.path("secret"), atomically: false, encoding: .utf8)
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: target)
        }
        #expect(found == ["is a link that leads out of the recipe's folder (to `\(target)`)"])
    }

    @Test func `a link inside the folder is taken, but not as a script`() throws {
        let found = try problems { _, folder in
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/other", withDestinationPath: "picture.svg")
            try FileManager.default.removeItem(atPath: "\(folder)/verify.sh")
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/verify.sh", withDestinationPath: "build.sh")
        }
        #expect(found == ["`verify.sh` is a link"])
    }

    @Test func `a description that is too large, not UTF-8, empty, a link or missing is refused`() throws {
        #expect(
            try problems { _, folder in
                try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: URL(filePath: "\(folder)/recipe.yml"))
            } == ["has 1048577 bytes, at most 1048576 are read"])
        #expect(
            try problems { _, folder in
                try Data([0x61, 0x0A, 0xFF]).write(to: URL(filePath: "\(folder)/recipe.yml"))
            } == ["holds bytes that are not UTF-8"])
        #expect(
            try problems { _, folder in try Data().write(to: URL(filePath: "\(folder)/recipe.yml")) }
                == ["the file is empty"])
        #expect(
            try problems { _, folder in
                try FileManager.default.moveItem(atPath: "\(folder)/recipe.yml", toPath: "\(folder)/recipe.yaml")
            } == ["has a recipe.yaml, but no recipe.yml"])
        #expect(
            try problems { _, folder in
                try FileManager.default.moveItem(atPath: "\(folder)/recipe.yml", toPath: "\(folder)/a")
                try FileManager.default.createSymbolicLink(atPath: "\(folder)/recipe.yml", withDestinationPath: "a")
            } == ["is a link"])
    }
}
