// What the page holds: its data sets, by column in JSON, and which of their rows a state chooses.

const held = (id) => JSON.parse(document.getElementById(id).textContent);
const dataSets = new Map();

// The rows of a data set, which the page holds by column; none of one that is empty.
function rowsOf(name) {
  if (!dataSets.has(name)) {
    const id = `data-${name}`;
    const byColumn = document.getElementById(id) ? held(id) : {};
    const columns = Object.entries(byColumn).map(([column, values]) => [
      column,
      values.distinct ? values.which.map((position) => values.distinct[position]) : values,
    ]);
    const rows = (columns[0]?.[1] ?? []).map(() => ({}));
    for (const [column, values] of columns) {
      for (let position = 0; position < rows.length; position++) {
        rows[position][column] = values[position];
      }
    }
    dataSets.set(name, rows);
  }
  return dataSets.get(name);
}

// The rows that a state chooses: those of its universe and, of a date, the latest not later.
function rowsAt(rows, state, keys) {
  for (const key of keys) {
    if (key === "universe") {
      rows = rows.filter((row) => row.universe === state.universe);
    } else {
      const dates = rows.map((row) => row[key]).filter((date) => date <= state[key]);
      const latest = dates.reduce((later, date) => (date > later ? date : later), "");
      rows = rows.filter((row) => row[key] === latest);
    }
  }
  return rows;
}

// An element with its attributes and children; texts stay texts.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
