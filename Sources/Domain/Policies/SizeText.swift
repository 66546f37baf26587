extension Int64 {
    /// A size in bytes as people read it: `21.4 MiB`, in the units in which recipes say their limits.
    package var sizeText: String {
        var amount = Double(self)
        var units = ["bytes", "KiB", "MiB", "GiB", "TiB"][...]
        while amount >= 1024, units.count > 1 {
            amount /= 1024
            units = units.dropFirst()
        }
        let rounded = (amount * 10).rounded() / 10
        return (rounded == rounded.rounded() ? String(Int64(rounded)) : String(rounded)) + " " + (units.first ?? "")
    }
}
