import Foundation

/// What a command says while it works: on standard output and standard error, unless somebody listens instead.
enum CommandOutput {
    enum Stream: Hashable, Sendable {
        case output
        case errors
    }

    /// Gets the words of this task's commands in place of the terminal.
    @TaskLocal static var listener: (@Sendable (String, Stream) -> Void)?

    /// Words for whoever asked, with an end of line.
    static func say(_ words: String) {
        write("\(words)\n", to: .output)
    }

    /// Why something was not done, with an end of line.
    static func complain(_ words: String) {
        write("\(words)\n", to: .errors)
    }

    /// Exactly these bytes.
    static func write(_ text: String, to stream: Stream) {
        if let listener { return listener(text, stream) }
        switch stream {
        case .output: print(text, terminator: "")
        case .errors: FileHandle.standardError.write(Data(text.utf8))
        }
    }
}
