// What a reader takes along: rows as CSV, a chart as SVG or PNG with its source, a link, an embed.

const SOURCE = `Source: GenAI Ledger, version ${WORDS.version}`;
const PAPER = () => getComputedStyle(document.documentElement).getPropertyValue("--paper");

function save(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// A text that a spreadsheet would run is made inert.
const inert = (value) =>
  typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;

function csvText(rows) {
  const quoted = (value) => {
    const text = String(inert(value) ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => quoted(row[column])).join(","));
  return `${[columns.join(","), ...lines].join("\r\n")}\r\n`;
}

function lines(text, width) {
  const found = [""];
  for (const word of text.split(" ")) {
    if ((found.at(-1) + word).length * 7.6 > width) found.push("");
    found[found.length - 1] += `${word} `;
  }
  return found;
}

// The chart with its finding above and its source below, in the colours of this moment.
function picture(figure) {
  const svg = new DOMParser().parseFromString(drawn.get(figure.id), "image/svg+xml").documentElement;
  const [width, height] = ["width", "height"].map((side) => Number(svg.getAttribute(side)));
  const style = getComputedStyle(document.documentElement);
  const title = lines(figure.querySelector("h3").textContent, width);
  const texts = [...title.map((text, n) => [text, 20 + 20 * n, 16, 600])];
  const top = 20 * title.length + 14;
  texts.push([SOURCE, top + height + 16, 12, 400]);
  const whole = top + height + 28;
  const written = texts.map(([text, y, size, weight]) => {
    const escaped = new XMLSerializer().serializeToString(document.createTextNode(text));
    return `<text x="6" y="${y}" font-size="${size}" font-weight="${weight}" fill="currentColor" font-family="system-ui, sans-serif">${escaped}</text>`;
  });
  svg.setAttribute("y", top);
  const ink = style.getPropertyValue("--ink").trim();
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" color="${ink}"><rect width="100%" height="100%" fill="${PAPER()}"/>${written.join("")}${new XMLSerializer().serializeToString(svg)}</svg>`;
  const text = drawing.replace(/var\((--[a-z]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  return { text, width, height: whole };
}

function savePng(figure) {
  const { text, width, height } = picture(figure);
  const image = new Image();
  image.onload = () => {
    const canvas = element("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    canvas.toBlob((blob) => save(`${figure.id}.png`, blob));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}

async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    window.prompt("Copy:", text);
  }
  setTimeout(() => (button.textContent = before), 2000);
}

const pageAt = (hash) => location.href.split("#")[0] + hash;

function addTools(id, figure, chart) {
  const takes = {
    CSV: () => {
      const rows = figure.querySelector("details").open ? tables.get(id).rows : tableRows(chart, figure);
      save(`${id}.csv`, new Blob([csvText(rows)], { type: "text/csv" }));
    },
    SVG: () => save(`${id}.svg`, new Blob([picture(figure).text], { type: "image/svg+xml" })),
    PNG: () => savePng(figure),
    Link: (button) => copy(pageAt(addressOf({ view: id, embed: "" })), button),
    Embed: (button) =>
      copy(`<iframe src="${pageAt(addressOf({ view: "", embed: id }))}" width="100%" height="560" title="GenAI Ledger"></iframe>`, button),
  };
  const buttons = Object.entries(takes).map(([name, take]) => {
    const button = element("button", { type: "button", "data-take": name }, name);
    button.addEventListener("click", () => take(button));
    return button;
  });
  figure.querySelector(".tools").append(...buttons);
}
