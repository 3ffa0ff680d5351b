// The explorer without a kernel: the strips have a column for each strength and a row for each draw.
const form = document.getElementById("explorer");
const [before, after] = document.querySelectorAll("#explorer-pictures figure");
const DRAWS = 3, LEVELS = 6;
let draw = 0;

function fill(select, names) {
  select.replaceChildren(...names.map((name) => new Option(name)));
}

function put(figure, file, columns, rows, column, row, alt, caption) {
  const picture = figure.querySelector("[role=img]");
  picture.style.backgroundImage = `url("_static/explorer/${file}.webp")`;
  picture.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
  picture.style.backgroundPosition =
    `${(100 * column) / Math.max(1, columns - 1)}% ${(100 * row) / Math.max(1, rows - 1)}%`;
  picture.setAttribute("aria-label", alt);
  figure.querySelector("figcaption").textContent = caption;
}

function show() {
  const breed = form.elements.breed.value, operation = form.elements.operation.value;
  const level = Number(form.elements.strength.value) - 1;
  const strip = `${breed}-${operation}`, label = EXPLORER.labels[strip][draw][level];
  put(before, breed, 1, 1, 0, 0, `A ${breed} as it is.`, breed);
  put(after, strip, LEVELS, DRAWS, level, draw,
      `The ${breed} after ${operation}, strength ${level + 1} of ${LEVELS}. The label: ${label}.`, label);
  document.getElementById("explorer-code").textContent = EXPLORER.codes[operation][level];
}

fill(form.elements.breed, EXPLORER.breeds);
fill(form.elements.operation, Object.keys(EXPLORER.codes));
form.elements.operation.value = "cutmix";
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.again.addEventListener("click", () => { draw = (draw + 1) % DRAWS; show(); });
show();
