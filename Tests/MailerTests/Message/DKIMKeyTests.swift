import Foundation
import Mailer
import TestSupport
import Testing

@Suite struct DKIMKeyTests {
    static func file(_ text: String, mode: mode_t = 0o600) throws -> (folder: TemporaryDirectory, path: String) {
        let folder = try TemporaryDirectory()
        let path = folder.path("key.pem")
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: path)
        return (folder, path)
    }

    @Test func `reads keys of both kinds and says what DNS must answer`() throws {
        let ed = try Self.file(TestKeys.ed25519 + "\n")
        let key = try DKIMKey(selector: "brisbane", file: ed.path)
        #expect(key.algorithm == "ed25519-sha256")
        // RFC 8463 appendix A.2.
        #expect(key.publicRecord == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        let rsa = try Self.file(TestKeys.rsa(), mode: 0o640)
        #expect(try DKIMKey(selector: "s", file: rsa.path).algorithm == "rsa-sha256")
    }

    @Test(arguments: ["ed25519", "RSA"]) func `reads what openssl makes`(kind: String) throws {
        let made = try Tool.run(["openssl", "genpkey", "-algorithm", kind])
        let key = try DKIMKey(selector: "s", pem: String(decoding: made, as: UTF8.self))
        #expect(key.algorithm == kind.lowercased() + "-sha256")
        let folder = try Self.file(String(decoding: made, as: UTF8.self))
        let half = try Tool.run(["openssl", "pkey", "-in", folder.path, "-pubout", "-outform", "DER"])
        let record = try #require(
            key.publicRecord.split(separator: "p=").last.flatMap { Data(base64Encoded: String($0)) })
        #expect(half.suffix(record.count) == record)
    }

    @Test(arguments: [0o644, 0o604, 0o660, 0o622, 0o602] as [mode_t])
    func `a key that others can read or change is refused (P7)`(mode: mode_t) throws {
        let file = try Self.file(TestKeys.ed25519, mode: mode)
        #expect(throws: DKIMError.open(mode: mode)) { try DKIMKey(selector: "s", file: file.path) }
        #expect("\(DKIMError.open(mode: mode))".contains(String(mode, radix: 8)))
    }

    @Test func `what is no usable key is refused with its reason`() throws {
        let folder = try TemporaryDirectory()
        #expect(throws: DKIMError.unreadable(code: ENOENT)) { try DKIMKey(selector: "s", file: folder.path("none")) }
        #expect(throws: DKIMError.noPrivateKey) { try DKIMKey(selector: "s", file: folder.path) }
        #expect(throws: DKIMError.noPrivateKey) { try DKIMKey(selector: "s", pem: "hello") }
        #expect(throws: DKIMError.noPrivateKey) {
            try DKIMKey(selector: "s", pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
        }
        let short = try TestKeys.rsa(bits: 1024)
        #expect(throws: DKIMError.short(bits: 1024)) { try DKIMKey(selector: "s", pem: short) }
        let curve = try Tool.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        #expect(throws: DKIMError.unusable) { try DKIMKey(selector: "s", pem: String(decoding: curve, as: UTF8.self)) }
        let locked = try Tool.run(["openssl", "genpkey", "-algorithm", "ed25519", "-aes128", "-pass", "pass:x"])
        #expect(throws: DKIMError.encrypted) {
            try DKIMKey(selector: "s", pem: String(decoding: locked, as: UTF8.self))
        }
        let cut = TestKeys.ed25519.replacing("MC4CAQAw", with: "MC4C")
        #expect(throws: DKIMError.unusable) { try DKIMKey(selector: "s", pem: cut) }
    }

    @Test(arguments: ["", ".", "a..b", "a b", "a;b", "ä", "a\r\nb", String(repeating: "a", count: 64)])
    func `what is no selector is refused`(selector: String) {
        #expect(throws: DKIMError.badSelector) { try DKIMKey(selector: selector, pem: TestKeys.ed25519) }
    }
}
