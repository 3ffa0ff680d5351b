"use strict";
// Sorts the class by a column and filters it by words. All that it shows is in the page already.
const body = document.querySelector("#everyone tbody"), rows = [...body.rows];
const filter = document.querySelector("#filter"), kind = document.querySelector("#kind"), found = document.querySelector("#found");
const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
const compare = (a, b) => (a === "" || b === "" || isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
for (const button of document.querySelectorAll("#everyone th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), column = head.cellIndex;
    const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    body.append(...rows.sort((a, b) => sign * compare(value(a, column), value(b, column))));
  });
}
function choose() {
  const words = filter.value.toLowerCase().split(/\s+/);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !(words.every((word) => text.includes(word)) && row.dataset.kinds.split(" ").includes(kind.value));
  }
  found.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
}
filter.addEventListener("input", choose);
kind.addEventListener("change", choose);
choose();
