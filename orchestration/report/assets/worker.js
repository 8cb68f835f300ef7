// Draws charts beside the page, not in it: what a chart costs never holds up the reader.
// Gets {id, spec, rows, columns, width, month}, gives {id, svg} or {id, error}; `columns` are those of
// which a mark tells. Needs vega, its interpreter and printing.js.

vega.expressionFunction("dollars", dollars);
vega.logger(vega.Error);

// A row with its dates as Vega counts them, and what its mark says.
function prepared(row, columns) {
  const made = { ...row, tip: tip(row, columns) };
  for (const [column, value] of Object.entries(row)) {
    if (DATE.test(value)) made[column] = Date.parse(value);
    if (LINKS.has(column) && !isAddress(value)) made[column] = null;
  }
  return made;
}

async function draw({ spec, rows, columns, width, month }) {
  // Expressions are interpreted, not compiled: the page's policy forbids code made of texts.
  const runtime = vega.parse({ ...spec, width }, null, { ast: true });
  const loader = vega.loader({ target: "_blank", rel: "noopener" });
  const view = new vega.View(runtime, { expr: expressionInterpreter, renderer: "none", loader });
  view.logLevel(vega.Error).signal("month", Date.parse(month));
  view.data("rows", rows.map((row) => prepared(row, columns)));
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

onmessage = async ({ data }) => {
  try {
    postMessage({ id: data.id, svg: await draw(data) });
  } catch (error) {
    postMessage({ id: data.id, error: error.message });
  }
};
