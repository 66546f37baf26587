"""Tables for people, and words beside aims."""


class Table:
    def __init__(self, title, *columns):
        self.title, self.columns, self.rows = title, columns, []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def show(self):
        widths = [
            max(len(row[place]) for row in [list(self.columns), *self.rows]) for place in range(len(self.columns))]

        def line(cells):
            first, *others = (cell.ljust(width) if not place else cell.rjust(width)
                              for place, (cell, width) in enumerate(zip(cells, widths)))
            return "  ".join([first, *others]).rstrip()

        print(f"\n{self.title}\n{line(self.columns)}\n{'  '.join('-' * width for width in widths)}")
        for row in self.rows:
            print(line(row))
        print(flush=True)


def judged(text, is_met):
    return f"{text} {'PASS' if is_met else 'below aim'}"


def ratio(part, whole, aim=None):
    """`0.62` or, beside an aim, `0.62 PASS`."""
    value = part / whole if whole else 0.0
    return f"{value:.2f}" if aim is None else judged(f"{value:.2f}", value >= aim)


def megabytes(count):
    return f"{count / 1e6:,.0f}"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    return percentile(values, 0.5)
