// The page's state (universe, month, view), kept in the address; charts and words that follow it.

const CHARTS = held("charts");
const COMMON = held("common");
const UNIVERSES = rowsOf("universes");
const universeOf = (code) => UNIVERSES.find((row) => row.universe === code);
const universeSelect = document.getElementById("universe");
const monthSlider = document.getElementById("month");
const figures = new Map([...document.querySelectorAll("figure")].map((at) => [at.id, at]));
const opened = held("state"); // as Python drew it
const state = { ...opened, view: "" };

// --- the state and the address

const monthsOf = (universe) =>
  rowsOf("headlines").filter((row) => row.universe === universe).map((row) => row.as_of_month);

function quarterOf(month) {
  const [year, number] = month.split("-").map(Number);
  const quarters = Math.floor(number / 3); // whole ones of the year
  const first = quarters ? quarters * 3 - 2 : 10;
  return `${quarters ? year : year - 1}-${String(first).padStart(2, "0")}-01`;
}

function readAddress() {
  const hash = decodeURIComponent(location.hash.slice(1));
  const said = new URLSearchParams(hash.includes("=") ? hash : `view=${hash}`);
  const universe = said.get("universe");
  if (universeOf(universe)) state.universe = universe;
  const months = monthsOf(state.universe);
  const wanted = said.get("month") ?? state.as_of_month;
  state.as_of_month = months.findLast((month) => month <= wanted) ?? months[0];
  state.quarter_start = quarterOf(state.as_of_month);
  state.view = said.get("view") ?? "";
  state.embed = said.get("embed") ?? "";
}

function addressOf(changes = {}) {
  const to = { ...state, ...changes };
  const said = new URLSearchParams({ universe: to.universe, month: to.as_of_month });
  for (const key of ["view", "embed"]) if (to[key]) said.set(key, to[key]);
  return `#${said}`;
}

function choose(changes) {
  history.replaceState(null, "", addressOf(changes));
  readAddress();
  showState();
}

// --- words

const NO_FIGURES = "No figures for this universe and month.";

// What words say: of the state, or of the first of the rows that the reader chose in the figure.
function wordsRow(chart, figure) {
  const [row] = chart.choice
    ? chartRows(chart, figure)
    : rowsAt(rowsOf(chart.told_by), state, chart.speaks_of);
  const key = `${state.as_of_month}, ${state.universe}`;
  return row && { ...WORDS.scope, key, ...row, universe: universeOf(state.universe).title };
}

function showWords(figure, chart) {
  const row = wordsRow(chart, figure);
  const finding = row ? sentence(chart.finding, row) : "";
  figure.querySelector("h3").textContent = finding || chart.question;
  figure.querySelector(".question").textContent = finding ? chart.question : "";
  figure.querySelector(".caption").textContent =
    (row && sentence(chart.caption, row)) || NO_FIGURES;
}

function showState() {
  const months = monthsOf(state.universe);
  universeSelect.value = state.universe;
  monthSlider.max = months.length - 1;
  monthSlider.value = months.indexOf(state.as_of_month);
  monthSlider.setAttribute("aria-valuetext", day(state.as_of_month));
  document.getElementById("chosen-month").textContent = day(state.as_of_month);
  document.getElementById("about-universe").textContent = universeOf(state.universe).description;
  for (const told of document.querySelectorAll("[data-template]")) {
    const row = wordsRow({ told_by: "headlines", speaks_of: ["universe", "as_of_month"] });
    told.textContent = sentence(told.dataset.template, row) || NO_FIGURES;
  }
  showFigures();
  document.body.classList.toggle("embed", figures.has(state.embed));
  for (const [id, figure] of figures) figure.classList.toggle("embedded", id === state.embed);
  showEntity(state.view);
}

// Figure by figure, each in a task of its own, so that none holds up the reader; what is seen first.
let unshown = [...figures.keys()];
let showing;
function showFigures() {
  unshown = [...figures.keys()].sort((a, b) => near.has(b) - near.has(a));
  clearTimeout(showing);
  showing = setTimeout(showNext);
}

