import Domain

/// How a mail stands, in the words of its build's page.
enum MailWords {
    static func text(_ delivery: Delivery) -> String {
        let address = delivery.to
        let mail = delivery.kind == .confirmation ? "The mail that asks to confirm" : "The mail"
        return switch delivery.status {
        // The try that is under way is counted already.
        case .waiting where delivery.lastError == nil: "\(mail) is on its way to \(address)."
        case .waiting: "\(mail) could not be sent to \(address) yet; it is tried again by itself."
        case .accepted where delivery.kind == .confirmation: "\(mail) was sent to \(address)."
        case .accepted: "\(mail) was sent to \(address). If it is not there, look where unwanted mail goes."
        case .deferred: "\(mail) was sent to \(address), whose mail server puts it off; it is tried again by itself."
        case .delivered: "\(mail) has reached \(address)."
        case .bounced: "\(mail) to \(address) came back. \(advice(delivery))"
        case .refused: "\(mail) to \(address) could not be delivered. \(advice(delivery))"
        case .cancelled: "\(mail) to \(address) is not sent."
        }
    }

    private static func advice(_ delivery: Delivery) -> String {
        delivery.kind == .confirmation
            ? "Look for a typing error in the address, and start again with the right one."
            : "Look for a typing error in the address. Nothing is lost: all that it would have said is on this page."
    }
}
