/// The check of everything that was given for one field.
struct FieldCheck {
    enum Outcome: Hashable {
        case value(InputValue.Content)
        case notGiven
        case fault(FieldFault.Code)
    }

    let field: Field

    func check(_ given: [Submission.Content]) -> Outcome {
        switch field.kind {
        case .image(let rule, _), .archive(let rule, _), .file(let rule): file(given, rule)
        case .multichoice(let choices, let chosen): multichoice(given, choices, default: chosen)
        case .toggle(let standard): toggle(given, default: standard)
        case .text(let rule):
            single(given, isMultiline: rule.isMultiline, default: rule.defaultValue.map { .text($0) }) {
                text($0, rule)
            }
        case .email: single(given) { MailAddress($0).map { .value(.text($0.text)) } ?? .fault(.notAnAddress) }
        case .url: single(given) { WebAddress($0).map { .value(.text($0.text)) } ?? .fault(.notAWebAddress) }
        case .number(let rule): single(given, default: rule.defaultValue.map { .number($0) }) { number($0, rule) }
        case .choice(let choices, let standard):
            single(given, default: standard.map { .text($0) }) { value in
                choices.contains { $0.value == value }
                    ? .value(.text(value)) : .fault(.notAChoice(allowed: choices.map(\.value)))
            }
        }
    }

    /// Takes the one text that was given, cleaned and not empty, to `read`; without one, the default.
    private func single(
        _ given: [Submission.Content], isMultiline: Bool = false, default standard: InputValue.Content? = nil,
        read: (String) -> Outcome
    ) -> Outcome {
        switch texts(given, isMultiline: isMultiline) {
        case .failure(let fault): return .fault(fault.code)
        case .success(let texts):
            guard given.count < 2 else { return .fault(.repeated) }
            guard let text = texts.first, !text.isEmpty else { return standard.map { .value($0) } ?? .notGiven }
            return read(text)
        }
    }

    private func text(_ text: String, _ rule: TextRule) -> Outcome {
        let count = text.count
        if count > rule.maxLength { return .fault(.tooLong(maximum: rule.maxLength, actual: count)) }
        if count < rule.minLength { return .fault(.tooShort(minimum: rule.minLength, actual: count)) }
        if let pattern = rule.pattern {
            // A pattern that does not compile was refused with its recipe; here it matches nothing.
            guard let regex = try? Regex(pattern), (try? regex.wholeMatch(in: text)) != nil else {
                return .fault(.patternMismatch(hint: rule.patternHint))
            }
        }
        return .value(.text(text))
    }

    private func number(_ text: String, _ rule: NumberRule) -> Outcome {
        guard let number = FormNumber.read(text) else { return .fault(.notANumber) }
        // Beyond 2^53 a Double no longer holds every whole number: what was typed might not be what is kept.
        if rule.isInteger, number.rounded() != number || abs(number) > 9_007_199_254_740_992 {
            return .fault(.notWhole)
        }
        if number < rule.min ?? -.infinity || number > rule.max ?? .infinity {
            return .fault(.outOfRange(minimum: rule.min, maximum: rule.max))
        }
        return .value(.number(number))
    }

    private func toggle(_ given: [Submission.Content], default standard: Bool) -> Outcome {
        var answers: [Bool] = []
        switch texts(given) {
        case .failure(let fault): return .fault(fault.code)
        case .success(let texts):
            for text in texts where !text.isEmpty {
                guard let answer = Self.answers[text.lowercased()] else { return .fault(.notAToggle) }
                answers.append(answer)
            }
        }
        if answers.count == 2, answers[0] == false { answers.removeFirst() }
        guard answers.count < 2 else { return .fault(.repeated) }
        let isOn = answers.first ?? standard
        return field.isRequired && !isOn ? .notGiven : .value(.toggle(isOn))
    }

    private static let answers = [
        "on": true, "true": true, "1": true, "yes": true, "off": false, "false": false, "0": false, "no": false,
    ]

    private func multichoice(_ given: [Submission.Content], _ choices: [Choice], default chosen: [String]) -> Outcome {
        guard !given.isEmpty else {
            return field.isRequired && chosen.isEmpty ? .notGiven : .value(.choices(chosen))
        }
        switch texts(given) {
        case .failure(let fault): return .fault(fault.code)
        case .success(let texts):
            let wanted = Set(texts.filter { !$0.isEmpty })
            let allowed = choices.map(\.value)
            let unknown = wanted.subtracting(allowed)
            guard unknown.isEmpty else {
                return .fault(.unknownChoices(unknown.map(FormCheck.shownName).sorted(), allowed: allowed))
            }
            let taken = allowed.filter(wanted.contains)
            return field.isRequired && taken.isEmpty ? .notGiven : .value(.choices(taken))
        }
    }

    private func file(_ given: [Submission.Content], _ rule: FileRule) -> Outcome {
        // A file input that was left empty and a script's empty string are both "no file".
        let present = given.filter { $0 != .text("") }
        guard present.count < 2 else { return .fault(.repeated) }
        switch present.first {
        case nil: return .notGiven
        case .text, .structure: return .fault(.wrongPart(wantsFile: true))
        case .refusedFile(let code): return .fault(code)
        case .file(let upload):
            if upload.bytes == 0 { return .fault(.emptyFile) }
            if upload.bytes > rule.maxBytes { return .fault(.fileTooLarge(maximum: rule.maxBytes)) }
            return .value(.upload(upload))
        }
    }

    private struct TextFault: Error {
        var code: FieldFault.Code
    }

    /// Every part as cleaned text; the first part that cannot be one is the fault.
    private func texts(_ given: [Submission.Content], isMultiline: Bool = false) -> Result<[String], TextFault> {
        var texts: [String] = []
        for content in given {
            guard case .text(let raw) = content else { return .failure(TextFault(code: .wrongPart(wantsFile: false))) }
            guard let text = CheckedText.clean(raw, isMultiline: isMultiline) else {
                return .failure(TextFault(code: .forbiddenCharacters))
            }
            texts.append(text)
        }
        return .success(texts)
    }
}