function showNext() {
  const id = unshown.shift();
  showWords(figures.get(id), CHARTS[id]);
  refreshTable(figures.get(id), CHARTS[id]);
  ask(id);
  if (unshown.length) showing = setTimeout(showNext);
}

// --- charts: drawn by the worker, put in the page while they are near what the reader sees

const NARROWEST = 460; // pixels of a drawing: on a phone it is made smaller, since names need their room
const near = new Set();
const asked = new Map(); // a figure's latest picture as it was asked for
const drawn = new Map();
const waiting = [];
let busy = false;
const textOf = (id) => document.getElementById(id).textContent;
// Vega measures texts on a canvas: a worker has one, but no document to ask for it.
const CANVAS = "self.document = { createElement: () => new OffscreenCanvas(1, 1) };";
const source = [CANVAS, ...["vega", "printing", "worker"].map(textOf)];
const worker = new Worker(URL.createObjectURL(new Blob([source.join("\n")])));

function chartRows(chart, figure) {
  let rows = rowsAt(rowsOf(chart.data), state, chart.shows);
  const choice = figure.querySelector("select");
  if (choice) rows = rows.filter((row) => row[chart.choice] === choice.value);
  if (chart.only) rows = rows.filter((row) => row[chart.only]);
  return rows;
}

function ask(id) {
  const place = figures.get(id).querySelector(".chart").clientWidth;
  const width = Math.max(place - 10, NARROWEST);
  const choice = figures.get(id).querySelector("select")?.value;
  const key = [state.universe, state.as_of_month, width, choice].join();
  if (asked.get(id)?.key === key || !place) return;
  asked.set(id, { key, width });
  if (!waiting.includes(id)) waiting.push(id);
  drawNext();
}

// One at a time, those that the reader sees first.
function drawNext() {
  if (busy || !waiting.length) return;
  busy = true;
  const position = Math.max(0, waiting.findIndex((id) => near.has(id)));
  const [id] = waiting.splice(position, 1);
  setTimeout(() => sendTo(id));
}

function sendTo(id) {
  const chart = CHARTS[id];
  const figure = figures.get(id);
  const columns = ["universe_title", ...chart.tells].filter((column) => !hidden(column) && column !== "universe");
  const rows = chartRows(chart, figure).map((row) => ({
    ...row,
    universe_title: universeOf(row.universe)?.title ?? null,
    is_chosen: row.universe === state.universe,
  }));
  const spec = { ...COMMON, ...chart.spec, description: figure.querySelector("h3").textContent };
  const { width } = asked.get(id);
  worker.postMessage({ id, spec, rows, columns, width, month: state.as_of_month });
}

worker.onmessage = ({ data: { id, svg, error } }) => {
  busy = false;
  drawn.set(id, svg ?? "");
  if (error) console.error(`${id} could not be drawn: ${error}`);
  if (near.has(id)) put(id);
  else takeAway(id);
  drawNext();
};

function put(id) {
  const place = figures.get(id).querySelector(".chart");
  if (!drawn.has(id)) return;
  place.style.minHeight = 0;
  place.innerHTML = drawn.get(id);
}

// Its room is kept, so that nothing moves under the reader's hand when it is put in.
function takeAway(id) {
  const place = figures.get(id).querySelector(".chart");
  if (!drawn.has(id)) return;
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(drawn.get(id)) ?? [0, 1, 0];
  place.style.minHeight = `${height * Math.min(1, place.clientWidth / width)}px`;
  place.replaceChildren();
}

const watched = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      near[isIntersecting ? "add" : "delete"](target.id);
      (isIntersecting ? put : takeAway)(target.id);
    }
  },
  { rootMargin: "250px" },
);
// On paper nothing can be opened: charts, readings of claims and sources are there.
window.addEventListener("beforeprint", () => {
  [...figures.keys()].forEach(put);
  for (const details of document.querySelectorAll("details.plain, details[data-set=files]")) {
    details.open = true;
    if (details.dataset.set) buildTable(details);
  }
});
window.addEventListener("resize", () => [...figures.keys()].forEach(ask));

