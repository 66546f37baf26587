/// How many bytes a message may still grow by, counted as they are written.
struct MailBudget {
    struct Texts {
        let text: String
        let html: String
    }

    /// Headers, signatures and boundaries.
    private static let frame: Int64 = 8 << 10
    /// Headers of a part.
    private static let partFrame: Int64 = 768

    /// `nil`: there is no bound.
    private(set) var left: Int64?

    init(_ largest: Int64?, texts: Texts) {
        left = largest.map { largest in
            largest - Self.frame - Int64(QuotedPrintable.encode(texts.text).count)
                // Words that tell of attachments come on top.
                - Int64(QuotedPrintable.encode(texts.html).count) - 2048
        }
    }

    /// Takes the place that a part of so many bytes needs as base64; whether there is so much.
    mutating func take(_ bytes: Int64) -> Bool {
        guard let left else { return true }
        let size = Base64.lengthOfLines(bytes) + Self.partFrame
        guard size <= left else { return false }
        self.left = left - size
        return true
    }

    /// The largest part that would fit.
    var largestPart: Int64 {
        guard let left else { return .max }
        return max(0, Base64.bytesInLines(of: left - Self.partFrame))
    }
}
