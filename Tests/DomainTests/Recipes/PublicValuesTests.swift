import Domain
import TestSupport
import Testing

struct PublicValuesTests {
    private static let name = FieldName(unchecked: "name")
    private static let note = FieldName(unchecked: "note")
    private static let phone = FieldName(unchecked: "phone")
    private static let address = FieldName(unchecked: "address")
    private static let other = FieldName(unchecked: "other")
    private static let fetched = FieldName(unchecked: "fetched")
    private static let unknown = FieldName(unchecked: "unknown")

    /// Its address is not marked as private, a second one is, and so is a text.
    private static let recipe: Recipe = {
        var recipe = Recipe.sample(fields: [
            Field(name: address, label: "Address", kind: .email),
            Field(name: name, label: "Name", kind: .text(TextRule())),
            Field(name: phone, label: "Phone", isPrivate: true, kind: .text(TextRule())),
            Field(name: other, label: "Other", isPrivate: true, kind: .email),
            Field(name: note, label: "Note", kind: .text(TextRule())),
        ])
        recipe.fetch = FetchStep(
            from: name, into: fetched, documents: [], maxDocumentBytes: 1, maxPictures: 0, maxPictureBytes: 0,
            maxBytes: 1, time: .seconds(1))
        return recipe
    }()

    private static let inputs = Inputs(
        values: [address, name, phone, other, note, fetched, unknown].map { InputValue(field: $0, content: .text("x")) }
    )

    @Test(arguments: [
        (nil, [name, note, fetched]), ([name], [name, fetched]), ([], [fetched]),
        ([address, phone, other, unknown, note], [note, fetched]),
    ])
    func `no private field is ever given away, nor the address, whoever names it (P7)`(
        _ named: [FieldName]?, _ given: [FieldName]
    ) {
        #expect(Self.recipe.publicValues(of: Self.inputs, in: named).map(\.field) == given)
    }

    @Test func `what a recipe does not fetch is no field's`() {
        var recipe = Self.recipe
        recipe.fetch = nil
        #expect(recipe.publicValues(of: Self.inputs, in: nil).map(\.field) == [Self.name, Self.note])
    }
}
