/// One step of the schema. Steps are only ever added: a released one is never edited, because databases have taken it.
struct Migration: Sendable {
    /// 1, 2, 3, ... without gaps; kept in the database as `PRAGMA user_version`.
    var version: Int
    var sql: String

    /// All steps, oldest first.
    static let all: [Migration] = [.m0001Builds, .m0002Remote, .m0003Mail, .m0004Keys, .m0005Fetch, .m0006Gathered]
}
