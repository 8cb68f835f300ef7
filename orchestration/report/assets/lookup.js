// Looking up a company or a model: a search, and a view of what the data say of it and where.

const MOST_FOUND = 8;
const search = document.getElementById("search");

function named(view) {
  const [kind, id] = view.split(/:(.*)/s);
  const [set, key] = { company: ["companies", "company_id"], model: ["models", "model_id"] }[kind] ?? [];
  return set && rowsOf(set).find((row) => row[key] === id);
}

search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  const all = [
    ...rowsOf("companies").map((row) => [row.company, "company", row.company_id]),
    ...rowsOf("models").map((row) => [row.model, "model", row.model_id]),
  ];
  const rank = ([name]) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  const matches = all.filter(([name]) => wanted && name.toLowerCase().includes(wanted));
  matches.sort((a, b) => rank(a) - rank(b));
  const links = matches.slice(0, MOST_FOUND).map(([name, kind, id]) => {
    const link = element("a", { href: addressOf({ view: `${kind}:${id}`, embed: "" }) }, name);
    return element("li", {}, link, ` ${kind}`);
  });
  document.getElementById("found").replaceChildren(...links);
  const among = WORDS.partial.some((set) => set !== "rounds") ? ", among the largest and newest" : "";
  document.getElementById("found-count").textContent = wanted ? `${decimal(matches.length)} found${among}` : "";
});

// Of a row; nothing states a company that only rounds name.
const place = (row) => [row.file, row.sheet && `sheet ${row.sheet}`, `row ${row.file_row}`].filter(Boolean).join(", ");

function facts(row, columns) {
  const list = element("dl", { class: "facts" });
  for (const column of columns) {
    if (row[column] !== null) {
      const value = LINKS.has(column) ? tableCell(row, column).firstChild : cell(row[column], column);
      list.append(element("dt", {}, header(column)), element("dd", {}, value));
    }
  }
  if (row.file) list.append(element("dt", {}, "stated in"), element("dd", {}, place(row)));
  return list;
}

function part(heading, rows) {
  if (!rows.length) return [];
  return [element("h4", {}, heading), makeTable(rows, heading).element];
}

const without = (row, ...columns) =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !columns.includes(column)));

function companyParts(row) {
  const rounds = rowsOf("rounds").filter((round) => round.company_id === row.company_id);
  const valued = rounds.filter((round) => round.valuation_high_usd !== null);
  const shares = rowsOf("company_history").filter((share) => share.company_id === row.company_id);
  return [
    facts(row, ["layer", "category", "model_access", "founded_year", "hq_country", "is_mapped"]),
    ...part(
      WORDS.partial.includes("rounds") ? "Those of its rounds that are among the largest of all" : "Rounds, and where each is stated",
      rounds.map((round) => without(round, "company", "layer", "is_mega_round", "valuation_low_usd", "valuation_high_usd")),
    ),
    ...part(
      "Valuations",
      valued.map(({ announced_on, valuation_low_usd, valuation_high_usd, source_url }) => ({ announced_on, valuation_low_usd, valuation_high_usd, source_url })),
    ),
    ...part(`Share over time (${universeOf(opened.universe).title})`, shares),
  ];
}

function modelParts(row) {
  const shown = ["organisation", "organisation_type", "base_model", "release_form", "licence", "allows_commercial_use", "parameters_max_bn", "released_on", "url"];
  return [facts(row, shown)];
}

function showEntity(view) {
  const at = document.getElementById("entity");
  const row = named(view);
  if (at.dataset.view === view) return;
  at.dataset.view = view;
  at.hidden = !row;
  if (!row) return;
  const parts = view.startsWith("company:") ? companyParts(row) : modelParts(row);
  at.replaceChildren(element("h3", {}, row.company ?? row.model), ...parts);
}
