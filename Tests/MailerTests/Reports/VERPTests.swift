import Crypto
import Domain
import Testing

@testable import Mailer

@Suite struct VERPTests {
    private let entry = SampleBounce.entry

    @Test func `An entry's address carries the entry with its proof, and fits`() throws {
        let sender = try #require(try SampleBounce.verp.sender(of: entry))
        #expect(sender.text.hasPrefix("bounces+\(entry)."))
        #expect(sender.text.hasSuffix("@kiln.example") && sender.local.utf8.count == 51)
        #expect(try SampleBounce.verp.entry(ofRecipient: sender.text) == entry)
        #expect(try SampleBounce.verp.entry(ofRecipient: sender.text.uppercased()) == entry)
    }

    @Test func `No other address is an entry's (P4)`() throws {
        let verp = try SampleBounce.verp
        let right = try #require(verp.sender(of: entry)).text
        let other = OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzy")
        let code = right.split(separator: ".")[1].prefix(16)
        let wrong = [
            "", "@", "bounces@kiln.example", "bounces+@kiln.example", "bounces+\(entry)@kiln.example",
            "bounces+\(entry).@kiln.example", "bounces+\(entry).0000000000000000@kiln.example",
            "bounces+\(other).\(code)@kiln.example", right.replacing("kiln.example", with: "evil.example"),
            right.replacing("bounces+", with: "bounce+"), right.replacing("bounces+", with: "bounces+x"),
            right + ".example", "x" + right, String(right.dropFirst()), String(repeating: "a", count: 5000),
        ]
        for address in wrong { #expect(verp.entry(ofRecipient: address) == nil, "\(address)") }
    }

    @Test func `Every digit of the proof counts`() throws {
        let mark = try SampleBounce.verp.mark(of: entry)
        #expect(try SampleBounce.verp.entry(ofMark: mark) == entry)
        for place in 27..<43 {
            var bytes = Array(mark.utf8)
            bytes[place] = bytes[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            #expect(try SampleBounce.verp.entry(ofMark: String(decoding: bytes, as: UTF8.self)) == nil)
        }
    }

    @Test func `Another server's secret makes other proofs, and a long name has no room for one`() throws {
        let address = try MailAddress(checked: "bounces@kiln.example")
        let other = try #require(VERP(address: address, secret: SymmetricKey(size: .bits256)))
        #expect(other.entry(ofRecipient: try SampleBounce.verp.sender(of: entry)?.text ?? "") == nil)
        let long = try MailAddress(checked: "\(String(repeating: "b", count: 21))@kiln.example")
        #expect(VERP(address: long, secret: SymmetricKey(size: .bits256)) == nil)
        let longest = try MailAddress(checked: "\(String(repeating: "b", count: 20))@kiln.example")
        #expect(VERP(address: longest, secret: SymmetricKey(size: .bits256))?.sender(of: entry) != nil)
    }

    @Test func `A message is known by any place that holds the address, and only with the proof`() throws {
        let verp = try SampleBounce.verp
        let address = try #require(verp.sender(of: entry)).text
        let mark = verp.mark(of: entry)
        func isRead(_ recipient: String? = nil, _ change: (inout SampleBounce.Ways) -> Void) throws -> Bool {
            if case .report(entry, _) = BounceReading(
                try SampleBounce.message(change), recipient: recipient, verp: verp)
            {
                return true
            }
            return false
        }
        #expect(try isRead { _ in })
        #expect(try isRead { $0.deliveredTo = "Kiln <\(address)>, other@example.org" })
        #expect(try isRead(address) { $0.deliveredTo = nil })
        #expect(try isRead("<\(address)>") { $0.deliveredTo = nil })
        #expect(try isRead { ($0.deliveredTo, $0.returnPath) = (nil, "<\(address)>") })
        #expect(try isRead { ($0.deliveredTo, $0.envelopeID) = (nil, mark) })
        #expect(try isRead { ($0.deliveredTo, $0.messageID) = (nil, "<\(mark)@kiln.example>") })
        // The Message-ID alone stands in every mail: whoever has seen one could say anything of it.
        #expect(try !isRead { $0.deliveredTo = nil })
        #expect(try !isRead { ($0.deliveredTo, $0.envelopeID) = (nil, entry.text) })
        #expect(try !isRead("bounces+\(entry).0123456789abcdef@kiln.example") { $0.deliveredTo = nil })
    }

    @Test func `An automatic answer to an entry's address is no report`() throws {
        let verp = try SampleBounce.verp
        let answer = "To: \(try #require(verp.sender(of: entry)))\nSubject: Away\n\nBack on Monday."
        #expect(BounceReading(Array(answer.utf8), verp: verp) == .noReport(entry))
    }
}
