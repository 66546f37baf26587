/// A queue; the front is taken in constant time on average.
struct FirstInFirstOut<Element> {
    private var elements: [Element] = []
    private var front = 0

    var count: Int { elements.count - front }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard front < elements.count else { return nil }
        defer {
            front += 1
            if front > 64, front * 2 > elements.count {
                elements.removeFirst(front)
                front = 0
            }
        }
        return elements[front]
    }

    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        elements = elements[front...].filter { !isUnwanted($0) }
        front = 0
    }
}
