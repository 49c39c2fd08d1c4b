// What the pages do besides, where scripts run. Every page works without it.

// Menus close on Escape and on a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.key === "/" && !event.target.closest("input, select, textarea")) {
    const search = document.getElementById("site-search");
    if (search && search.offsetParent) {
      event.preventDefault();
      search.focus();
    }
  }
});

// Arrow keys walk from the search field through what it suggests; Escape closes the suggestions.
const search = document.querySelector(".site-search");
search?.addEventListener("keydown", (event) => {
  const field = search.querySelector("input");
  const stops = [field, ...search.querySelectorAll(".suggestions a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && stops.length > 1) {
    event.preventDefault();
    const here = stops.indexOf(document.activeElement);
    stops[(here + step + stops.length) % stops.length].focus();
  } else if (event.key === "Escape") {
    search.querySelector(".suggestions").replaceChildren();
    field.focus();
  }
});

// The language changes on the page as its filters are by now.
document.querySelector(".language")?.addEventListener("submit", (event) => {
  event.target.elements.next.value = location.pathname + location.search;
});

// Shelves scroll by almost their width.
for (const arrows of document.querySelectorAll(".shelf-arrows")) {
  const row = arrows.closest(".shelf").querySelector(".shelf-row");
  arrows.hidden = row.scrollWidth <= row.clientWidth;
  arrows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-scroll]");
    if (!button) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row.scrollBy({
      left: Number(button.dataset.scroll) * row.clientWidth * 0.85,
      behavior: calm ? "auto" : "smooth",
    });
  });
}

// Filters start closed on a phone; until here the style sheet hid them, so that nothing moves.
for (const filters of document.querySelectorAll("details.filters")) {
  if (matchMedia("(max-width: 62rem)").matches) filters.open = false;
  filters.classList.add("settled");
}

// After a rating the personal list is fetched anew, as long as "Show more" has made it in the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id === "picks") event.detail.path = location.pathname + location.search;
});

// It stays as it is while stars in it wait for their answer, which would be lost with them, and while the keyboard is
// inside, under which a row would go away: until it leaves.
const isInUse = (picks) => picks.querySelector(".stars input:checked:not(:default), :focus-visible");

for (const moment of ["htmx:beforeRequest", "htmx:beforeSwap"]) {
  document.addEventListener(moment, (event) => {
    const picks = event.detail.requestConfig.elt;
    if (picks.id === "picks" && isInUse(picks)) {
      event.preventDefault();
      picks.classList.add("late");
    }
  });
}

document.addEventListener("focusout", (event) => {
  const picks = event.target.closest(".picks.late");
  if (picks && !picks.contains(event.relatedTarget)) setTimeout(() => htmx.trigger(picks, "left"));
});

// htmx swaps only what succeeded; say so when something did not, and show the stars that are stored.
document.addEventListener("htmx:sendError", (event) => fail(event.target, document.body.dataset.offline));
document.addEventListener("htmx:responseError", (event) => fail(event.target, document.body.dataset.fault));

function fail(sender, text) {
  sender.closest(".rate")?.reset();
  const messages = document.getElementById("messages");
  const message = document.createElement("div");
  const line = document.createElement("p");
  message.className = "message";
  line.textContent = text;
  message.append(line);
  messages.replaceChildren(message);
}
