// How values are printed, as formats.py prints them; the page and its worker share this.

const NO_VALUE = "-";
const DATE = /^\d{4}-\d\d-\d\d$/;
const LINKS = new Set(["url", "source_url"]);
const isAddress = (value) => /^https?:\/\//.test(value ?? "");
const formats = new Map(); // making one takes longer than using it a hundred times

// The rule of formats.dollars: three figures, rounded before the unit is chosen.
function dollars(amount) {
  if (amount === null || amount === undefined) return NO_VALUE;
  const sign = amount < 0 ? "-" : "";
  const rounded = Math.abs(Number(amount.toPrecision(3)));
  const units = [[1e12, "Tn"], [1e9, "Bn"], [1e6, "MM"], [1e3, "K"]];
  const [size, unit] = units.find(([size]) => rounded >= size) ?? [];
  const figure = size ? (rounded / size).toPrecision(3) : Math.round(Math.abs(amount));
  return `${sign}$${figure}${unit ?? ""}`;
}

// The rule of formats._number: whole and large numbers lose no digit, others have three figures.
function decimal(value) {
  return Number.isInteger(value) || Math.abs(value) >= 1000
    ? grouped(value, 0)
    : value.toPrecision(3);
}

function grouped(number, most, always = false) {
  const key = `${most} ${always}`;
  if (!formats.has(key)) {
    const digits = { maximumFractionDigits: most, minimumFractionDigits: always ? most : 0 };
    formats.set(key, new Intl.NumberFormat("en", digits));
  }
  return formats.get(key).format(number);
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
function day(iso) {
  const [year, month, number] = iso.split("-").map(Number);
  return `${number} ${MONTHS[month - 1]} ${year}`;
}

const inWords = (code, column) => WORDS.values[column][code] ?? code.replaceAll("_", " ");
const header = (column) =>
  WORDS.headers[column] ?? column.replace(/_usd$/, "").replaceAll("_", " ");

function cell(value, column) {
  if (value === null || value === undefined) return NO_VALUE;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return column in WORDS.values ? inWords(value, column) : value;
  if (column.endsWith("_year") || column === "year") return String(value);
  if (column.includes("share") || WORDS.fractions.includes(column)) {
    return `${grouped(100 * value, 1, true)}%`;
  }
  if (column === "hhi") return grouped(value, 0);
  return column.endsWith("_usd") ? dollars(value) : decimal(value);
}

// The rule of formats.sentence; nothing where the row lacks a value outside [[ ]].
function sentence(template, row) {
  const lacks = (part) => [...part.matchAll(/\{(\w+)\}/g)].some(([, column]) => row[column] === null);
  const kept = template.replace(/\[\[(.*?)\]\]/g, (_, part) => (lacks(part) ? "" : part));
  if (lacks(kept)) return "";
  return kept.replace(/\{(\w+)\}/g, (text, column) => {
    if (!(column in row)) return text;
    return DATE.test(row[column]) ? day(row[column]) : cell(row[column], column);
  });
}

// What is said of a row by its mark's tooltip, and by a screen reader.
function tip(row, columns) {
  const told = columns.filter((column) => row[column] !== null && !LINKS.has(column));
  return told.map((column) => `${header(column)}: ${cell(row[column], column)}`).join(" · ");
}
