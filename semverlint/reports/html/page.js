"use strict";
(() => {
  const main = document.querySelector("main");
  const make = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  // search: everything that is marked as found, by its text
  const found = [...document.querySelectorAll(".found")];
  if (found.length > 1) {
    const groups = [...document.querySelectorAll(".scroll, .maps > div, .part section, .part > details")].filter(
      (one) => one.querySelector(".found"),
    );
    const input = make("input", { type: "search", placeholder: "a rule, a file, a key, a tensor, a token" });
    const count = make("output", {});
    const bar = make("div", { className: "search" }, make("label", {}, "Search", input), count);
    bar.setAttribute("role", "search");
    const before = document.querySelector("main > nav") ?? document.querySelector("main > header");
    before.after(bar);
    let texts = null;
    const opened = new Set();
    const search = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      texts ??= found.map((one) => one.textContent.toLowerCase());
      let shown = 0;
      for (const one of opened) one.open = false;
      opened.clear();
      found.forEach((one, place) => {
        const fits = words.every((word) => texts[place].includes(word));
        one.hidden = !fits;
        if (!fits || !words.length) return;
        shown += 1;
        for (let above = one.closest("details"); above; above = above.parentElement.closest("details"))
          if (!above.open) opened.add(above);
      });
      for (const one of opened) one.open = true;
      for (const one of groups) one.hidden = words.length > 0 && !one.querySelector(".found:not([hidden])");
      count.value = words.length ? (shown === 1 ? "1 match" : `${shown.toLocaleString("en")} matches`) : "";
    };
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(search, 120);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && document.activeElement !== input) {
        event.preventDefault();
        input.focus();
      } else if (event.key === "Escape" && document.activeElement === input) {
        input.value = "";
        search();
      }
    });
  }

  // maps: what a field stands for, by pointer or arrow keys
  for (const region of document.querySelectorAll(".scroll.map")) {
    const reading = make("p", { className: "reading" });
    reading.setAttribute("aria-live", "polite");
    region.after(reading);
    const table = region.querySelector("table");
    const heads = table.tHead.rows[0].cells;
    const rows = table.tBodies[0].rows;
    let here = null;
    const read = (cell) => {
      const column = heads[cell.cellIndex].textContent;
      const layer = column ? `layer ${column} · ` : "";
      const row = cell.parentElement.cells[0];
      const figure = cell.querySelector("i")?.textContent ?? "no such tensor";
      reading.textContent = `${layer}${row.title || row.textContent} · ${figure}`;
    };
    const go = (row, column) => {
      const cell = rows[row]?.cells[column];
      if (!cell || column < 1) return;
      here?.classList.remove("here");
      here = cell;
      here.classList.add("here");
      here.scrollIntoView({ block: "nearest", inline: "nearest" });
      read(here);
    };
    const field = (event) => event.target.closest?.("td:not(.corner)");
    table.addEventListener("pointerover", (event) => field(event) && read(field(event)));
    table.addEventListener("click", (event) => {
      const cell = field(event);
      if (cell) go(cell.parentElement.sectionRowIndex, cell.cellIndex);
    });
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    region.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      if (here) go(here.parentElement.sectionRowIndex + step[0], here.cellIndex + step[1]);
      else go(0, 1);
    });
  }

  // a link to a part that is folded away opens it
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let above = target && target.closest("details"); above; above = above.parentElement.closest("details")) above.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
  main.dataset.ready = "";
})();
