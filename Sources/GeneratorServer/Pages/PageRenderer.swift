/// Makes the HTML of every page. The models hold everything that a page shows; a renderer adds looks and nothing else.
/// Whatever comes from a requester is text in the models: a renderer encodes it (P5).
protocol PageRenderer: Sendable {
    /// The recipes that are offered.
    func recipes(_ page: RecipesPage) throws -> String
    /// A recipe's form, empty, pre-filled, or given back with its faults.
    func form(_ page: FormPage) throws -> String
    /// The live page of a build.
    func build(_ page: BuildPage) throws -> String
    /// How busy the service is.
    func status(_ page: StatusPage) throws -> String
    /// Whether a build is wanted that was asked for with the reader's address.
    func confirm(_ page: ConfirmPage) throws -> String
    /// One thing that is said or asked.
    func notice(_ page: NoticePage) throws -> String
    /// What went wrong, and how to go on.
    func error(_ page: ErrorPage) throws -> String
}
