import ArgumentParser
import Foundation
import Recipes
import TestSupport
import Testing

@testable import GeneratorServer

struct CheckCommandTests {
    private let directory: TemporaryDirectory
    private let recipe: String

    init() throws {
        directory = try TemporaryDirectory()
        recipe = directory.path("recipes/greeting")
        try FileManager.default.createDirectory(atPath: recipe, withIntermediateDirectories: true)
        try "#!/bin/sh\n".write(toFile: "\(recipe)/build.sh", atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(recipe)/build.sh")
        try """
        id: greeting
        title: A greeting
        summary: Greets.
        fields:
          - {name: whom, type: text, label: Whom}
        build: {script: build.sh, uses: [whom]}
        artifacts: [{match: '*'}]
        """.write(toFile: "\(recipe)/recipe.yml", atomically: false, encoding: .utf8)
        try "recipes: {directory: '\(directory.path("recipes"))'}\n".write(
            toFile: directory.path("kiln.yml"), atomically: false, encoding: .utf8)
    }

    private func report(_ arguments: [String]) throws -> DiagnosticReport {
        let all = arguments + ["--config", directory.path("kiln.yml")]
        return try CheckCommand.parse(all).report(environment: [:])
    }

    @Test func `without a path, the configured recipes are checked`() throws {
        let report = try report([])
        #expect(report.diagnostics == [])
        #expect(report.checked == ["greeting"])
    }

    @Test(arguments: ["recipes", "recipes/", "recipes/greeting", "recipes/greeting/", "recipes/greeting/recipe.yml"])
    func `a path may be a recipe, its file, or a folder of recipes`(path: String) throws {
        let report = try report([directory.path("") + "/" + path])
        #expect(report.diagnostics == [])
        #expect(report.checked == ["greeting"])
    }

    @Test func `faults of the configuration and of recipes come together`() throws {
        try "server: {port: x}\n".write(toFile: directory.path("kiln.yml"), atomically: false, encoding: .utf8)
        try "id: greeting".write(toFile: "\(recipe)/recipe.yml", atomically: false, encoding: .utf8)
        let report = try report([recipe])
        #expect(report.diagnostics.contains { $0.path == "server.port" })
        #expect(report.diagnostics.contains { $0.problem == "the key `title` is missing" })
        #expect(report.exitCode(strict: false) == 1)
    }

    @Test func `a path that is not there is an error`() throws {
        #expect(try report([directory.path("gone")]).errors == 1)
    }

    @Test func `files that the mail needs are looked at, so that no start fails after a check that went well (P8)`()
        throws
    {
        let key = directory.path("dkim.pem")
        try """
        recipes: {directory: '\(directory.path("recipes"))'}
        server: {public_url: 'https://kiln.example.org'}
        mail:
          service: smtp
          from: Kiln <kiln@example.org>
          smtp: {host: mx.example.org, ca_file: '\(directory.path("gone.pem"))'}
          dkim: {domain: example.org, selector: s, key_file: '\(key)'}
        """.write(toFile: directory.path("kiln.yml"), atomically: false, encoding: .utf8)
        try "no key".write(toFile: key, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        let found = try report([]).diagnostics
        #expect(found.map(\.path) == ["mail.smtp.ca_file", "mail.dkim"], "\(found)")
        #expect(found.allSatisfy { $0.severity == .error && $0.mend != nil })
    }
}
