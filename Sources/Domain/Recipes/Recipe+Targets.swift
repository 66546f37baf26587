extension Recipe {
    /// How the form names a target of the matrix; its value if the form does not know it.
    package func label(ofTarget target: String) -> String {
        guard let field = build.targets.flatMap({ field($0) }), case .multichoice(let choices, _) = field.kind else {
            return target
        }
        return choices.first { $0.value == target }?.label ?? target
    }
}
