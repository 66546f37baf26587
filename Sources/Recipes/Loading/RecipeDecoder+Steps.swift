import Domain

/// The steps before and after the run itself.
extension RecipeDecoder {
    func check(_ reader: ObjectReader) throws(ObjectReader.Gap) -> CheckStep? {
        guard reader.has("check") else { return nil }
        let check = reader.object("check", RecipeFormat.check)
        let uses =
            check.has("uses")
            ? try check.texts("uses") : try reader.object("build", RecipeFormat.build).texts("uses")
        return CheckStep(
            script: try check.text("script"), uses: uses.map { FieldName(unchecked: $0) },
            tools: try check.texts("tools"), limits: try limits(check))
    }

    func fetch(_ reader: ObjectReader) throws(ObjectReader.Gap) -> FetchStep? {
        guard reader.has("fetch") else { return nil }
        let fetch = reader.object("fetch", RecipeFormat.fetch)
        var documents: [FetchStep.Document] = []
        for document in fetch.objects("documents", RecipeFormat.document) {
            documents.append(
                FetchStep.Document(
                    path: try document.text("path"), name: try document.text("name"),
                    isRequired: try document.flag("required")))
        }
        return FetchStep(
            from: FieldName(unchecked: try fetch.text("from")), into: FieldName(unchecked: try fetch.text("into")),
            documents: documents, maxDocumentBytes: try fetch.size("max_document_bytes"),
            maxPictures: try fetch.integer("max_pictures"), maxPictureBytes: try fetch.size("max_picture_bytes"),
            maxBytes: try fetch.size("max_bytes"), time: try fetch.span("time"))
    }

    func sign(_ reader: ObjectReader) throws(ObjectReader.Gap) -> SignStep? {
        guard reader.has("sign") else { return nil }
        let sign = reader.object("sign", RecipeFormat.sign)
        return SignStep(
            artifact: try sign.text("artifact"),
            scheme: SignStep.Scheme(rawValue: try sign.text("scheme")) ?? .apk, packages: try sign.text("packages"))
    }

    func generatorAPI(_ reader: ObjectReader) throws(ObjectReader.Gap) -> GeneratorAPI? {
        guard reader.has("generator_api") else { return nil }
        let api = reader.object("generator_api", RecipeFormat.generatorAPI)
        return GeneratorAPI(endpoint: FieldName(unchecked: try api.text("endpoint")))
    }
}
