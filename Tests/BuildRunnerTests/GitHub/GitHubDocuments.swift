import Domain
import TestSupport

/// GitHub's answers, with everything that its description requires of them.
enum GitHubDocuments {
    static let site = "https://ghe.example.org"
    private static let api = "\(site)/api/v3"
    private static let repositoryURL = "\(api)/repos/ada/images"

    static func page(of run: Int64) -> String { "\(site)/ada/images/actions/runs/\(run)" }

    static func repository(permits: Bool) -> JSONValue {
        var members = minimalRepository.members ?? [:]
        members["archived"] = false
        members["permissions"] = ["admin": false, "push": .flag(permits), "pull": true]
        return .object(members)
    }

    static let workflow: JSONValue = [
        "id": 7, "node_id": "W_7", "name": "Image", "path": ".github/workflows/build.yml", "state": "active",
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
        "url": .text("\(repositoryURL)/actions/workflows/7"),
        "html_url": .text("\(site)/ada/images/blob/main/.github/workflows/build.yml"),
        "badge_url": .text("\(site)/ada/images/workflows/Image/badge.svg"),
    ]

    static func run(_ run: GitHubPlayer.PlayedRun) -> JSONValue {
        let url = "\(repositoryURL)/actions/runs/\(run.id)"
        return [
            "id": .integer(run.id), "name": "Image", "display_title": .text(run.title),
            "node_id": .text("WFR_\(run.id)"), "head_branch": .text(run.branch),
            "head_sha": "f8de1574818fccb40aa2a4d89a5c423a44753258", "run_number": 12,
            "run_attempt": .integer(Int64(run.attempt)), "event": .text(run.event), "status": .text(run.status),
            "conclusion": run.conclusion.map { .text($0) } ?? .null, "workflow_id": 7, "pull_requests": [],
            "url": .text(url), "html_url": .text(page(of: run.id)),
            "created_at": .text("\(run.createdAt)".prefix(19) + "Z"),
            "updated_at": .text("\(run.createdAt + .seconds(run.version))".prefix(19) + "Z"),
            "jobs_url": .text("\(url)/jobs"), "logs_url": .text("\(url)/logs"),
            "check_suite_url": .text("\(repositoryURL)/check-suites/1"), "artifacts_url": .text("\(url)/artifacts"),
            "cancel_url": .text("\(url)/cancel"), "rerun_url": .text("\(url)/rerun"),
            "workflow_url": .text("\(repositoryURL)/actions/workflows/7"), "head_commit": .null,
            "repository": minimalRepository, "head_repository": minimalRepository,
        ]
    }

    static func jobs(of run: GitHubPlayer.PlayedRun) -> JSONValue {
        let isRunning = run.status == "in_progress"
        let status: JSONValue = isRunning ? "in_progress" : run.status == "completed" ? "completed" : "queued"
        let step = { (number: Int64, name: JSONValue, status: JSONValue) -> JSONValue in
            [
                "name": name, "status": status, "number": .integer(number),
                "conclusion": status == "completed" ? "success" : .null, "started_at": "2026-01-02T03:04:05Z",
                "completed_at": .null,
            ]
        }
        let job: JSONValue = [
            "id": 71, "run_id": .integer(run.id), "run_url": .text("\(repositoryURL)/actions/runs/\(run.id)"),
            "node_id": "CR_71", "head_sha": "f8de1574818fccb40aa2a4d89a5c423a44753258",
            "url": .text("\(repositoryURL)/actions/jobs/71"), "html_url": .text("\(page(of: run.id))/job/71"),
            "status": status, "conclusion": run.conclusion.map { .text($0) } ?? .null,
            "started_at": "2026-01-02T03:04:05Z", "completed_at": .null, "name": "build",
            "check_run_url": .text("\(repositoryURL)/check-runs/71"),
            "steps": isRunning
                ? .list([
                    step(1, "Set up job", "completed"), step(2, "Make the image", "in_progress"),
                    step(3, "Send the image", "queued"), step(4, "Complete job", "queued"),
                ]) : .list([]),
        ]
        return ["total_count": 1, "jobs": .list([job])]
    }

