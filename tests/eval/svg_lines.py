# SPDX-License-Identifier: MIT
"""Small line charts as SVG, side by side: what the claims' pictures are made with."""

PER_ROW = 3
COLOURS = ("#0072b2", "#999999", "#e69f00", "#009e73", "#d55e00", ("#000000", "6 3"), ("#cc79a7", "1.5 3"))
WIDTH, HEIGHT, LEFT, BETWEEN, ROW = 260, 180, 60, 70, 56


def stroke(colour):
    """The attributes of a line's colour, and of its dashes."""
    if isinstance(colour, str):
        return f'stroke="{colour}"'
    return f'stroke="{colour[0]}" stroke-dasharray="{colour[1]}"'


def panel(title, lines, left, top):
    """lines: (colour or (colour, dashes), [(x, y), ...]), y in the unit it is shown in; both axes from the numbers."""
    xs = [x for _, points in lines for x, _ in points]
    ys = [y for _, points in lines for _, y in points]
    x0, x1 = min(xs), max(xs)
    low, high = min(ys), max(ys)
    edge = .08 * (high - low) or 1
    x = lambda v: left + WIDTH * (v - x0) / ((x1 - x0) or 1)
    y = lambda v: top + HEIGHT * (high + edge - v) / (high - low + 2 * edge)
    out = [f'<text x="{left}" y="{top - 8}" font-weight="bold">{title}</text>',
           f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#444"/>']
    for v in (low, (low + high) / 2, high):
        out.append(f'<text x="{left - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3g}</text>')
    for v in (x0, (x0 + x1) / 2, x1):
        out.append(f'<text x="{x(v):.1f}" y="{top + HEIGHT + 16}" text-anchor="middle">{v:.4g}</text>')
    for colour, points in lines:
        at = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        out.append(f'<polyline points="{at}" fill="none" {stroke(colour)} stroke-width="1.8" opacity="0.8"/>')
    return out


def write(path, panels, names, caption):
    """panels: (title, [(index of the name, points), ...]); names: of the lines, by colour."""
    per_row = len(panels) if len(panels) <= PER_ROW + 1 else PER_ROW
    total = max(LEFT + per_row * (WIDTH + BETWEEN), LEFT + 110 * len(names), 640)
    below = -(-len(panels) // per_row) * (HEIGHT + ROW) - ROW
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{below + 110}" font-family="sans-serif" font-size="12">',
           f'<rect width="{total}" height="{below + 110}" fill="white"/>']
    for i, (title, lines) in enumerate(panels):
        out += panel(title, [(COLOURS[k], points) for k, points in lines], LEFT + i % per_row * (WIDTH + BETWEEN),
                     40 + i // per_row * (HEIGHT + ROW))
    out.append(f'<text x="{LEFT}" y="{below + 76}">{caption}</text>')
    for k, name in enumerate(names):
        at = LEFT + k * 110
        out.append(f'<line x1="{at}" y1="{below + 94}" x2="{at + 24}" y2="{below + 94}" {stroke(COLOURS[k])} stroke-width="3"/>')
        out.append(f'<text x="{at + 30}" y="{below + 98}">{name}</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out + ["</svg>", ""]))
