// The ledger's filters, search and links. Without this script the page is the whole list.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("details.claim")];
  const texts = new Map();

  // What a row says, formulas by their LaTeX; collected when it is first searched.
  function text(row) {
    if (!texts.has(row)) {
      const formulas = [...row.querySelectorAll("math")].map((m) => m.getAttribute("alttext")).join(" ");
      const typed = formulas.replaceAll("\\epsilon", "eps").replaceAll("\\", ""); // as in programs: eps_c, phi
      texts.set(row, [row.id, row.textContent, formulas, typed].join(" ").toLowerCase().replace(/\s+/g, " "));
    }
    return texts.get(row);
  }

  function filter() {
    const { q, paper, status, method, throughout } = form.elements;
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const data = row.dataset;
      const fits =
        (!paper.value || data.paper === paper.value) &&
        (!status.value || data.status === status.value) &&
        (!method.value || data.methods.split(",").includes(method.value)) &&
        (!throughout.checked || data.throughout) &&
        words.every((word) => text(row).includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    for (const section of document.querySelectorAll("section.paper")) {
      section.hidden = !section.querySelector("details.claim:not([hidden])");
    }
    document.getElementById("none").hidden = shown > 0;
    document.getElementById("count").textContent = `${shown} of ${rows.length} claims`;
  }

  // A link to a claim opens its row, whatever the filters say.
  function follow() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row || !rows.includes(row)) return;
    if (row.hidden) {
      form.reset();
      filter();
    }
    row.open = true;
    row.scrollIntoView({ behavior: "instant" });
  }

  function openAll(open) {
    for (const row of rows) if (!row.hidden) row.open = open;
  }

  form.hidden = false;
  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = form.elements[name];
    if (field && field.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
  }
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open-all").addEventListener("click", () => openAll(true));
  document.getElementById("close-all").addEventListener("click", () => openAll(false));
  window.addEventListener("hashchange", follow);

  // On paper every row that is shown is open.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = rows.filter((row) => !row.open);
    openAll(true);
  });
  window.addEventListener("afterprint", () => closed.forEach((row) => (row.open = false)));

  filter();
  follow();
})();
