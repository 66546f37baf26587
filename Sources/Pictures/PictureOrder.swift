/// What a picture is to be made into.
package struct PictureOrder: Sendable, Hashable {
    /// How a picture of another shape gets into the target's.
    package enum Fit: String, Sendable, Hashable, CaseIterable, Codable {
        /// Exactly the target's size: enlarged if need be, the overhang cut off evenly.
        case cover
        /// Exactly the target's size: all of the picture, with the background around it.
        case contain
        /// At most the target's size, never enlarged.
        case inside
    }

    /// The file format to write.
    package enum Format: Sendable, Hashable {
        /// 8 bit, not interlaced, RGB or RGBA.
        case png
        /// Baseline; transparency is laid on the background.
        case jpeg(quality: Int)
        case webp(quality: Int)
    }

    /// A colour of 8 bits each.
    package struct Color: Sendable, Hashable {
        package var red: UInt8
        package var green: UInt8
        package var blue: UInt8

        package init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        package static let black = Color(red: 0, green: 0, blue: 0)
        package static let white = Color(red: 255, green: 255, blue: 255)

        var words: String { "\(red) \(green) \(blue)" }
    }

    package var width: Int
    package var height: Int
    package var fit: Fit
    package var format: Format
    /// Lies under transparent parts and around what is contained. Without one, transparent parts stay so in PNG and WebP
    /// and become white in JPEG, and around an opaque picture comes black.
    package var background: Color?

    package init(width: Int, height: Int, fit: Fit, format: Format, background: Color? = nil) {
        self.width = width
        self.height = height
        self.fit = fit
        self.format = format
        self.background = background
    }
}

/// A picture that Kiln made.
package struct ProcessedPicture: Sendable, Hashable {
    package let path: String
    package let width: Int
    package let height: Int
    package let bytes: Int
    package let contentType: String
}
