import Domain

/// Why no build is taken for a mail address.
enum AddressRefusal: Hashable, Sendable {
    /// Nothing is sent to it any more.
    case suppressed(Suppression.Reason)
    /// Its owner had not asked for what somebody asked for from the same place.
    case blocked

    /// Stable, for programs.
    var code: String {
        switch self {
        case .suppressed(.bounced): "address_bounced"
        case .suppressed(.asked): "address_wants_no_mail"
        case .blocked: "address_disowned"
        }
    }

    /// What is wrong and how to mend it, beside the field.
    var message: String { "\(what) \(mend)" }

    var what: String {
        switch self {
        case .suppressed(.bounced): "Mails to this address came back, so nothing is sent to it any more."
        case .suppressed(.asked): "The reader of this address asked for no more mails from here."
        case .blocked: "The reader of this address told us that a build asked for from where you are was not theirs."
        }
    }

    var mend: String {
        switch self {
        case .suppressed(.bounced):
            "Look for a typing error, or give another address; if this one works again, ask whoever runs this service."
        case .suppressed(.asked):
            "Give another address; if it is yours and you want mails again, ask whoever runs this service."
        case .blocked: "Give your own address."
        }
    }
}
