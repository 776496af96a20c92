// Pointing at a claim marks all that it rests on and all that rests on it; a link to one brings it into view.
"use strict";
(() => {
  const picture = document.querySelector(".graph svg");
  const lines = [...picture.querySelectorAll("path")];
  const nodes = new Map([...picture.querySelectorAll("a.node")].map((node) => [node.id, node]));

  function reach(start, from, to) {
    const found = new Set([start]);
    const marked = new Set();
    for (const name of found) {
      for (const line of lines) {
        if (line.dataset[from] !== name) continue;
        marked.add(line);
        found.add(line.dataset[to]);
      }
    }
    return [found, marked];
  }

  function mark(name) {
    const [below, belowLines] = reach(name, "user", "used");
    const [above, aboveLines] = reach(name, "used", "user");
    picture.classList.add("marking");
    for (const [id, node] of nodes) node.classList.toggle("marked", below.has(id) || above.has(id));
    for (const line of lines) line.classList.toggle("marked", belowLines.has(line) || aboveLines.has(line));
  }

  let kept = null; // the claim that the address names stays marked
  function unmark() {
    if (kept) mark(kept);
    else picture.classList.remove("marking");
  }

  for (const [name, node] of nodes) {
    node.addEventListener("pointerenter", () => mark(name));
    node.addEventListener("pointerleave", unmark);
    node.addEventListener("focus", () => mark(name));
    node.addEventListener("blur", unmark);
  }

  function follow() {
    const name = decodeURIComponent(location.hash.slice(1));
    kept = nodes.has(name) ? name : null;
    unmark();
    if (kept) nodes.get(kept).scrollIntoView({ behavior: "instant", block: "center", inline: "center" });
  }
  window.addEventListener("hashchange", follow);
  window.addEventListener("load", () => setTimeout(follow)); // after the browser's own way of following a link
})();