    static func artifacts(of run: GitHubPlayer.PlayedRun) -> JSONValue {
        let artifact = { (id: Int64, isExpired: Bool) -> JSONValue in
            [
                "id": .integer(id), "node_id": "A_1", "name": "result", "size_in_bytes": 200,
                "url": .text("\(repositoryURL)/actions/artifacts/\(id)"),
                "archive_download_url": .text("\(repositoryURL)/actions/artifacts/\(id)/zip"),
                "expired": .flag(isExpired), "created_at": "2026-01-02T03:04:05Z",
                "updated_at": "2026-01-02T03:04:05Z", "expires_at": "2027-01-02T03:04:05Z",
            ]
        }
        // Of an earlier try of the same run, and one that is no longer there.
        let all = run.files.isEmpty ? [] : [artifact(run.id + 400, false), artifact(run.id + 500, false)]
        return ["total_count": .integer(Int64(all.count)), "artifacts": .list(all)]
    }

    static func release(_ assets: [(name: String, bytes: [UInt8], state: String)]) -> JSONValue {
        let url = "\(repositoryURL)/releases/31"
        return [
            "url": .text(url), "html_url": .text("\(site)/ada/images/releases/tag/v1/sample"),
            "assets_url": .text("\(url)/assets"), "upload_url": .text("\(url)/assets{?name,label}"),
            "tarball_url": .text("\(url)/tarball"), "zipball_url": .text("\(url)/zipball"), "id": 31,
            "node_id": "R_31", "tag_name": "v1/sample", "target_commitish": "main", "name": "Sample", "draft": false,
            "prerelease": false, "created_at": "2026-01-02T03:04:05Z", "published_at": "2026-01-02T03:04:05Z",
            "author": user,
            "assets": .list(
                assets.enumerated().map { number, asset in
                    [
                        "url": .text("\(repositoryURL)/releases/assets/\(number)"), "id": .integer(Int64(number)),
                        "browser_download_url": .text("\(site)/ada/images/releases/download/v1/sample/\(asset.name)"),
                        "node_id": "RA_1", "name": .text(asset.name), "label": .null, "state": .text(asset.state),
                        "content_type": "application/octet-stream", "size": .integer(Int64(asset.bytes.count)),
                        "download_count": 0, "created_at": "2026-01-02T03:04:05Z",
                        "updated_at": "2026-01-02T03:04:05Z", "uploader": user,
                    ]
                }),
        ]
    }

    private static let user: JSONValue = {
        var members: [String: JSONValue] = [
            "login": "ada", "id": 1, "node_id": "U_1", "gravatar_id": "", "type": "User", "site_admin": false,
        ]
        for name in [
            "avatar_url", "events_url", "followers_url", "following_url", "gists_url", "html_url",
            "organizations_url", "received_events_url", "repos_url", "starred_url", "subscriptions_url", "url",
        ] { members[name] = .text("\(api)/users/ada/\(name)") }
        return .object(members)
    }()

    private static let minimalRepository: JSONValue = {
        var members: [String: JSONValue] = [
            "id": 2, "node_id": "R_2", "name": "images", "full_name": "ada/images", "owner": user, "private": false,
            "description": .null, "fork": false,
        ]
        for name in [
            "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare",
            "contents", "contributors", "deployments", "downloads", "events", "forks", "git_commits", "git_refs",
            "git_tags", "hooks", "html", "issue_comment", "issue_events", "issues", "keys", "labels", "languages",
            "merges", "milestones", "notifications", "pulls", "releases", "stargazers", "statuses", "subscribers",
            "subscription", "tags", "teams", "trees",
        ] { members["\(name)_url"] = .text("\(repositoryURL)/\(name)") }
        members["url"] = .text(repositoryURL)
        return .object(members)
    }()
}
