/// The check of a submission against a form: all faults at once, or the inputs.
///
/// Pure; the same for a browser's form and for a program's request. What counts as given:
/// * empty text is not given, except that an empty part of a multichoice says "nothing chosen";
/// * a field that is not given takes its default; a toggle's companion (`off` followed by another part of the same
///   name, as HTML forms send it so that an unticked box is not mistaken for an absent one) is not a repetition.
package enum FormCheck {
    package enum Outcome: Hashable, Sendable {
        case inputs(Inputs)
        /// At least one; known fields in the order of the form, then unknown ones in the order of arrival.
        case faults([FieldFault])
    }

    /// - Parameter isWhole: whether the submission was read to its end; if not, nothing is reported as missing.
    package static func check(_ submission: Submission, fields: [Field], isWhole: Bool = true) -> Outcome {
        var given: [String: [Submission.Content]] = [:]
        var unknown: [String] = []
        let names = Set(fields.map(\.name.text))
        for part in submission.parts {
            if names.contains(part.name) {
                given[part.name, default: []].append(part.content)
            } else if !unknown.contains(part.name) {
                unknown.append(part.name)
            }
        }

        var values: [InputValue] = []
        var faults: [FieldFault] = []
        for field in fields {
            switch FieldCheck(field: field).check(given[field.name.text] ?? []) {
            case .value(let content): values.append(InputValue(field: field.name, content: content))
            case .notGiven:
                if field.isRequired, isWhole { faults.append(FieldFault(field: field.name.text, code: .missing)) }
            case .fault(let code): faults.append(FieldFault(field: field.name.text, code: code))
            }
        }
        let candidates = fields.map(\.name.text)
        for name in unknown {
            let suggestion = EditDistance.nearest(to: name, among: candidates)
            faults.append(FieldFault(field: shownName(name), code: .unknownField(suggestion: suggestion)))
        }
        return faults.isEmpty ? .inputs(Inputs(values: values)) : .faults(faults)
    }

    /// A name or choice that the form does not know, fit for a message: at most 64 scalars, nothing invisible in it.
    static func shownName(_ name: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in name.unicodeScalars.prefix(64) {
            shown.append(CheckedText.isForbidden(scalar, isMultiline: false) ? "\u{FFFD}" : scalar)
        }
        return String(shown)
    }
}
