/// The names that templates and words may use; a test holds them against what mails are really given.
enum MailNames {
    static let all: Set<String> = values.union(numbers).union(flags)

    /// By which a word can have plural forms.
    static let numbers: Set<String> = ["count", "readyCount", "tailCount", "leftOutCount"]

    private static let values: Set<String> = [
        "language", "direction", "words", "kind", "recipe", "build", "askedAt", "asked", "label", "value", "lines",
        "fields", "end", "targets", "target", "pictureID", "confirm", "notMe", "confirmBy", "network", "stop", "tail",
        "page", "log", "files", "name", "url", "size", "sha256", "until", "failure", "errorLine", "context", "text",
    ]

    private static let flags: Set<String> = [
        "hasAsked", "hasLeftOut", "isGroup", "isReadyInPart", "hasPicture", "hasTail", "isLogAttached",
        "isLogEndAttached", "isReady", "isFailed", "isCancelled", "isExpired", "areFilesGone", "isAttached",
        "hasAndroidApp",
        "hasContext", "isError", "isInputFault", "isBuildFault", "isInfrastructureFault", "isTimeout",
    ]
}
