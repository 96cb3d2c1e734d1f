#include <string>
#include <string_view>

#include "pipeline/docs_site.h"

namespace tarn::pipeline {
namespace {

constexpr std::string_view kHead = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@: documentation</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --back: #fff; --soft: #f3f5f8; --line: #d5dbe3;
  --link: #0b5fae; --mark: #d9480f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9f0; --back: #14181e; --soft: #1d232b; --line: #37404c; --link: #7ab8f5;
    --mark: #ff9a62; }
}
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 19rem 1fr; height: 100vh;
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back); }
nav { border-right: 1px solid var(--line); background: var(--soft); overflow: auto; padding: 1rem; }
nav h1 { font-size: 1.1rem; margin: 0 0 .75rem; }
nav input { width: 100%; padding: .4rem .6rem; font: inherit; color: inherit;
  background: var(--back); border: 1px solid var(--line); border-radius: 4px; }
nav h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em;
  margin: 1rem 0 .25rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: .1rem .4rem; border-radius: 4px; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a[aria-current] { background: var(--line); color: var(--ink); }
main { overflow: auto; padding: 1.5rem 2rem; }
main h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
.facts { color: inherit; opacity: .8; margin: .25rem 0 1rem; }
.facts span { margin-right: 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: .75rem;
  overflow: auto; font: 13px/1.45 ui-monospace, monospace; }
.near { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.near ul { margin: 0; padding-left: 1.1rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); pointer-events: none; }
svg rect { fill: var(--soft); stroke: var(--line); cursor: pointer; }
svg g.chosen rect { stroke: var(--mark); stroke-width: 2; }
svg path { fill: none; stroke: var(--line); }
svg path.near { stroke: var(--mark); }
button.column { font: inherit; color: var(--link); background: none; border: 0; padding: 0;
  cursor: pointer; text-align: left; }
button.column[aria-pressed=true] { color: var(--mark); font-weight: 600; }
.origins { border: 1px solid var(--line); border-radius: 4px; padding: .25rem 1rem .75rem;
  margin-bottom: 1rem; }
.origins ul { margin: 0; padding-left: 1.1rem; }
.origins small { opacity: .75; }
.graph { overflow: auto; border: 1px solid var(--line); border-radius: 4px; }
@media (max-width: 50rem) { body { grid-template-columns: 1fr; height: auto; } }
</style>
</head>
<body>
<nav aria-label="Project">
<h1><a href="#"></a></h1>
<input type="search" placeholder="Search names, words, columns" aria-label="Search">
<div id="list"></div>
</nav>
<main id="page" tabindex="-1"></main>
<script type="application/json" id="data">@DATA@</script>
)html";

constexpr std::string_view kScript = R"html(<script>
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const items = data.items;
const parents = {}, children = {};
for (const id of Object.keys(items)) { parents[id] = []; children[id] = children[id] || []; }
for (const [id, read] of Object.entries(data.parents)) {
  for (const other of read) {
    if (!items[id] || !items[other]) continue;
    parents[id].push(other);
    (children[other] = children[other] || []).push(id);
  }
}
const kinds = [["model", "Models"], ["seed", "Seeds"], ["snapshot", "Snapshots"],
  ["source", "Sources"], ["semantic_model", "Semantic models"], ["metric", "Metrics"],
  ["saved_query", "Saved queries"], ["exposure", "Exposures"], ["test", "Tests"]];

// By item and column: what it is made of, and what is made of it; "" stands for all rows.
const key = (id, column) => id + "\n" + column;
const madeOf = {}, makes = {};
function addEdge(id, column, edge) {
  const from = key(edge.id, edge.column), to = key(id, column);
  const words = { effect: edge.effect, masking: edge.masking };
  (madeOf[to] = madeOf[to] || []).push({ ...words, id: edge.id, column: edge.column });
  (makes[from] = makes[from] || []).push({ ...words, id, column });
}
for (const [id, known] of Object.entries(data.lineage)) {
  for (const [column, edges] of Object.entries(known.columns))
    for (const edge of edges) addEdge(id, column, edge);
  for (const edge of known.rows) addEdge(id, "", edge);
}

function make(tag, words, ...inside) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(words || {})) element.setAttribute(key, value);
  for (const part of inside) element.append(part);
  return element;
}
function nameOf(id) {
  const item = items[id];
  return item.source_name ? item.source_name + "." + item.name : item.name;
}
function link(id) {
  return make("a", { href: "#" + encodeURIComponent(id) }, nameOf(id));
}

