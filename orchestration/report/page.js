// Draws the report's charts and moves those that have a slider. Needs window.vegaEmbed.

// The rule of formats.dollars: three figures, rounded before the unit is chosen.
function dollars(amount) {
  if (amount === null || amount === undefined) return "-";
  const sign = amount < 0 ? "-" : "";
  const rounded = Math.abs(Number(amount.toPrecision(3)));
  const units = [[1e12, "Tn"], [1e9, "Bn"], [1e6, "MM"], [1e3, "K"]];
  const [size, unit] = units.find(([size]) => rounded >= size) ?? [];
  const figure = size ? (rounded / size).toPrecision(3) : Math.round(Math.abs(amount));
  return `${sign}$${figure}${unit ?? ""}`;
}

function inWords(iso) {
  const form = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Date(iso).toLocaleDateString("en-GB", form);
}

function followSlider(figure, view) {
  const slider = figure.querySelector("input[type=range]");
  if (!slider) return;
  const dates = JSON.parse(slider.dataset.dates);
  slider.addEventListener("input", () => {
    const date = dates[slider.valueAsNumber];
    figure.querySelector("output").value = inWords(date);
    slider.setAttribute("aria-valuetext", inWords(date));
    view.signal("chosen", date).runAsync();
  });
}

for (const figure of document.querySelectorAll("figure")) {
  const place = figure.querySelector(".chart");
  const spec = JSON.parse(figure.querySelector("script").textContent);
  vegaEmbed(place, spec, {
    actions: false,
    ast: true, // no code is made of texts: the page's policy forbids it
    expressionFunctions: { dollars },
    loader: { target: "_blank", rel: "noopener" },
    renderer: "svg",
  }).then(
    ({ view }) => followSlider(figure, view),
    (error) => {
      place.textContent = `The chart could not be drawn: ${error.message}`;
      console.error(error);
    },
  );
}
