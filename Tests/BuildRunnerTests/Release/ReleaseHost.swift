import Curl
import Domain
import Foundation
import TestSupport

@testable import BuildRunner

/// A real nginx that publishes files, in a folder of its own; ends with the test process however that ends.
///
/// Under the host's address: `/files/...` as they are; `/moved/` leads to another path, `/elsewhere/` to another address
/// (`127.0.0.2`) and port; `/head-405/` (403, 501) refuses HEAD; `/no-ranges/` refuses HEAD and knows no ranges; `/soft/` has a
/// page for what is missing; `/status/NNN` answers so; `/named/` and `/misnamed/` call files otherwise.
final class ReleaseHost: Sendable {
    struct NotStarted: Error {}

    struct Seen: Hashable {
        var method: String
        var path: String
        var status: Int
        var range: String
        var condition: String
    }

    static let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let url: String
    private let folder: TemporaryDirectory
    private let process: PipedProcess
    private let transfers = HTTPTransfers(TransferSettings(userAgent: "Kiln-Test"))

    init() async throws {
        folder = try TemporaryDirectory()
        for name in ["files", "elsewhere"] {
            try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
        }
        // Between the choice of a port and its use it can be taken.
        for _ in 0..<5 {
            let (port, other) = (try Self.freePort(), try Self.freePort())
            try Self.configuration(folder.path, port, other)
                .write(toFile: folder.path("nginx.conf"), atomically: true, encoding: .utf8)
            let process = try Self.launch(folder.path)
            let url = "http://127.0.0.1:\(port)"
            if await Self.isServing(url, folder.path) {
                (self.url, self.process) = (url, process)
                return
            }
            await process.end()
        }
        throw NotStarted()
    }

    /// Puts a file there whole at once, as a release is.
    func publish(_ name: String, _ bytes: [UInt8]) throws {
        let path = folder.path("files/\(name)")
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }

    func withdraw(_ name: String) throws {
        try FileManager.default.removeItem(atPath: folder.path("files/\(name)"))
    }

    /// The requests so far, on all addresses.
    func requests() async throws -> [Seen] {
        // One process serves all: with this answer, those before it are written down.
        _ = try await transfers.send(HTTPRequest(.get, url + "/ready"))
        let log = try String(contentsOfFile: folder.path("access.log"), encoding: .utf8)
        return log.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 5, parts[1] != "/ready", let status = Int(parts[2]) else { return nil }
            return Seen(method: parts[0], path: parts[1], status: status, range: parts[3], condition: parts[4])
        }
    }

    // MARK: - nginx

    /// The shell waits for the end of its input, which comes with the end of this process at the latest.
    private static func launch(_ folder: String) throws -> PipedProcess {
        let script = #""$0" -p "$1" -c "$1/nginx.conf" -e "$1/error.log" >/dev/null 2>&1 & read -r _; kill -9 "$!""#
        return try PipedProcess(["/bin/sh", "-c", script, program ?? "nginx", folder])
    }

    /// Whether it is this nginx that answers; tried until it has said that it cannot.
    private static func isServing(_ url: String, _ folder: String) async -> Bool {
        let transfers = HTTPTransfers(TransferSettings(userAgent: "Kiln-Test"))
        while true {
            if let answer = try? await transfers.send(HTTPRequest(.get, url + "/ready")) {
                return String(decoding: answer.body, as: UTF8.self) == folder
            }
            let errors = try? String(contentsOfFile: "\(folder)/error.log", encoding: .utf8)
            if errors?.contains("[emerg]") == true { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func freePort() throws -> Int {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(handle, address, length) == 0 && getsockname(handle, address, &length) == 0
            }
        }
        guard done else { throw NotStarted() }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func configuration(_ folder: String, _ port: Int, _ other: Int) -> String {
        let refusals = [403, 405, 501].map { status in
            "location /head-\(status)/ { if ($request_method = HEAD) { return \(status); } alias \(folder)/files/; }"
        }
        let statuses = [400, 401, 403, 404, 408, 410, 429, 500, 502, 503].map { status in
            "location = /status/\(status) { return \(status) 'no'; }"
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off; master_process off;
            pid \(folder)/nginx.pid;
            events { worker_connections 256; }
            http {
                \(temporary.joined(separator: " "))
                types { text/html html; text/plain txt; }
                default_type application/octet-stream;
                log_format seen escape=none '$request_method|$uri|$status|$http_range|$http_if_none_match';
                access_log \(folder)/access.log seen;
                server {
                    listen 127.0.0.1:\(port);
                    root \(folder);
                    location = /ready { return 200 '\(folder)'; }
                    location /files/ { }
                    location ~ ^/moved/(.*)$ { return 302 /files/$1; }
                    location ~ ^/elsewhere/(.*)$ { return 302 http://127.0.0.2:\(other)/files/$1?signature=good; }
                    location = /loop { return 302 /loop; }
                    location = /to-a-file { return 302 file:///etc/passwd; }
                    location /no-ranges/ {
                        if ($request_method = HEAD) { return 405; }
                        max_ranges 0; alias \(folder)/files/;
                    }
                    location /soft/ { alias \(folder)/files/; error_page 404 =200 /sorry; }
                    location = /sorry { default_type text/html; return 200 '<!doctype html><p>Nothing here.'; }
                    location = /login { return 302 /sorry; }
                    location /named/ {
                        alias \(folder)/files/;
                        add_header Content-Disposition "attachment; filename=\\"old.iso\\"; filename*=UTF-8''Caf%C3%A9.iso";
                    }
                    location /misnamed/ {
                        alias \(folder)/files/; add_header Content-Disposition 'attachment; filename="../../x.exe"';
                    }
                    location = /limited { add_header Retry-After 120 always; return 429; }
                    location = /busy { add_header Retry-After 'Tue, 20 Nov 2029 00:00:00 GMT' always; return 503; }
                    \(refusals.joined(separator: "\n"))
                    \(statuses.joined(separator: "\n"))
                }
                server {
                    listen 127.0.0.2:\(other);
                    root \(folder);
                    location /files/ { if ($arg_signature != good) { return 403; } }
                }
            }
            """
    }
}