function drawList(wanted, chosen) {
  const list = document.getElementById("list");
  list.replaceChildren();
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  for (const [kind, title] of kinds) {
    const found = Object.keys(items).filter(id => items[id].resource_type === kind)
      .filter(id => {
        const item = items[id];
        const text = [id, item.description || "", (item.tags || []).join(" "),
          Object.keys(item.columns).join(" ")].join(" ").toLowerCase();
        return words.every(word => text.includes(word));
      })
      .sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
    if (!found.length) continue;
    const rows = found.map(id => {
      const to = link(id);
      if (id === chosen) to.setAttribute("aria-current", "page");
      return make("li", {}, to);
    });
    list.append(make("h2", {}, title + " (" + found.length + ")"), make("ul", {}, ...rows));
  }
}

// Items in columns by the longest way to them, so that every line goes to the right.
function drawGraph(shown, chosen) {
  const rank = {};
  const rankOf = id => {
    if (rank[id] !== undefined) return rank[id];
    rank[id] = 0;
    for (const other of parents[id])
      if (shown.has(other)) rank[id] = Math.max(rank[id], rankOf(other) + 1);
    return rank[id];
  };
  const columns = [];
  for (const id of shown) (columns[rankOf(id)] = columns[rankOf(id)] || []).push(id);
  const place = {}, width = 190, step = 250, height = 30;
  let tall = 0;
  columns.forEach((column, x) => {
    const middle = id => {
      const known = parents[id].filter(other => place[other]);
      return known.length ? known.reduce((sum, o) => sum + place[o].y, 0) / known.length : 0;
    };
    column.sort((a, b) => middle(a) - middle(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
    column.forEach((id, y) => { place[id] = { x: x * step + 10, y: y * (height + 12) + 10 }; });
    tall = Math.max(tall, column.length * (height + 12) + 20);
  });
  const space = "http://www.w3.org/2000/svg";
  const shape = (tag, words) => {
    const element = document.createElementNS(space, tag);
    for (const [key, value] of Object.entries(words)) element.setAttribute(key, value);
    return element;
  };
  const svg = shape("svg", { width: columns.length * step, height: tall, role: "img",
    "aria-label": "Graph of what reads what" });
  for (const id of shown) {
    for (const other of parents[id]) {
      if (!place[other]) continue;
      const a = place[other], b = place[id], y1 = a.y + height / 2, y2 = b.y + height / 2;
      const x1 = a.x + width, bend = (b.x - x1) / 2;
      svg.append(shape("path", { class: id === chosen || other === chosen ? "near" : "",
        d: `M${x1},${y1} C${x1 + bend},${y1} ${b.x - bend},${y2} ${b.x},${y2}` }));
    }
  }
  for (const id of shown) {
    const group = shape("g", { class: id === chosen ? "chosen" : "" });
    const box = shape("rect", { x: place[id].x, y: place[id].y, width, height, rx: 4 });
    if (items[id].color) box.style.stroke = items[id].color;
    const text = shape("text", { x: place[id].x + 8, y: place[id].y + 19 });
    const name = nameOf(id);
    text.textContent = name.length > 27 ? name.slice(0, 26) + "\u2026" : name;
    const title = shape("title", {});
    title.textContent = id;
    group.append(title, box, text);
    group.addEventListener("click", () => { location.hash = encodeURIComponent(id); });
    svg.append(group);
  }
  return make("div", { class: "graph" }, svg);
}

function around(id) {
  const shown = new Set([id]);
  for (const next of [parents, children]) {
    const edge = [id];
    while (edge.length) {
      for (const other of next[edge.pop()] || []) {
        if (shown.has(other) || items[other].resource_type === "test") continue;
        shown.add(other);
        edge.push(other);
      }
    }
  }
  return shown;
}

// What a column comes from, or goes to, step by step; what stands above is not opened again.
function drawSteps(links, id, column, seen) {
  const list = make("ul", {});
  const edges = (links[key(id, column)] || [])
    .concat(links === madeOf && column ? links[key(id, "")] || [] : []);
  const byPoint = new Map();
  for (const edge of edges) {
    const point = key(edge.id, edge.column);
    const words = byPoint.get(point) || { edge, effects: new Set() };
    words.effects.add(edge.effect.toLowerCase().replace("_", " ") +
      (edge.masking ? ", masked" : ""));
    byPoint.set(point, words);
  }
  for (const [point, { edge, effects }] of byPoint) {
    const name = (items[edge.id] ? nameOf(edge.id) : edge.id) + "." +
      (edge.column || "(its rows)");
    const place = items[edge.id]
      ? make("a", { href: "#" + encodeURIComponent(edge.id) + (edge.column
        ? "/" + encodeURIComponent(edge.column) : "") }, name) : name;
    const step = make("li", {}, place, " ", make("small", {}, [...effects].join(", ")));
    if (!seen.has(point)) {
      seen.add(point);
      const further = drawSteps(links, edge.id, edge.column, seen);
      if (further.childElementCount) step.append(further);
    }
    list.append(step);
  }
  return list;
}
function drawOrigins(id, column) {
  const part = (title, links, nothing) => {
    const steps = drawSteps(links, id, column, new Set([key(id, column)]));
    return make("section", {}, make("h3", {}, title),
      steps.childElementCount ? steps : make("p", {}, nothing));
  };
  return make("div", { class: "origins near", "data-column": column },
    part(column + " comes from", madeOf, "nothing that the project knows"),
    part(column + " goes to", makes, "nothing that the project knows"));
}

function drawItem(id, chosenColumn) {
  const item = items[id];
  const facts = make("p", { class: "facts" });
  const fact = text => { if (text) facts.append(make("span", {}, text)); };
  fact(item.resource_type);
  fact(item.materialized || item.type);
  fact(item.relation_name);
  fact((item.tags || []).length ? "tags: " + item.tags.join(", ") : "");
  fact(item.original_file_path);
  if (item.owner) fact("owner: " + [item.owner.name, item.owner.email].filter(Boolean).join(", "));
  for (const stat of Object.values(item.stats || {}))
    if (stat.include) fact(stat.label.toLowerCase() + ": " + stat.value.toLocaleString());
  const parts = [make("h1", {}, item.label || nameOf(id)), facts];
  if (/^https?:/.test(item.url || ""))
    parts.push(make("p", {}, make("a", { href: item.url }, item.url)));
  for (const words of (item.description || "").split(/\n\s*\n/))
    if (words) parts.push(make("p", {}, words));
  const tests = (children[id] || []).filter(other => items[other].attached_node === id);
  if (Object.keys(item.columns).length) {
    const rows = Object.entries(item.columns).map(([name, column]) => make("tr", {},
      make("td", {}, columnButton(id, name, chosenColumn)), make("td", {}, column.type || ""),
      make("td", {}, column.description || ""),
      make("td", {}, tests.filter(t => items[t].column_name === name)
        .map(t => items[t].test_metadata.name).join(", "))));
    const head = make("tr", {}, ...["column", "type", "description", "tests"]
      .map(word => make("th", { scope: "col" }, word)));
    parts.push(make("h2", {}, "Columns"), make("table", {}, make("thead", {}, head),
      make("tbody", {}, ...rows)));
    if (item.columns[chosenColumn]) parts.push(drawOrigins(id, chosenColumn));
  }
  const missing = (data.lineage[id] || {}).missing;
  if (missing) parts.push(make("p", { class: "facts" }, "No lineage of columns: " + missing));
  const near = (title, ids) => make("section", {}, make("h2", {}, title),
    make("ul", {}, ...ids.map(other => make("li", {}, link(other)))));
  parts.push(make("div", { class: "near" }, near("Reads", parents[id]),
    near("Read by", children[id] || [])));
  if (item.resource_type !== "test")
    parts.push(make("h2", {}, "Graph"), drawGraph(around(id), id));
  for (const [key, title] of [["raw_code", "As written"], ["compiled_code", "Compiled"]])
    if (item[key]) parts.push(make("h2", {}, title), make("pre", {}, item[key]));
  return parts;
}

function columnButton(id, column, chosenColumn) {
  const button = make("button", { class: "column", type: "button",
    "aria-pressed": String(column === chosenColumn), title: "Where it comes from and goes" },
    column);
  button.addEventListener("click", () => {
    location.hash = encodeURIComponent(id) +
      (column === chosenColumn ? "" : "/" + encodeURIComponent(column));
  });
  return button;
}

function drawWhole() {
  const shown = new Set(Object.keys(items).filter(id => items[id].resource_type !== "test"));
  return [make("h1", {}, data.project), make("p", { class: "facts" }, "made at " +
    data.generated_at), drawGraph(shown, "")];
}

const search = document.querySelector("nav input");
function draw() {
  const [id, column] = location.hash.slice(1).split("/").map(decodeURIComponent);
  const page = document.getElementById("page");
  page.replaceChildren(...(items[id] ? drawItem(id, column) : drawWhole()));
  const origins = page.querySelector(".origins");
  if (origins) origins.scrollIntoView({ block: "center" });
  else page.scrollTop = 0;
  drawList(search.value, id);
}
document.querySelector("nav h1 a").textContent = data.project;
search.addEventListener("input", () => drawList(search.value,
  decodeURIComponent(location.hash.slice(1).split("/")[0])));
window.addEventListener("hashchange", draw);
draw();
</script>
</body>
</html>
)html";

}  // namespace

std::string_view DocsPage() {
    static const std::string page = std::string(kHead) + std::string(kScript);
    return page;
}

}  // namespace tarn::pipeline
