/// What a run has told of itself through its build's callback; merged from all reports of one attempt.
package struct RunReport: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        case succeeded
        case failed(message: String, kind: Failure.Kind)
    }

    /// The newest that was told.
    package var phase: Phase?
    /// `nil`: the run has told no end. Once told it stays.
    package var result: Result?
    /// The provider's name for the run, as the run itself knows it.
    package var runID: String?
    package var runURL: String?
    /// When the newest report came in.
    package var reportedAt: Timestamp

    package init(
        phase: Phase? = nil, result: Result? = nil, runID: String? = nil, runURL: String? = nil, reportedAt: Timestamp
    ) {
        self.phase = phase
        self.result = result
        self.runID = runID
        self.runURL = runURL
        self.reportedAt = reportedAt
    }

    /// This report and an other one of the same attempt: what either tells, the newer one before the older; of two
    /// results the first that was written down, which is this one's.
    package func merged(with other: RunReport) -> RunReport {
        let isNewer = other.reportedAt >= reportedAt
        let (newer, older) = isNewer ? (other, self) : (self, other)
        return RunReport(
            phase: newer.phase ?? older.phase, result: result ?? other.result, runID: newer.runID ?? older.runID,
            runURL: newer.runURL ?? older.runURL, reportedAt: newer.reportedAt)
    }
}
