import Domain
import Foundation
import Intake
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// The script as a job runs it: by `/bin/sh`, against a live server.
@Suite struct `kiln-report` {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "public/kiln-report").path

    private struct Desk {
        let server: LiveServer
        let job: Job

        func folder() throws -> String {
            let folder = server.folder.path("job-\(job.build.id)")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return folder
        }

        func report(
            _ arguments: String..., environment: [String: String] = [:]
        ) async throws -> (code: Int32, output: String, error: String) {
            let folder = try folder()
            let standard = [
                "KILN_URL": "http://127.0.0.1:\(server.port)\(job.folder)", "TMPDIR": folder, "KILN_REPORT_TRIES": "4",
                "KILN_REPORT_PAUSE": "0",
            ]
            let ended = try await run(
                "/bin/sh", [`kiln-report`.script] + arguments, environment: standard.merging(environment) { $1 },
                in: folder)
            // Whatever happens, nothing that opens something is printed (P7).
            #expect(!(ended.output + ended.error).contains(job.token))
            #expect(!(ended.output + ended.error).contains(job.folder.dropFirst(9)))
            server.clock.advance(by: .seconds(1))
            return ended
        }
    }

    private static func with(_ test: @Sendable (Desk) async throws -> Void) async throws {
        try await LiveServer.withRemote(maxBytes: 32 << 20) { server in
            try await test(Desk(server: server, job: try await server.job()))
        }
    }

    @Test func `phases reach the build, whatever is in them, P5`() async throws {
        try await Self.with { desk in
            let texts = [
                ("Packing", "Packing"), ("a \"b\" \\ $(id) `id` ${HOME} %s %d", "a \"b\" \\ $(id) `id` ${HOME} %s %d"),
                ("two\nlines\tand \u{1}\u{7F}controls", "two lines and   controls"), ("für 日本 é😀", "für 日本 é😀"),
                (String(repeating: "é", count: 60), String(repeating: "é", count: 40)), ("-n", "-n"), ("a\\", "a\\"),
                ("direction \u{202E}mark", "direction mark"), ("", "..."),
            ]
            for (place, (text, shown)) in texts.enumerated() {
                let ended = try await desk.report("phase", text, "\(place)")
                #expect(ended.code == 0, "\(text): \(ended.error)")
                let phase = try await desk.server.store.report(of: desk.job.attempt)?.phase
                #expect(phase == Phase(label: shown, percent: place))
            }
            #expect(try await desk.report("phase", "x", "007%").code == 0)
            #expect(try await desk.server.store.report(of: desk.job.attempt)?.phase?.percent == 7)
            for wrong in ["101", "x", "-1", "1000", ""] {
                #expect(try await desk.report("phase", "x", wrong).code == 64, "\(wrong)")
            }
        }
    }

    @Test func `a log is sent as it grows, byte for byte`() async throws {
        try await Self.with { desk in
            let path = try desk.folder() + "/build log.txt"
            var bytes = Array("one \"two\" \\ é\r\n\u{1B}[31mred\u{1B}[0m\n".utf8) + [0, 255, 254, 10]
            try Data(bytes).write(to: URL(filePath: path))
            for _ in 0..<2 { #expect(try await desk.report("log", path).code == 0) }
            bytes += (0..<1_300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
            try Data(bytes).write(to: URL(filePath: path))
            let ended = try await desk.report("log", path)
            #expect(ended.code == 0, "\(ended.error)")
            let stored = try await desk.server.reportFiles.readLog(of: desk.job.attempt, from: 0, limit: 9_000_000)
            let isSame = stored == bytes
            #expect(isSame)
            #expect(try await desk.report("log", path + "x").code == 5)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a log is followed until the shell that asked for it ends`() async throws {
        try await Self.with { desk in
            let folder = try desk.folder()
            let steps = """
                /bin/sh "$SCRIPT" log -f out.txt &
                echo first >out.txt
                sleep 0.3
                echo last >>out.txt
                """
            let ended = try await run(
                "/bin/sh", ["-c", steps],
                environment: [
                    "SCRIPT": Self.script, "TMPDIR": folder, "KILN_REPORT_PAUSE": "0",
                    "KILN_URL": "http://127.0.0.1:\(desk.server.port)\(desk.job.folder)",
                ], in: folder)
            #expect(ended.code == 0 && ended.error == "")
            // The follower outlives the shell by as long as it takes to send the rest.
            var stored = ""
            try await until {
                stored = String(
                    decoding: try await desk.server.reportFiles.readLog(of: desk.job.attempt, from: 0, limit: 100),
                    as: UTF8.self)
                return stored.utf8.count >= 11
            }
            #expect(stored == "first\nlast\n")
        }
    }

    @Test func `files arrive whole, also those that were cut, P9`() async throws {
        try await Self.with { desk in
            let folder = try desk.folder()
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
            let path = folder + "/my é %41 \"image\".iso".replacing("\"", with: "'")
            try Data(bytes).write(to: URL(filePath: path))
            // curl as it is, but the first file is cut on its way.
            let tools = folder + "/tools"
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
            try Data(
                """
                #!/bin/sh
                case " $* " in *" -T "*)
                    echo "$*" >>"\(folder)/sent"
                    if [ "$(wc -l <"\(folder)/sent")" -le 2 ]; then
                        exec /usr/bin/curl "$@" --limit-rate 1M --max-time 2
                    fi ;;
                esac
                exec /usr/bin/curl "$@"

                """.utf8
            ).write(to: URL(filePath: tools + "/curl"))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tools + "/curl")
            let ended = try await desk.report("upload", path, environment: ["PATH": tools + ":/usr/bin:/bin"])
            #expect(ended.code == 0, "\(ended.error)")
            let sent = try String(contentsOfFile: folder + "/sent", encoding: .utf8).split(separator: "\n")
            #expect(sent.count >= 2 && sent.dropFirst().contains { $0.contains(" -C ") }, "\(sent)")
            #expect(!sent.joined().contains(desk.job.token) && !sent.joined().contains("Bearer"))
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            let stored = try await desk.server.reportFiles.path(of: name, of: desk.job.attempt)
            let isSame = try [UInt8](Data(contentsOf: URL(filePath: stored))) == bytes
            #expect(isSame)
            #expect(try await desk.report("upload", path).code == 0, "again is the same")
            try Data([1]).write(to: URL(filePath: path))
            let other = try await desk.report("upload", path)
            #expect(other.code == 3 && other.error.contains("another file"))
        }
    }

    @Test func `what is not wanted is refused in plain words`() async throws {
        try await Self.with { desk in
            let folder = try desk.folder()
            for (name, count, words) in [
                ("a.exe", 1, "wants no file"), ("notes1.txt", 101, "The recipe allows 100 bytes"),
                ("notes2.txt", 0, "without bytes"),
            ] {
                try Data(repeating: 0x61, count: count).write(to: URL(filePath: "\(folder)/\(name)"))
                let ended = try await desk.report("upload", "\(folder)/\(name)")
                #expect(ended.code == 3 && ended.error.contains(words), "\(ended)")
            }
            #expect(try await desk.report("upload", "\(folder)/none").code == 5)
            for arguments in [["upload"], ["failed"], ["done", "x"], ["nonsense"], []] {
                let ended = try await run("/bin/sh", [Self.script] + arguments)
                #expect(ended.code == 64 && ended.error.contains("Usage"))
            }
            #expect(try await run("/bin/sh", [Self.script, "--help"]).code == 0)
        }
    }

    @Test func `ends are told, and an ended attempt is told to stop`() async throws {
        try await Self.with { desk in
            #expect(try await desk.report("failed", "No \"room\"\nleft").code == 0)
            let result = try await desk.server.store.report(of: desk.job.attempt)?.result
            #expect(result == .failed(message: "No \"room\" left", kind: .build))
            try await desk.server.apply(.cancelled, to: desk.job.build.id)
            let late = try await desk.report("done")
            #expect(late.code == 2 && late.error.contains("does not wait"))
            let again = try await desk.report("done")
            #expect(again.code == 2)
        }
        try await Self.with { desk in
            #expect(try await desk.report("done").code == 0)
            #expect(try await desk.server.store.report(of: desk.job.attempt)?.result == .succeeded)
            for (url, code) in [("", 2), ("ftp://x", 2), ("http://a\"b", 2), ("http://127.0.0.1:1/uploads/x", 4)] {
                let ended = try await desk.report("done", environment: ["KILN_URL": url])
                #expect(ended.code == Int32(code), "\(url): \(ended.error)")
            }
        }
    }

    @Test func `inputs are unpacked where they are wanted, and nothing private is left for others`() async throws {
        try await Self.with { desk in
            let folder = try desk.folder()
            #expect(try await desk.report("fetch", "my inputs").code == 0)
            let text = try String(contentsOfFile: folder + "/my inputs/files/wallpaper", encoding: .utf8)
            #expect(text == "night\n")
            #expect(FileManager.default.fileExists(atPath: folder + "/my inputs/fields/features"))
            #expect(try await desk.report("fetch").code == 0)
            #expect(FileManager.default.fileExists(atPath: folder + "/kiln-inputs/build.json"))
            // What it keeps for the next time: one file, for its user alone.
            let kept = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
                $0.hasPrefix("kiln-report-")
            }
            #expect(kept.count == 2, "\(kept)")
            for name in kept {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
                let mode = attributes[.posixPermissions] as? Int
                #expect(mode == 0o600 || mode == 0o700)
            }
        }
    }

    @Test func `a folder that others can write to is not trusted`() async throws {
        try await Self.with { desk in
            let folder = try desk.folder() + "/kiln-report-\(getuid())"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
            let ended = try await desk.report("done")
            #expect(ended.code == 5 && ended.error.contains("this user alone"))
        }
    }

    @Test func `it is served to jobs as it is`() async throws {
        var options = LiveServer.Options()
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.script)))
        let directory = URL(filePath: Self.script).deletingLastPathComponent().path
        options.publicFiles = try PublicFiles(directory: directory)
        try await LiveServer.with(options) { server in
            let answer = try await server.client.get("/kiln-report")
            #expect(answer.status == 200 && answer["Content-Type"] == "text/plain; charset=utf-8")
            let isSame = answer.body == bytes
            #expect(isSame)
        }
        try await LiveServer.with { server in
            let answer = try await server.client.get("/kiln-report")
            #expect(answer.status == 404)
        }
    }
}
