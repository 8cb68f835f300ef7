// Tables that are built when they are opened: sorted by a header, filtered by a text.

const AT_ONCE = 50; // rows; the others come when asked for
const hidden = (column) => column.endsWith("_id") || column === "rank" || column === "is_charted";

// The columns for people; a universe by its title, where rows are of several, and nothing that no
// row has.
function shownColumns(rows) {
  const differs = (column) => rows.some((row) => row[column] !== rows[0][column]);
  return Object.keys(rows[0] ?? {}).filter(
    (column) =>
      !hidden(column) &&
      !(column === "title" && "universe" in rows[0]) &&
      (column !== "universe" || differs(column)) &&
      rows.some((row) => row[column] !== null && row[column] !== ""),
  );
}

const isNumber = (rows, column) =>
  rows.some((row) => typeof row[column] === "number") && column !== "file_row";

function tableCell(row, column, numeric) {
  const value = row[column];
  const shown =
    LINKS.has(column) && isAddress(value)
      ? element("a", { href: value, rel: "noopener", target: "_blank" }, "source")
      : cell(value, column);
  const text = /\S{24}/.test(shown) ? "text long" : "text";
  return element("td", { class: numeric ? "number" : DATE.test(value) ? "day" : text }, shown);
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b));
}

// A table of rows with its filter; `rows` of what it returns are those that it shows.
function makeTable(rows, caption) {
  const columns = shownColumns(rows);
  const numeric = Object.fromEntries(columns.map((column) => [column, isNumber(rows, column)]));
  const made = { rows, element: element("div", { class: "table" }) };
  const sorted = { column: null, down: false };
  let most = AT_ONCE;
  const body = element("tbody");
  const count = element("p", { class: "note", role: "status" });
  const more = element("button", { type: "button", onclick: showMore }, "Show more rows");
  const filter = element("input", { type: "search", "aria-label": `Filter: ${caption}` });
  filter.placeholder = "Filter rows";
  filter.addEventListener("input", fill);
  const headers = columns.map((column) => {
    const button = element("button", { type: "button", onclick: () => sortBy(column) });
    button.textContent = header(column);
    return element("th", { scope: "col", class: numeric[column] ? "number" : "text" }, button);
  });

  function showMore() {
    most += 10 * AT_ONCE;
    fill();
  }

  function sortBy(column) {
    sorted.down = sorted.column === column ? !sorted.down : numeric[column];
    sorted.column = column;
    headers.forEach((th, position) => {
      if (columns[position] !== column) th.removeAttribute("aria-sort");
      else th.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    });
    fill();
  }

  function fill() {
    const wanted = filter.value.toLowerCase();
    const text = (row) => columns.map((column) => cell(row[column], column)).join(" ");
    made.rows = wanted ? rows.filter((row) => text(row).toLowerCase().includes(wanted)) : rows;
    if (sorted.column) {
      const order = (a, b) => compare(a[sorted.column], b[sorted.column]);
      made.rows = made.rows.toSorted((a, b) => (sorted.down ? order(b, a) : order(a, b)));
    }
    const shown = made.rows.slice(0, most);
    body.replaceChildren(
      ...shown.map((row) =>
        element("tr", {}, ...columns.map((column) => tableCell(row, column, numeric[column]))),
      ),
    );
    count.textContent = `${decimal(shown.length)} of ${decimal(rows.length)} rows`;
    more.hidden = shown.length === made.rows.length;
  }

  const table = element("table", {}, element("caption", {}, caption));
  table.append(element("thead", {}, element("tr", {}, ...headers)), body);
  const scroll = { class: "scroll", role: "region", tabindex: "0", "aria-label": caption };
  made.element.append(filter, count, element("div", scroll, table), more);
  fill();
  return made;
}
