import Foundation
import Testing

/// A mail as Python's `email` package reads it, with its policy that raises on every defect: a reader that is not ours.
struct ReadMail: Decodable {
    struct Part: Decodable {
        let type: String
        let disposition: String?
        let filename: String?
        let contentID: String?
        let text: String?
        let sha256: String
        let bytes: Int
    }

    let headers: [String: String]
    let structure: [String]
    let parts: [Part]

    static func parse(_ message: [UInt8]) throws -> ReadMail {
        let script = """
            import sys, json, hashlib, email, email.policy
            policy = email.policy.SMTP.clone(raise_on_defect=True)
            data = sys.stdin.buffer.read()
            for line in data.split(b"\\r\\n"):
                assert len(line) <= 998, "line too long"
                assert b"\\n" not in line and b"\\r" not in line, "bare line end"
            message = email.message_from_bytes(data, policy=policy)
            parts = []
            for part in message.walk():
                if part.is_multipart(): continue
                payload = part.get_payload(decode=True)
                parts.append(dict(type=part.get_content_type(), disposition=part.get_content_disposition(),
                    filename=part.get_filename(), contentID=part["Content-ID"],
                    text=part.get_content() if part.get_content_maintype() == "text" else None,
                    sha256=hashlib.sha256(payload).hexdigest(), bytes=len(payload)))
            json.dump(dict(headers={k: str(v) for k, v in message.items()},
                structure=[p.get_content_type() for p in message.walk()], parts=parts), sys.stdout)
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let input = FileManager.default.temporaryDirectory.appending(path: "kiln-mail-\(UUID().uuidString)")
        try Data(message).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "Python found a defect in the mail")
        return try JSONDecoder().decode(ReadMail.self, from: answer)
    }
}
