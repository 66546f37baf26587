import Foundation
import Testing

/// A small server in a process of its own, on a port of its own, that answers as its paths say.
final class AnsweringServer: Sendable {
    let port: Int
    private let process: Process

    init() throws {
        let script = """
            import http.server, socketserver, sys, threading
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def log_message(self, *_): pass
                def answer(self, status, body=b"", **headers):
                    self.send_response(status)
                    for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def do_GET(self):
                    if self.path == "/hello": self.answer(200, b"hello", X_Twice="a")
                    elif self.path == "/moved": self.answer(302, b"not this", Location="/hello")
                    elif self.path == "/to-file": self.answer(302, b"", Location="file:///etc/passwd")
                    elif self.path == "/loop": self.answer(302, b"", Location="/loop")
                    elif self.path == "/large": self.answer(200, b"x" * 2_000_000)
                    elif self.path == "/proxy": self.answer(200, self.headers.get("Via", "none").encode())
                    elif self.path == "/cut":
                        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhalf")
                        self.close_connection = True
                    elif self.path == "/silent": threading.Event().wait(30)
                    else: self.answer(404, b"no")
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    self.answer(201, self.headers["Content-Type"].encode() + b"\\n" + body)
            class Server(socketserver.ThreadingTCPServer):
                def handle_error(self, *_): pass
            server = Server(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            print(server.server_address[1], flush=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            sys.stdin.read()
            """
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        // The server ends when this end of its input closes, however the test ends.
        process.standardInput = Pipe()
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit {
        process.terminate()
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
}
