import Foundation
import TestSupport
import Testing

/// A certificate authority of the test's own, and servers that answer `hello` with certificates of it.
final class TestAuthority: Sendable {
    private let folder: TemporaryDirectory

    /// What a client is to trust.
    var file: String { folder.path("ca.pem") }

    init() async throws {
        folder = try TemporaryDirectory()
        try await run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "ca.key", "-out", "ca.pem", "-subj", "/CN=Test", "-days", "2")
        try await run(
            "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key",
            "-out", "server.csr", "-subj", "/CN=Server")
    }

    /// A server for the name, whose certificate is good for so many days from now (negative: was).
    func server(name: String, days: Int = 2) async throws -> TLSServer {
        let id = UUID().uuidString
        try Data("subjectAltName=\(name)".utf8).write(to: folder.url.appending(path: "\(id).ext"))
        try await run(
            "openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", String(days), "-extfile", "\(id).ext", "-out", "\(id).pem")
        return try await TLSServer(certificate: folder.path("\(id).pem"), key: folder.path("server.key"))
    }

    private func run(_ command: String...) async throws {
        let program = try await Program.run(command, in: folder.path)
        try #require(program.code == 0, "\(program.complaint)")
    }
}

final class TLSServer: Sendable {
    let port: Int
    private let process: PipedProcess

    init(certificate: String, key: String) async throws {
        let script = """
            import http.server, socketserver, ssl, sys, threading
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def log_message(self, *_): pass
                def do_GET(self):
                    self.send_response(200)
                    self.send_header("Content-Length", "5")
                    self.end_headers()
                    self.wfile.write(b"hello")
            class Server(socketserver.ThreadingTCPServer):
                daemon_threads = True
                def handle_error(self, *_): pass
                def get_request(self):
                    plain, address = self.socket.accept()
                    return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            server = Server(("127.0.0.1", 0), Handler)
            print(server.server_address[1], flush=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            sys.stdin.read()
            """
        process = try PipedProcess(["python3", "-c", script, certificate, key])
        port = try #require(Int(try await process.line()))
    }
}
