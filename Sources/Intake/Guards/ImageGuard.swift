import Domain
import FileKind
package import Pictures

/// Has every picture drawn anew in the sandbox, bounded by its header first: what is kept is Kiln's own file.
package struct ImageGuard: Sendable {
    private let pictures: PictureProcessor

    package init(pictures: PictureProcessor) {
        self.pictures = pictures
    }

    func inspect(_ file: GuardedFile, fileRule: FileRule, rule: ImageRule) async throws -> GuardVerdict {
        let bounds = PictureBounds(
            maxPixels: Int(rule.maxPixels), minWidth: rule.minWidth, minHeight: rule.minHeight)
        do throws(PictureError) {
            let picture = try await pictures.process(
                fileAt: file.path, to: file.replacementPath, order: Self.order(rule), bounds: bounds)
            return .replaced(
                GuardVerdict.Replacement(
                    contentType: picture.contentType, width: picture.width, height: picture.height))
        } catch {
            return .refused(try Self.fault(error, rule, fileRule))
        }
    }

    private static func order(_ rule: ImageRule) -> PictureOrder {
        let fit: PictureOrder.Fit =
            switch rule.fit {
            case .cover: .cover
            case .contain: .contain
            case .inside: .inside
            }
        let format: PictureOrder.Format =
            switch rule.format {
            case .png: .png
            case .jpeg: .jpeg(quality: 88)
            case .webp: .webp(quality: 88)
            }
        return PictureOrder(width: rule.width, height: rule.height, fit: fit, format: format)
    }

    /// What is the sender's to mend as a fault; throws what is the machine's.
    private static func fault(
        _ error: PictureError, _ rule: ImageRule, _ fileRule: FileRule
    ) throws -> FieldFault.Code {
        switch error {
        case .unsupportedKind(let type):
            return .wrongKind(
                found: FileKind.humanName(of: type), accepted: fileRule.accept.map { FileKind.humanName(of: $0) })
        case .tooManyPixels(let width, let height, _):
            return .pictureTooLarge(width: width, height: height, maximumPixels: rule.maxPixels)
        case .tooSmall(let width, let height, let leastWidth, let leastHeight):
            return .pictureTooSmall(width: width, height: height, minimumWidth: leastWidth, minimumHeight: leastHeight)
        // The count ends at the limit: at least this many.
        case .tooManyFrames(let limit): return .pictureAnimated(frames: limit + 1)
        case .tooManyBytes(let limit): return .pictureDamaged(reason: "the drawing is larger than \(limit >> 10) KiB")
        case .truncated: return .pictureDamaged(reason: "it is cut off")
        case .notDecodable(let reason): return .pictureDamaged(reason: reason)
        case .timedOut, .outOfMemory: return .pictureDamaged(reason: "it is too complicated")
        case .cancelled: throw CancellationError()
        case .busy: throw IntakeError.guardBusy
        case .toolMissing, .sandboxRefused: throw IntakeError.guardUnavailable(reason: error.message)
        case .io(_, let code): throw IntakeError(systemCode: code)
        }
    }
}
