// For Unicode normalisation, which the standard library does not offer.
import Foundation

/// A claimed file name made fit to be shown and offered at download; what is stored is named by Kiln.
///
/// Werkzeug's `secure_filename` is the floor: where it leaves something of the name itself, this is its answer. A name of
/// which it would leave nothing, or no more than an extension, keeps its letters and digits of any script instead. Beyond
/// both: no leading hyphen, no name of a Windows device, at most `maxBytes` bytes with the extension kept, never empty.
package enum SafeFilename {
    package static let maxBytes = 120

    /// - Parameter contentType: the sniffed kind, for the extension of a file that brought no usable name.
    package static func make(_ claimed: String, contentType: String? = nil) -> String {
        var name = asciiName(claimed)
        if !claimed.utf8.allSatisfy({ $0 < 0x80 }), asciiName(split(claimed).stem).isEmpty {
            name = nameInAnyScript(claimed)
        }
        name = shortened(trimmed(name, atStart: "._-"))
        if name.isEmpty { return "file" + (contentType.flatMap { extensions[$0] }.map { "." + $0 } ?? "") }
        return isDevice(name) ? "_" + name : name
    }

    /// The name with the extension of another kind, for a file that was re-encoded.
    package static func renamed(_ name: String, to contentType: String) -> String {
        guard let wanted = extensions[contentType] else { return name }
        let (stem, ending) = split(name)
        let claimed = ending.lowercased().dropFirst()
        if claimed == wanted || claimed == "jpeg" && wanted == "jpg" { return name }
        let isAnotherKind = claimed == "jpeg" || extensions.values.contains(String(claimed))
        return make((isAnotherKind ? stem : name) + "." + wanted)
    }

    private static let extensions = [
        "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "image/svg+xml": "svg",
        "application/zip": "zip", "application/x-tar": "tar", "application/gzip": "tar.gz", "application/json": "json",
        "application/pdf": "pdf", "text/plain": "txt",
    ]
}

// MARK: - The two rules

extension SafeFilename {
    /// Werkzeug's: decomposed, what is not ASCII dropped, words joined by `_`, other punctuation dropped.
    private static func asciiName(_ claimed: String) -> String {
        let ascii = claimed.decomposedStringWithCompatibilityMapping.utf8.filter { $0 < 0x80 }
        let words = ascii.split { (0x09...0x0D).contains($0) || (0x1C...0x20).contains($0) || $0 == UInt8(ascii: "/") }
        let kept = words.joined(separator: [UInt8(ascii: "_")]).filter(isNameByte)
        return trimmed(trimmed(String(decoding: kept, as: UTF8.self), atStart: "._"), atEnd: "._")
    }

    /// The same for letters, digits and marks of any script; a backslash parts words as a slash does.
    private static func nameInAnyScript(_ claimed: String) -> String {
        let composed = claimed.precomposedStringWithCompatibilityMapping.unicodeScalars
        let words = composed.split { $0.properties.isWhitespace || $0 == "/" || $0 == "\\" }
        var kept = String.UnicodeScalarView()
        for scalar in words.joined(separator: "_".unicodeScalars) where isNameScalar(scalar) {
            // A mark needs a letter to sit on, and a pile of them is an attack on whoever draws it.
            if isMark(scalar), kept.last.map({ "._-".unicodeScalars.contains($0) }) ?? true { continue }
            kept.append(scalar)
        }
        let characters = String(kept).filter { $0.unicodeScalars.count <= 16 }
        return trimmed(trimmed(characters, atStart: "._"), atEnd: "._")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return isNameByte(UInt8(truncatingIfNeeded: scalar.value)) }
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}

// MARK: - Shape

extension SafeFilename {
    private static func trimmed(_ name: String, atStart marks: String) -> String {
        String(name.drop { marks.contains($0) })
    }

    private static func trimmed(_ name: String, atEnd marks: String) -> String {
        var name = name[...]
        while let last = name.last, marks.contains(last) { name.removeLast() }
        return String(name)
    }

    /// The stem and the extension with its dot (at most 16 bytes, `.tar.gz` and the like as one).
    private static func split(_ name: String) -> (stem: String, ending: String) {
        var cut = name.endIndex
        for _ in 0..<2 {
            guard let dot = name[..<cut].lastIndex(of: "."), dot > name.startIndex else { break }
            let piece = name[name.index(after: dot)..<cut]
            guard (1...12).contains(piece.utf8.count),
                piece.utf8.allSatisfy({ isNameByte($0) && $0 != 0x2D && $0 != 0x5F })
            else { break }
            // Only `tar` stands before another extension; elsewhere a dot is part of the name.
            if cut != name.endIndex, piece.lowercased() != "tar" { break }
            cut = dot
        }
        return (String(name[..<cut]), String(name[cut...]))
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > maxBytes else { return name }
        var (stem, ending) = split(name)
        while stem.utf8.count + ending.utf8.count > maxBytes { stem.removeLast() }
        return trimmed(stem, atEnd: "._") + ending
    }

    /// Names that Windows gives to devices, whatever their extension.
    private static func isDevice(_ name: String) -> Bool {
        let stem = name.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL", "CONIN", "CONOUT"].contains(stem) { return true }
        return stem.utf8.count == 4 && (stem.hasPrefix("COM") || stem.hasPrefix("LPT")) && stem.last?.isNumber == true
    }
}
