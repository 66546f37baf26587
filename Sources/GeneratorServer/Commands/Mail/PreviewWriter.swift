import Foundation
import Mailer

/// Writes a mail as files to look at.
struct PreviewWriter {
    let folder: String

    /// - Returns: the paths.
    func write(_ message: MailMessage, name: String) async throws -> [String] {
        var mail: [UInt8] = []
        try await message.write { mail += $0 }
        var html = message.html
        for (index, part) in message.inlinePictures.enumerated() {
            let bytes = try await part.read(0, Int(part.bytes))
            let address = "data:\(part.contentType);base64,\(Data(bytes).base64EncodedString())"
            html = html.replacing("cid:" + MailMessage.contentID(ofPicture: index, entry: message.entry), with: address)
        }
        let files = [("eml", mail), ("html", Array(html.utf8)), ("txt", Array(message.text.utf8))]
        return try files.map { kind, bytes in
            let path = "\(folder)/\(name).\(kind)"
            try Data(bytes).write(to: URL(filePath: path))
            return path
        }
    }
}
