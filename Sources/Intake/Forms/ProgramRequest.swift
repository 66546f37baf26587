/// A program's request for a build of a recipe that it names itself: `{"recipe": id, "inputs": {...}}`. Read by the same
/// reader as the inputs are, so that nothing is lost or done twice on the way to it.
package struct ProgramRequest: Hashable, Sendable {
    /// As it was sent; `nil` if it was not, or is no string.
    package var recipe: String?
    /// A JSON object, as it was sent.
    package var inputs: [UInt8]

    /// - Throws: `IntakeError.malformed(.json)`, also for a member that is neither of the two or comes twice.
    package init(json bytes: [UInt8]) throws(IntakeError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformed(.json) }
        var reader = JSONReader(bytes: bytes)
        var seen: Set<String> = []
        var recipe: String?
        var inputs = Array("{}".utf8)
        try reader.readObject { name, reader throws(IntakeError) in
            guard seen.insert(name).inserted else { throw .malformed(.json) }
            switch name {
            case "recipe" where try reader.peek() == UInt8(ascii: "\""): recipe = try reader.readString()
            case "recipe": try reader.skipValue(depth: 0)
            case "inputs": inputs = try reader.readRawValue()
            default: throw .malformed(.json)
            }
        }
        guard reader.isAtEnd else { throw .malformed(.json) }
        self.recipe = recipe
        self.inputs = inputs
    }
}
