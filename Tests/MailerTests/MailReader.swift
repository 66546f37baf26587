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
    /// The name and the address of `From`.
    let sender: [String]
    let structure: [String]
    let parts: [Part]
    /// Lines of headers, the parts' too, that are longer than 78 characters and could have been folded.
    let unfolded: [String]
    let longestBodyLine: Int

    static func parse(_ message: [UInt8]) throws -> ReadMail {
        try #require(try parse([message]).first)
    }

    /// Reads many in one go.
    static func parse(_ messages: [[UInt8]]) throws -> [ReadMail] {
        let script = """
            import json, hashlib, email, email.policy, email.header, email.utils
            policy = email.policy.SMTPUTF8.clone(raise_on_defect=True)
            read = []
            for data in messages:
                unfolded, longest, in_header = [], 0, True
                for line in data.split(b"\\r\\n"):
                    assert len(line) <= 998, "line too long"
                    assert b"\\n" not in line and b"\\r" not in line and b"\\0" not in line, "bare line end or NUL"
                    if line.startswith(b"--=_"): in_header = True
                    elif not line: in_header = False
                    elif in_header:
                        value = line if line[:1] == b" " else line.split(b":", 1)[1]
                        if len(line) > 78 and b" " in value.strip(): unfolded.append(line.decode())
                    else: longest = max(longest, len(line))
                if data.isascii(): message = email.message_from_bytes(data, policy=policy)
                else: message = email.message_from_string(data.decode(), policy=policy)
                parts = []
                for part in message.walk():
                    if part.is_multipart(): continue
                    payload = part.get_payload(decode=True)
                    parts.append(dict(type=part.get_content_type(), disposition=part.get_content_disposition(),
                        filename=part.get_filename(), contentID=part["Content-ID"],
                        text=part.get_content() if part.get_content_maintype() == "text" else None,
                        sha256=hashlib.sha256(payload).hexdigest(), bytes=len(payload)))
                assert len(message["From"].addresses) == 1
                # The policy's own reading of a name puts a space between encoded words.
                raw = email.message_from_bytes(data, policy=email.policy.compat32)["From"]
                name, address = email.utils.parseaddr(str(raw).replace("\\r\\n", ""))
                name = str(email.header.make_header(email.header.decode_header(name)))
                read.append(dict(headers={k: str(v) for k, v in message.items()},
                    sender=[name, address], unfolded=unfolded, longestBodyLine=longest,
                    structure=[p.get_content_type() for p in message.walk()], parts=parts))
            json.dump(read, sys.stdout)
            """
        return try JSONDecoder().decode([ReadMail].self, from: Tool.python(script, messages: messages))
    }
}
