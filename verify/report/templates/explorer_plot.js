// Drawing: axes with round numbers, the density with its negative part, the index over the energy. Pictures are
// SVG in units of CSS pixels; colours and widths are the stylesheet's.
"use strict";

const picture = (() => {
  const MARGIN = { left: 44, right: 12, top: 12, bottom: 26 };

  const element = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const px = (x) => Math.round(x * 100) / 100;

  // A number in at most `digits` significant digits, as print has it: −1.2×10⁻⁷.
  function shown(x, digits = 6) {
    if (x === Infinity) return "∞";
    if (!Number.isFinite(x)) return "–";
    let text = x.toPrecision(digits);
    const [mantissa, exponent] =
      text.includes("e") || (x !== 0 && Math.abs(x) < 1e-4)
        ? x.toExponential(digits - 1).split("e")
        : [text, null];
    text = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    if (exponent !== null) {
      const raised = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
      text = text === "1" ? `10${raised}` : `${text}×10${raised}`;
    }
    return text.replace("-", "−");
  }

  // About `count` round numbers in [low, high].
  function ticks(low, high, count) {
    const rough = (high - low) / Math.max(count, 1);
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((k) => k * unit).find((s) => s >= rough);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
    return found;
  }

  // The frame of a picture: its size on the screen, and from values to pixels.
  function frame(svg, height) {
    const width = Math.max(svg.parentNode.clientWidth || 600, 240);
    const size = { width, height: Math.round(height(width)) };
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    const [left, right] = [MARGIN.left, size.width - MARGIN.right];
    const [top, bottom] = [MARGIN.top, size.height - MARGIN.bottom];
    return { ...size, left, right, top, bottom };
  }

  const scale = (low, high, from, to) => (value) => from + ((value - low) / (high - low)) * (to - from);

  // --- the spectrum ------------------------------------------------------------------------------

  // The height of the picture: the maximum, unless a peak holds little mass; then what leaves room for
  // 90 % of the mass.
  function tallest(curves, law) {
    const pieces = [];
    let maximum = 0;
    for (const points of curves) {
      for (let i = 1; i < points.length; i++) {
        const [a, b] = [points[i - 1], points[i]];
        const height = (a.density + b.density) / 2;
        if (!Number.isFinite(height)) continue;
        maximum = Math.max(maximum, a.density, b.density);
        pieces.push([height, height * (b.x - a.x)]);
      }
    }
    if (maximum === 0) return 1;
    pieces.sort((a, b) => b[0] - a[0]);
    const total = pieces.reduce((sum, piece) => sum + piece[1], 0);
    let mass = 0;
    const typical = pieces.find((piece) => (mass += piece[1]) > total / 10)[0];
    return 1.08 * Math.min(maximum, 2.2 * typical);
  }

  // The part of the axis to show: the support, the atom and 0, with a little room.
  function range(law) {
    const ends = [0, ...law.bands.flat(), ...(law.atom ? [law.atom.place] : [])];
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const room = high > low ? 0.05 * (high - low) : 1;
    return [low - room, high + room];
  }

  // The axes that fit a law: [low, high] and the height.
  const axesOf = (law) => ({
    x: range(law),
    y: tallest(
      law.curves(() => false),
      law,
    ),
  });

  // Draw a law; `axes` as of axesOf. Returns the map from pixels to points, for the pointer.
  function spectrum(svg, law, axes) {
    const f = frame(svg, (width) => Math.min(Math.max(0.5 * width, 220), 430));
    const x = scale(...axes.x, f.left, f.right);
    const y = scale(0, axes.y, f.bottom, f.top);
    const cap = 1.3 * axes.y;
    const at = (point) => [x(point.x), y(Math.min(point.density, cap))];
    // The middle point of a step is off the straight line by more than a fifth of a pixel.
    const coarse = (before, middle, after) => {
      const [[a, b], [c, d], [e, g]] = [at(before), at(middle), at(after)];
      const length = Math.hypot(e - a, g - b);
      return length > 1 && (length > 40 || Math.abs((e - a) * (d - b) - (g - b) * (c - a)) > 0.2 * length);
    };
    const curves = law.curves(coarse);
    const through = (points) => points.map((p) => at(p).map(px).join(" ")).join("L");
    const line = curves.map((points) => `M${through(points)}`).join("");
    const area = curves
      .map((points) => {
        const [from, to] = [points[0], points[points.length - 1]].map((end) => `${px(x(end.x))} ${f.bottom}`);
        return `M${from}L${through(points)}L${to}Z`;
      })
      .join("");

    const drawn = [];
    const zero = Math.min(Math.max(x(0), f.left), f.right);
    const clip = (id, from, to) => {
      const path = element("clipPath", { id });
      path.append(
        element("rect", {
          x: px(from),
          y: f.top,
          width: px(Math.max(to - from, 0)),
          height: f.bottom - f.top,
        }),
      );
      return path;
    };
    drawn.push(clip("clip-below", f.left, zero), clip("clip-above", zero, f.right));
    drawn.push(
      ...vertical(f, y, ticks(0, axes.y, (f.bottom - f.top) / 60)),
      ...horizontal(f, x, ticks(...axes.x, (f.right - f.left) / 90)),
    );
    for (const side of ["below", "above"]) {
      const clipped = { "clip-path": `url(#clip-${side})` };
      drawn.push(
        element("path", { class: `area ${side}`, d: area, ...clipped }),
        element("path", { class: `density ${side}`, d: line, ...clipped }),
      );
    }
    drawn.push(element("line", { class: "axis", x1: f.left, x2: f.right, y1: f.bottom, y2: f.bottom }));
    if (x(0) >= f.left && x(0) <= f.right)
      drawn.push(element("line", { class: "zero", x1: px(x(0)), x2: px(x(0)), y1: f.top, y2: f.bottom }));
    for (const edge of law.bands.flat()) {
      if (x(edge) < f.left || x(edge) > f.right) continue;
      const mark = element("path", { class: "edge", d: `M${px(x(edge))} ${f.bottom}l-4 7h8z` });
      mark.append(element("title", {}, `edge at ${shown(edge)}`));
      drawn.push(mark);
    }
    drawn.push(...peaks(f, x, curves, axes.y));
    if (law.atom && x(law.atom.place) >= f.left && x(law.atom.place) <= f.right)
      drawn.push(atom(f, x(law.atom.place), law.atom));
    svg.replaceChildren(...drawn);
    return { frame: f, x, y, cap };
  }

  function vertical(f, y, values) {
    return values.flatMap((value) => [
      element("line", { class: "grid", x1: f.left, x2: f.right, y1: px(y(value)), y2: px(y(value)) }),
      element("text", { x: f.left - 7, y: px(y(value) + 4), "text-anchor": "end" }, shown(value, 3)),
    ]);
  }

  function horizontal(f, x, values) {
    return values.map((value) =>
      element("text", { x: px(x(value)), y: f.bottom + 20, "text-anchor": "middle" }, shown(value, 3)),
    );
  }

  // Where the density leaves the picture it is said how far it goes.
  function peaks(f, x, curves, height) {
    const notes = [];
    for (const points of curves) {
      let top = null;
      for (const point of [...points, { density: 0 }]) {
        if (point.density > height) top = top === null || point.density > top.density ? point : top;
        else if (top !== null) {
          const place = x(top.x);
          const right = place < f.right - 90;
          const attributes = {
            class: "note",
            x: px(place + (right ? 8 : -8)),
            y: f.top + 12,
            "text-anchor": right ? "start" : "end",
          };
          if (place >= f.left && place <= f.right)
            notes.push(element("text", attributes, `↑ ${shown(top.density, 3)}`));
          top = null;
        }
      }
    }
    return notes;
  }

  // An atom as a stem whose height is its mass, the whole height of the picture being 1.
  function atom(f, place, { mass }) {
    const group = element("g", { class: "atom" });
    group.append(element("title", {}, "an atom; the height of the picture is the mass 1"));
    const top = f.bottom - mass * (f.bottom - f.top);
    const right = place < f.right - 90;
    group.append(
      element("line", { x1: px(place), x2: px(place), y1: f.bottom, y2: px(top) }),
      element("circle", { cx: px(place), cy: px(top), r: 4.5 }),
      element(
        "text",
        {
          x: px(place + (right ? 10 : -10)),
          y: px(Math.max(top + 4, f.top + 28)),
          "text-anchor": right ? "start" : "end",
        },
        `mass ${shown(mass, 4)}`,
      ),
    );
    return group;
  }

  // The line and the dot at which density and masses are read.
  function look(svg, view, place, density) {
    svg.querySelector(".look")?.remove();
    const { frame: f } = view;
    const group = element("g", { class: "look" });
    group.append(element("line", { x1: px(place), x2: px(place), y1: f.top, y2: f.bottom }));
    const height = view.y(Math.min(density, view.cap));
    if (height >= f.top) group.append(element("circle", { cx: px(place), cy: px(height), r: 4 }));
    svg.append(group);
  }

  // --- the index over the energy -----------------------------------------------------------------

  // points: [energy, index]; law: [energy, 3/2 law]; all energies positive; low, high: the logarithmic axis.
  function energy(svg, { points, law, critical, low, high, here }) {
    const f = frame(svg, (width) => Math.min(Math.max(0.3 * width, 150), 240));
    const log = scale(Math.log(low), Math.log(high), f.left, f.right);
    const x = (value) => log(Math.log(value));
    const y = scale(0, 0.5, f.bottom, f.top);
    const path = (list) => "M" + list.map(([e, a]) => `${px(x(e))} ${px(y(Math.min(a, 0.6)))}`).join("L");
    const clip = element("clipPath", { id: "clip-energy" });
    clip.append(
      element("rect", { x: f.left, y: f.top - 1, width: f.right - f.left, height: f.bottom - f.top + 2 }),
    );
    const decades = [];
    for (let k = Math.ceil(Math.log10(low)); k <= Math.log10(high); k++) decades.push(10 ** k);
    const drawn = [clip, ...vertical(f, y, [0, 0.25, 0.5]), ...horizontal(f, x, decades)];
    drawn.push(element("line", { class: "axis", x1: f.left, x2: f.right, y1: f.bottom, y2: f.bottom }));
    if (critical >= low && critical <= high)
      drawn.push(
        element("line", {
          class: "threshold",
          x1: px(x(critical)),
          x2: px(x(critical)),
          y1: f.top,
          y2: f.bottom,
        }),
      );
    if (law.length > 1)
      drawn.push(element("path", { class: "law", d: path(law), "clip-path": "url(#clip-energy)" }));
    drawn.push(
      element("path", { class: "density below", d: path(points), "clip-path": "url(#clip-energy)" }),
    );
    const [e, a] = here;
    const place = Math.min(Math.max(e > 0 ? x(e) : f.left, f.left), f.right);
    drawn.push(element("circle", { class: "here", cx: px(place), cy: px(y(a)), r: 5 }));
    svg.replaceChildren(...drawn);
    return (place) =>
      Math.exp(Math.log(low) + ((place - f.left) / (f.right - f.left)) * Math.log(high / low));
  }

  return { shown, axesOf, spectrum, look, energy };
})();
