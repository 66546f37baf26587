package import Domain

/// What of Kiln a run may reach, as addresses; made by the front door. All of them end with the attempt.
package struct JobLinks: Sendable {
    /// The run's own folder: `<this>/build.json`, `<this>/inputs.tar.gz`. It is a capability and stands in job parameters;
    /// the callback's token is in `build.json`, never in a parameter (P7).
    package var folder: @Sendable (BuildOrder, Attempt) -> String
    /// One input file.
    package var upload: @Sendable (Upload, BuildOrder, Attempt) -> String
    /// Where the run reports.
    package var callback: @Sendable (BuildID) -> String
    /// Shows that a report comes from this attempt's run.
    package var token: @Sendable (Attempt) -> String
    /// The build's page, for people.
    package var page: @Sendable (BuildID) -> String

    package init(
        folder: @escaping @Sendable (BuildOrder, Attempt) -> String,
        upload: @escaping @Sendable (Upload, BuildOrder, Attempt) -> String,
        callback: @escaping @Sendable (BuildID) -> String, token: @escaping @Sendable (Attempt) -> String,
        page: @escaping @Sendable (BuildID) -> String
    ) {
        self.folder = folder
        self.upload = upload
        self.callback = callback
        self.token = token
        self.page = page
    }
}
