// The explorer's state (model, values, point looked at) and its controls. A change is drawn in the next frame.
"use strict";

(() => {
  const form = document.querySelector("[data-explorer]");
  const all = (selector) => [...form.querySelectorAll(selector)];
  const read = (key) => form.querySelector(`[data-read="${key}"]`);
  const plots = Object.fromEntries(all("[data-plot]").map((svg) => [svg.dataset.plot, svg]));
  const { shown } = picture;
  const STEPS = 1000;
  const ENERGIES = 72;

  // --- parameters and sliders --------------------------------------------------------------------

  const rounded = (x, digits) => Number(x.toPrecision(digits));

  // The range of a slider. On a half-line from 0 it is logarithmic, far around the typical values, and a closed
  // end at 0 is the slider's own end; elsewhere it is linear, just inside open ends.
  function rangeOf(parameter) {
    const [low, high] = parameter.typical;
    const room = high - low;
    if (parameter.low === 0 && parameter.high === null) {
      return {
        logarithmic: true,
        low: Math.max(low, high / 1e3) / 30,
        high: 30 * high,
        zero: parameter.closedLow,
      };
    }
    return {
      logarithmic: false,
      low: parameter.low === null ? low - room : parameter.low + (parameter.closedLow ? 0 : room / 1e3),
      high: parameter.high === null ? high + room : parameter.high - (parameter.closedHigh ? 0 : room / 1e3),
      zero: false,
    };
  }

  function valueAt(parameter, step) {
    const { logarithmic, low, high, zero } = rangeOf(parameter);
    if (zero && step === 0) return 0;
    const t = step / STEPS;
    return rounded(logarithmic ? low * (high / low) ** t : low + (high - low) * t, 3);
  }

  function stepAt(parameter, value) {
    const { logarithmic, low, high, zero } = rangeOf(parameter);
    if (zero && value === 0) return 0;
    const t = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.min(Math.max(Math.round(STEPS * t), zero ? 1 : 0), STEPS);
  }

  // Where a slider starts: the default, or the middle of the typical range.
  function initial(parameter) {
    const [low, high] = parameter.typical;
    return parameter.default ?? rounded(low > 0 ? Math.sqrt(low * high) : (low + high) / 2, 2);
  }

  const initials = (model) => Object.fromEntries(model.parameters.map((p) => [p.name, initial(p)]));

  // --- state -------------------------------------------------------------------------------------

  const known = Object.fromEntries(
    all('[name="model"]').map((input) => [input.value, initials(stieltjes.models[input.value])]),
  );
  const state = { name: Object.keys(known)[0], look: 0.5, held: null };
  const model = () => stieltjes.models[state.name];
  const values = () => known[state.name];

  const fragment = () => `#${state.name}?${new URLSearchParams(values())}`;

  // Take model and values from the address; what cannot be used is left as it is.
  function fromAddress() {
    const [name, query] = location.hash.slice(1).split("?");
    if (!(name in known)) return;
    state.name = name;
    const given = { ...values() };
    for (const [key, text] of new URLSearchParams(query))
      if (key in given && text.trim() !== "") given[key] = Number(text);
    try {
      stieltjes.checked(model(), given);
      known[name] = given;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }

  let writing = null;
  function toAddress() {
    clearTimeout(writing);
    writing = setTimeout(() => history.replaceState(null, "", fragment()), 200);
  }

  // --- drawing -----------------------------------------------------------------------------------

  let law = null;
  let view = null;
  let energyAt = null;
  let due = false;

  function changed() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  }

  function draw() {
    law = stieltjes.law(model(), values());
    const axes = state.held ?? picture.axesOf(law);
    if (form.querySelector("[data-hold]").checked) state.held = axes;
    view = picture.spectrum(plots.spectrum, law, axes);
    view.axes = axes;
    readouts();
    looking();
    if (model().critical !== null) drawEnergy();
    toAddress();
    form.dataset.drawn = fragment();
  }

  function write(key, value, digits) {
    const output = read(key);
    output.textContent = shown(value, digits);
    output.dataset.value = value;
  }

  function readouts() {
    write("index", law.index);
    write("zero", law.massAtZero);
    write("mean", law.mean);
    write("deviation", Math.sqrt(law.variance));
    const elsewhere = law.atom !== null && law.atom.place !== 0;
    read("atom").textContent = elsewhere
      ? `an atom of mass ${shown(law.atom.mass, 4)} at ${shown(law.atom.place, 4)}`
      : "";
    const list = document.createElement("ul");
    for (const [low, high] of law.bands) {
      const item = document.createElement("li");
      item.textContent = `[${shown(low)}, ${shown(high)}]`;
      Object.assign(item.dataset, { low, high });
      list.append(item);
    }
    read("bands").replaceChildren(law.bands.length ? list : "none: the law is an atom");
    for (const part of all("[data-critical]")) part.hidden = model().critical === null;
    if (model().critical !== null) criticalReadouts();
  }

  function criticalReadouts() {
    const energy = values()[model().critical.energy];
    const critical = stieltjes.criticalEnergy(model(), values());
    const prefactor = stieltjes.indexPrefactor(model(), values());
    write("critical", critical);
    form.querySelector("[data-to-critical]").disabled = critical === 0 || energy === critical;
    const times = energy / critical;
    if (critical === 0)
      read("side").textContent =
        energy > 0 ? "negative eigenvalues at every positive energy" : "reached only by zero energy";
    else if (energy === critical) read("side").textContent = "the energy is critical";
    else if (energy > critical) read("side").textContent = `the energy is ${shown(times, 4)} times it: above`;
    else
      read("side").textContent = `the energy is ${shown(times, 4)} times it: below, no negative eigenvalues`;
    const estimate = prefactor === null ? NaN : prefactor * Math.max(times - 1, 0) ** 1.5;
    write("law", estimate);
    read("ratio").textContent =
      prefactor === null
        ? "holds above a positive critical energy only"
        : estimate > 0
          ? `the index is ${shown(law.index / estimate, 4)} times it`
          : "no index below the critical energy";
  }

  // Density and masses at the point looked at, a fraction of the picture's width.
  function looking() {
    const [low, high] = view.axes.x;
    const digits = Math.max(
      3,
      Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low))) + 4,
    );
    const x = rounded(low + (high - low) * state.look, digits);
    const { cdf, sf } = law.masses(x);
    const density = law.density(x);
    write("x", x, digits);
    write("density", density, 5);
    write("below", cdf, 5);
    write("above", sf, 5);
    form
      .querySelector("[data-probe]")
      .setAttribute("aria-valuetext", `x = ${shown(x, 4)}, density ${shown(density, 4)}`);
    picture.look(plots.spectrum, view, view.x(x), density);
  }

  // The index over the slider's range of energies; kept while only the energy moves.
  const curve = { key: null };
  function drawEnergy() {
    const { energy } = model().critical;
    const parameter = model().parameters.find((p) => p.name === energy);
    const { low, high } = rangeOf(parameter);
    const rest = { ...values(), [energy]: null };
    const key = state.name + JSON.stringify(rest);
    if (key !== curve.key) {
      const critical = stieltjes.criticalEnergy(model(), values());
      const prefactor = stieltjes.indexPrefactor(model(), values());
      const grid = Array.from({ length: ENERGIES + 1 }, (_, k) => low * (high / low) ** (k / ENERGIES));
      // More points where the index begins, like (eps - eps_c)^(3/2).
      for (let k = 1; k <= 12; k++) grid.push(critical * (1 + 0.002 * k * k));
      const energies = grid.filter((e) => e >= low && e <= high * (1 + 1e-9)).sort((a, b) => a - b);
      Object.assign(curve, {
        key,
        critical,
        points: energies.map((e) => [e, stieltjes.law(model(), { ...rest, [energy]: e }).index]),
        law:
          prefactor === null
            ? []
            : energies.filter((e) => e >= critical).map((e) => [e, prefactor * (e / critical - 1) ** 1.5]),
      });
    }
    energyAt = picture.energy(plots.energy, { ...curve, low, high, here: [values()[energy], law.index] });
  }

  // --- controls ----------------------------------------------------------------------------------

  function show() {
    for (const input of all('[name="model"]')) {
      input.checked = input.value === state.name;
      // On a telephone the models are in a row that scrolls.
      if (input.checked) form.querySelector(".choice").scrollLeft = input.parentNode.offsetLeft - 16;
    }
    for (const part of all("[data-model]")) part.hidden = part.dataset.model !== state.name;
    for (const parameter of model().parameters) settle(parameter);
    state.held = null;
    changed();
  }

  const slider = (parameter) =>
    form.querySelector(`.sliders[data-model="${state.name}"] [data-parameter="${parameter.name}"]`);

  // The slider and the number of a parameter as its value has them.
  function settle(parameter, { number = true } = {}) {
    const value = values()[parameter.name];
    const range = slider(parameter).querySelector('[type="range"]');
    range.value = stepAt(parameter, value);
    range.setAttribute("aria-valuetext", shown(value));
    if (number) slider(parameter).querySelector('[type="number"]').value = value;
    tell(parameter, "");
  }

  function tell(parameter, words) {
    slider(parameter).querySelector(".told").textContent = words;
    slider(parameter)
      .querySelector('[type="number"]')
      .setAttribute("aria-invalid", words !== "");
  }

  function set(parameter, value, options) {
    try {
      stieltjes.checked(model(), { ...values(), [parameter.name]: value });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      tell(parameter, error.message.replace("oo", "∞"));
      return;
    }
    values()[parameter.name] = value;
    settle(parameter, options);
    changed();
  }

  form.addEventListener("submit", (event) => event.preventDefault());

  form.addEventListener("input", ({ target }) => {
    if (target.name === "model") {
      state.name = target.value;
      show();
    } else if (target.matches("[data-probe]")) {
      state.look = target.value / STEPS;
      looking();
    } else if (target.matches("[data-hold]")) {
      state.held = target.checked ? view.axes : null;
      changed();
    } else {
      const name = target.closest("[data-parameter]")?.dataset.parameter;
      const parameter = model().parameters.find((p) => p.name === name);
      if (parameter === undefined) return;
      if (target.type === "range") set(parameter, valueAt(parameter, Number(target.value)));
      else if (target.value !== "") set(parameter, Number(target.value), { number: false });
      else tell(parameter, `${name} must be a number in ${parameter.domain.replace("oo", "∞")}`);
    }
  });

  form.addEventListener("change", ({ target }) => {
    const name = target.closest("[data-parameter]")?.dataset.parameter;
    const parameter = model().parameters.find((p) => p.name === name);
    if (parameter !== undefined && target.type === "number" && target.value === "") settle(parameter);
  });

  form.querySelector("[data-reset]").addEventListener("click", () => {
    known[state.name] = initials(model());
    show();
  });

  form.querySelector("[data-to-critical]").addEventListener("click", () => {
    const parameter = model().parameters.find((p) => p.name === model().critical.energy);
    set(parameter, stieltjes.criticalEnergy(model(), values()));
  });

  const copier = form.querySelector("[data-link]");
  copier.addEventListener("click", async () => {
    const label = copier.textContent;
    const address = location.href.split("#")[0] + fragment();
    try {
      await navigator.clipboard.writeText(address);
      copier.textContent = "Copied";
    } catch {
      history.replaceState(null, "", fragment());
      copier.textContent = "It is in the address bar";
    }
    setTimeout(() => (copier.textContent = label), 1500);
  });

  plots.spectrum.addEventListener("pointermove", (event) => {
    const box = plots.spectrum.getBoundingClientRect();
    const { left, right, width } = view.frame;
    const place = ((event.clientX - box.left) * width) / box.width;
    state.look = Math.min(Math.max((place - left) / (right - left), 0), 1);
    form.querySelector("[data-probe]").value = Math.round(STEPS * state.look);
    looking();
  });

  const chosen = (event) => {
    const box = plots.energy.getBoundingClientRect();
    const parameter = model().parameters.find((p) => p.name === model().critical.energy);
    const { low, high } = rangeOf(parameter);
    const width = plots.energy.viewBox.baseVal.width;
    const energy = energyAt(((event.clientX - box.left) * width) / box.width);
    set(parameter, rounded(Math.min(Math.max(energy, low), high), 3));
  };
  plots.energy.addEventListener("pointerdown", (event) => {
    plots.energy.setPointerCapture(event.pointerId);
    chosen(event);
  });
  plots.energy.addEventListener("pointermove", (event) => {
    if (plots.energy.hasPointerCapture(event.pointerId)) chosen(event);
  });

  addEventListener("hashchange", () => {
    fromAddress();
    show();
  });
  new ResizeObserver(changed).observe(plots.spectrum.parentNode);
  fromAddress();
  show();
})();
