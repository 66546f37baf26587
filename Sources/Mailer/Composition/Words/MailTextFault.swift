/// Something that is wrong with a text or a template of a mail: where, what, and how to mend it.
package struct MailTextFault: Error, Hashable, Sendable {
    package var file: String
    /// From 1; `nil`: the file as a whole.
    package var line: Int?
    package var column: Int
    package var problem: String
    package var mend: String

    package init(file: String, line: Int? = nil, column: Int = 1, problem: String, mend: String) {
        self.file = file
        self.line = line
        self.column = column
        self.problem = problem
        self.mend = mend
    }
}

extension MailTextFault: CustomStringConvertible {
    package var description: String {
        (line.map { "\(file):\($0):\(column)" } ?? file) + ": \(problem) (\(mend))"
    }
}
