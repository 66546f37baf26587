/// A script that looks through a submission before the build is accepted, and through what was fetched for it.
package struct CheckStep: Hashable, Sendable {
    package var script: String
    /// The fields that it reads.
    package var uses: [FieldName]
    package var tools: [String]
    package var limits: RunLimits

    package init(script: String, uses: [FieldName], tools: [String], limits: RunLimits) {
        self.script = script
        self.uses = uses
        self.tools = tools
        self.limits = limits
    }
}

extension Recipe {
    /// Whether Kiln puts what it fetched under this name; no field has it.
    package func isFetched(_ name: FieldName) -> Bool {
        fetch?.into == name && field(name) == nil
    }

    /// Whether anything may be to be fetched for what a requester gave.
    package func isToGather(_ inputs: Inputs) -> Bool {
        guard let fetch, inputs[fetch.into] == nil else { return false }
        return fetch.address(in: inputs) != nil || (fetch.maxPictures > 0 && check != nil)
    }

    /// What a requester gave, without what Kiln fetched for it.
    package func submitted(_ inputs: Inputs) -> Inputs {
        Inputs(values: inputs.values.filter { !isFetched($0.field) })
    }
}

/// What Kiln fetches itself for a build, after it was accepted and before its first trigger.
package struct FetchStep: Hashable, Sendable {
    /// One document below the address that the requester gave.
    package struct Document: Hashable, Sendable {
        /// Put behind the address, `/event`.
        package var path: String
        /// What the run finds it under.
        package var name: String
        /// Whether the build fails without it.
        package var isRequired: Bool

        package init(path: String, name: String, isRequired: Bool) {
            self.path = path
            self.name = name
            self.isRequired = isRequired
        }
    }

    /// The field of type `url` whose value is the address; nothing is fetched from it where it was not given.
    package var from: FieldName
    /// The name under which the run gets all that was fetched, as one zip; no field of the form has it.
    package var into: FieldName
    package var documents: [Document]
    /// Bytes.
    package var maxDocumentBytes: Int64
    /// Of the pictures that the check script asks for.
    package var maxPictures: Int
    package var maxPictureBytes: Int64
    /// Of everything together.
    package var maxBytes: Int64
    /// For everything together.
    package var time: Duration

    package init(
        from: FieldName, into: FieldName, documents: [Document], maxDocumentBytes: Int64, maxPictures: Int,
        maxPictureBytes: Int64, maxBytes: Int64, time: Duration
    ) {
        self.from = from
        self.into = into
        self.documents = documents
        self.maxDocumentBytes = maxDocumentBytes
        self.maxPictures = maxPictures
        self.maxPictureBytes = maxPictureBytes
        self.maxBytes = maxBytes
        self.time = time
    }
}

extension FetchStep {
    /// What the requester gave as the address.
    package func address(in inputs: Inputs) -> String? {
        guard case .text(let text)? = inputs[from], !text.isEmpty else { return nil }
        return text
    }
}

/// Which product Kiln signs itself, so that no run ever sees the key.
package struct SignStep: Hashable, Sendable {
    package enum Scheme: String, Hashable, Sendable, CaseIterable {
        /// Android's APK signature schemes 1 to 3.
        case apk
    }

    /// A file name pattern with `*` and `?`, one of those of `artifacts`.
    package var artifact: String
    package var scheme: Scheme
    /// The packages that may be signed, a name with `*`: `org.example.event.*`.
    package var packages: String

    package init(artifact: String, scheme: Scheme, packages: String) {
        self.artifact = artifact
        self.scheme = scheme
        self.packages = packages
    }
}

/// That a recipe answers the API of the Open Event App Generator, version 2.
package struct GeneratorAPI: Hashable, Sendable {
    /// The field that its `endpoint` goes into.
    package var endpoint: FieldName

    package init(endpoint: FieldName) {
        self.endpoint = endpoint
    }
}