// A mark says what it is when it is pointed at.
const tooltip = document.getElementById("tooltip");
document.addEventListener("pointermove", (event) => {
  const mark = event.target.closest?.(".chart [aria-label][aria-roledescription]");
  const text = mark?.getAttribute("aria-label") ?? "";
  tooltip.hidden = !text.includes(": ") || !mark.matches("path, rect, line");
  if (tooltip.hidden) return;
  tooltip.replaceChildren(...text.split(" · ").map((part) => element("div", {}, part)));
  const left = Math.min(event.clientX + 14, innerWidth - tooltip.offsetWidth - 8);
  const below = event.clientY + 16 + tooltip.offsetHeight < innerHeight;
  const top = below ? event.clientY + 16 : event.clientY - tooltip.offsetHeight - 12;
  tooltip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
});

// --- tables, opened

const tables = new Map(); // what a figure's or a section's details show

// The rows of a chart, with the columns that it uses.
const tableRows = (chart, figure) =>
  chartRows(chart, figure).map((row) =>
    Object.fromEntries((chart.columns ?? Object.keys(row)).map((column) => [column, row[column]])),
  );

function refreshTable(figure, chart) {
  const details = figure.querySelector("details");
  if (!details.open) return;
  const table = makeTable(tableRows(chart, figure), figure.querySelector("h3").textContent);
  tables.set(figure.id, table);
  details.querySelector(".table")?.remove();
  details.append(table.element);
}

function buildTable(details) {
  if (!details.open || details.querySelector(".table")) return;
  const caption = details.querySelector("summary").textContent;
  details.append(makeTable(rowsOf(details.dataset.set), caption).element);
}
for (const details of document.querySelectorAll("details[data-set]")) {
  details.addEventListener("toggle", () => buildTable(details));
}

// --- beginning

for (const [id, figure] of figures) {
  const chart = CHARTS[id];
  figure.querySelector("details").addEventListener("toggle", () => refreshTable(figure, chart));
  if (chart.choice) addChoice(id, figure, chart);
  addTools(id, figure, chart);
  watched.observe(figure);
}

function addChoice(id, figure, chart) {
  const values = [...new Set(rowsOf(chart.data).map((row) => row[chart.choice]))];
  const select = element("select", {}, ...values.map((value) => new Option(value)));
  select.addEventListener("change", () => {
    showWords(figure, chart);
    refreshTable(figure, chart);
    ask(id);
  });
  const label = element("label", { class: "choice" }, `${header(chart.choice).replace(/^./, (letter) => letter.toUpperCase())} `, select);
  figure.querySelector(".chart").before(label);
}

universeSelect.addEventListener("change", () => choose({ universe: universeSelect.value }));
monthSlider.addEventListener("input", () =>
  choose({ as_of_month: monthsOf(state.universe)[monthSlider.valueAsNumber] }),
);
document.getElementById("verdict")?.addEventListener("change", ({ target }) => {
  for (const row of document.querySelectorAll("#claims tbody tr")) {
    row.hidden = Boolean(target.value) && row.dataset.verdict !== target.value;
  }
});

// --- how recent the sources are: what `genai-ledger status` says when the page is opened

for (const source of document.querySelectorAll("#recency [data-late-at]")) {
  const [lateAt, staleAt] = [source.dataset.lateAt, source.dataset.staleAt].map(Date.parse);
  const now = Date.now();
  source.querySelector("b").textContent = now > staleAt ? "stale" : now > lateAt ? "late" : "fresh";
}
const recency = document.getElementById("recency");
if (recency) {
  const found = [...recency.querySelectorAll("b")].map((state) => state.textContent);
  const counts = [...new Set(found)].map((state) => `${found.filter((each) => each === state).length} ${state}`);
  recency.querySelector("summary span").textContent = `: ${counts.join(", ")}`;
}

function follow() {
  readAddress();
  showState();
  document.getElementById(named(state.view) ? "entity" : state.view)?.scrollIntoView();
}
window.addEventListener("hashchange", follow);
setTimeout(follow); // in a task of its own, as all that takes long
