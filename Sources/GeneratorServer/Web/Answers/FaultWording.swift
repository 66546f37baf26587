import Domain

/// The visitor's words for what is wrong with a field, made in this one place.
enum FaultWording {
    /// A fault with its stable code and its sentence; `field` is the form's own, `nil` if the form has no such field.
    static func message(_ fault: FieldFault, of field: Field?) -> FaultMessage {
        FaultMessage(field: fault.field, code: code(fault.code), message: sentence(fault.code, field))
    }

    static func code(_ code: FieldFault.Code) -> String {
        switch code {
        case .missing: "missing"
        case .unknownField: "unknown_field"
        case .repeated: "repeated"
        case .tooShort: "too_short"
        case .tooLong: "too_long"
        case .patternMismatch: "pattern_mismatch"
        case .forbiddenCharacters: "forbidden_characters"
        case .notAnAddress: "not_an_address"
        case .notAWebAddress: "not_a_web_address"
        case .notANumber: "not_a_number"
        case .notWhole: "not_whole"
        case .outOfRange: "out_of_range"
        case .notAChoice: "not_a_choice"
        case .unknownChoices: "unknown_choices"
        case .notAToggle: "not_a_toggle"
        case .wrongPart: "wrong_part"
        case .fileTooLarge: "file_too_large"
        case .emptyFile: "empty_file"
        case .wrongKind: "wrong_kind"
        case .pictureTooLarge: "picture_too_large"
        case .pictureTooSmall: "picture_too_small"
        case .pictureAnimated: "picture_animated"
        case .pictureDamaged: "picture_damaged"
        case .archiveRefused: "archive_refused"
        case .refusedByCheck: "refused_by_check"
        }
    }

    private static func sentence(_ code: FieldFault.Code, _ field: Field?) -> String {
        switch code {
        case .missing, .unknownField, .repeated, .wrongPart: shapeSentence(code, field)
        case .tooShort, .tooLong, .patternMismatch, .forbiddenCharacters, .notAnAddress, .notAWebAddress,
            .notANumber, .notWhole, .outOfRange, .notAChoice, .unknownChoices, .notAToggle:
            valueSentence(code)
        case .fileTooLarge, .emptyFile, .wrongKind, .pictureTooLarge, .pictureTooSmall, .pictureAnimated,
            .pictureDamaged, .archiveRefused:
            fileSentence(code)
        case .refusedByCheck(let place, let problem, let mend):
            CheckWords.sentence(place: place, problem: problem, mend: mend)
        }
    }

    private static func shapeSentence(_ code: FieldFault.Code, _ field: Field?) -> String {
        switch code {
        case .missing:
            switch field?.kind {
            case .toggle: "This has to be switched on."
            case .choice, .multichoice: "Choose one."
            case .image, .archive, .file: "A file is needed here."
            default: "This is needed."
            }
        case .unknownField(let suggestion):
            "The form has no such field." + (suggestion.map { " Did you mean \($0)?" } ?? "")
        case .repeated: "This was given more than once; give it once."
        case .wrongPart(let wantsFile):
            wantsFile ? "A file is wanted here, not text." : "Text is wanted here, not a file."
        default: ""
        }
    }

    private static func valueSentence(_ code: FieldFault.Code) -> String {
        switch code {
        case .tooShort(let minimum, let actual):
            "This needs at least \(count(minimum, "character")); it has \(actual)."
        case .tooLong(let maximum, let actual):
            "This may have at most \(count(maximum, "character")); it has \(actual)."
        case .patternMismatch(let hint):
            hint.map { "This does not fit: \($0)" } ?? "This does not have the wanted form."
        case .forbiddenCharacters: "This holds characters that cannot be used here, such as line breaks; type it anew."
        case .notAnAddress: "This is not a mail address. It should look like name@example.org."
        case .notAWebAddress: "This is not a web address. It should look like https://example.org."
        case .notANumber: "Give a number."
        case .notWhole: "Give a whole number."
        case .outOfRange(let minimum?, let maximum?):
            "Give a number from \(Quantity.number(minimum)) to \(Quantity.number(maximum))."
        case .outOfRange(let minimum?, nil): "Give a number of at least \(Quantity.number(minimum))."
        case .outOfRange(nil, let maximum?): "Give a number of at most \(Quantity.number(maximum))."
        case .outOfRange(nil, nil): "This number is out of range."
        case .notAChoice(let allowed): "Choose from: \(allowed.joined(separator: ", "))."
        case .unknownChoices(let unknown, let allowed):
            "Not on offer: \(unknown.joined(separator: ", ")). Choose from: \(allowed.joined(separator: ", "))."
        case .notAToggle: "Give on or off."
        default: ""
        }
    }

    private static func fileSentence(_ code: FieldFault.Code) -> String {
        switch code {
        case .fileTooLarge(let maximum): "This file is too large: at most \(maximum.sizeText) are taken."
        case .emptyFile: "This file is empty. Choose another."
        case .wrongKind(let found, let accepted):
            "By its contents this file is: \(found). Accepted: \(accepted.joined(separator: ", "))."
        case .pictureTooLarge(let width, let height, let maximum):
            "This picture has \(width) × \(height) pixels; at most \(Quantity.short(Double(maximum) / 1e6)) million"
                + " (\(maximum)) pixels are taken. Scale it down."
        case .pictureTooSmall(let width, let height, let minimumWidth, let minimumHeight):
            "This picture has \(width) × \(height) pixels; at least \(minimumWidth) × \(minimumHeight) are needed."
        case .pictureAnimated(let frames): "This picture moves (\(frames) frames); a still one is wanted."
        case .pictureDamaged(let reason): "This picture cannot be read: \(reason). Save it again and retry."
        case .archiveRefused(let problem, _):
            // The problem is a sentence, and names the entry.
            "This archive cannot be taken. \(problem)"
        default: ""
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
