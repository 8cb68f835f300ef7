// Draws the report's charts and moves those that have a slider. Needs window.vegaEmbed.

function dollars(amount) {
  if (amount === null || amount === undefined) return "-";
  const size = Math.abs(amount);
  const shorten = (unit, name) => `$${+(amount / unit).toFixed(size < 10 * unit ? 2 : 1)}${name}`;
  if (size >= 1e9) return shorten(1e9, "Bn");
  if (size >= 1e6) return shorten(1e6, "MM");
  return `$${amount.toLocaleString("en", { maximumFractionDigits: 2 })}`;
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
