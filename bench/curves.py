"""curves.py -- best accuracy against CPU seconds, as an SVG that stands alone.

Steps: a curve stays where it is until a better network is found.  Seconds are
on a logarithmic axis; what is far below the best of all is cut off.
"""
import html
import math

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 44, 56  # margins
SHOWN = 0.15  # of accuracy, below the best
COLOURS = ["#0b5cad", "#c8500a", "#2d7d32", "#8e24aa", "#6d4c41", "#00838f"]
# Beside colour, for whoever sees few of them or prints in black.
DASHES = ["", "6 3", "2 3", "10 3 2 3", "12 4", "1 2"]


class Axes:
    def __init__(self, runs):
        points = [p for _, curve, _ in runs for p in curve]
        first = max(1, min(t for t, _ in points))
        self.t0 = 10 ** math.floor(math.log10(first))
        self.t1 = max(self.t0 * 10, *(end for _, _, end in runs))
        best = max(a for _, a in points)
        self.a1 = math.ceil(best * 50 + 0.25) / 50
        self.a0 = math.floor((best - SHOWN) * 20) / 20

    def x(self, seconds):
        share = math.log(max(seconds, self.t0) / self.t0) \
            / math.log(self.t1 / self.t0)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, accuracy):
        share = (max(accuracy, self.a0) - self.a0) / (self.a1 - self.a0)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def seconds(self):
        """1, 2 and 5 times each power of ten."""
        power = self.t0
        while power <= self.t1:
            yield from (n * power for n in (1, 2, 5) if n * power <= self.t1)
            power *= 10

    def accuracies(self):
        """Each hundredth, and which of them get a number."""
        first, last = round(self.a0 * 100), round(self.a1 * 100)
        return [(n / 100, n % 2 == 0) for n in range(first, last + 1)]


def text(x, y, words, anchor="middle", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>'
            f"{html.escape(words)}</text>")


def line(x1, y1, x2, y2, style):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f"{style}/>")


def grid(axes, title):
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for t in axes.seconds():
        x = axes.x(t)
        yield line(x, TOP, x, floor, 'stroke="#e4e4e4"')
        yield text(x, floor + 18, f"{t:,.0f}")
    for a, numbered in axes.accuracies():
        y = axes.y(a)
        if numbered:
            yield line(LEFT, y, right, y, 'stroke="#e4e4e4"')
            yield text(LEFT - 8, y + 4, f"{a:.2f}", "end")
    yield line(LEFT, floor, right, floor, 'stroke="#333"')
    yield line(LEFT, TOP, LEFT, floor, 'stroke="#333"')
    yield text(WIDTH / 2, 24, title, more=' font-size="15"')
    yield text((LEFT + right) / 2, HEIGHT - 16,
               "CPU seconds of all processes (logarithmic)")
    middle = (TOP + floor) / 2
    yield text(18, middle, "validation accuracy",
               more=f' transform="rotate(-90 18 {middle:.1f})"')


def path(axes, curve, end):
    """Along, then up, at each point; then along to the end."""
    (t, a), *rest = curve
    steps = [f"M{axes.x(t):.1f} {axes.y(a):.1f}"]
    steps += [f"H{axes.x(t):.1f}V{axes.y(a):.1f}" for t, a in rest]
    return "".join(steps) + f"H{axes.x(end):.1f}"


def style(number):
    dash = DASHES[number % len(DASHES)]
    return (f'fill="none" stroke="{COLOURS[number % len(COLOURS)]}" '
            f'stroke-width="2"' + (f' stroke-dasharray="{dash}"' * bool(dash)))


def legend(names):
    x, y = WIDTH - RIGHT - 150, HEIGHT - BOTTOM - 18 * len(names) - 8
    for number, name in enumerate(names):
        yield line(x, y + 18 * number, x + 36, y + 18 * number, style(number))
        yield text(x + 44, y + 18 * number + 4, name, "start")


def svg(runs, title):
    """`runs` are (name, curve, CPU seconds at its end); a curve is a list of
    (CPU seconds, accuracy), both rising.  Runs of one name look alike."""
    runs = [(name, curve, end) for name, curve, end in runs if curve]
    names = list(dict.fromkeys(name for name, _, _ in runs))
    axes = Axes(runs)
    lines = [f'<path d="{path(axes, curve, end)}" {style(names.index(name))}/>'
             for name, curve, end in runs]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *grid(axes, title), *lines, *legend(names), "</svg>", ""])
