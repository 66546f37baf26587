import BuildRunner
import Domain

extension SiteMap {
    /// What runs may reach, as addresses on this origin.
    func jobLinks(signer: CapabilitySigner) -> JobLinks {
        JobLinks(
            folder: { _, attempt in absolute(folder(signer.sign(.job(attempt)))) },
            upload: { upload, _, attempt in
                absolute(self.upload(signer.sign(.input(upload.id, attempt)), name: upload.name))
            },
            callback: { absolute(callback($0)) }, token: { signer.sign(.callback($0)) },
            page: { absolute(build($0)) })
    }
}
