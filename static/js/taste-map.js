// On the map of somebody's taste: the movies nearest to the pointer, or to the movie that the arrow keys reach.

const NEAREST = 6;

function whatLiesNear(parts) {
  const map = parts.querySelector("svg");
  const near = parts.querySelector(".map-near");
  const before = [...near.childNodes];
  const dots = [...map.querySelectorAll(".map-dot")].map((element) => ({
    element,
    x: Number(element.getAttribute("cx")),
    y: Number(element.getAttribute("cy")),
    name: element.querySelector("title").textContent.split("\n")[0],
    href: element.dataset.href,
    stars: element.dataset.stars,
  }));
  const byPlace = (place) =>
    dots
      .map((dot) => [Math.hypot(dot.x - place.x, dot.y - place.y), dot])
      .sort((one, other) => one[0] - other[0])
      .map(([, dot]) => dot);
  let chosen = null; // the movie that the keys have reached
  let held = false; // the list stays while the pointer goes to it

  function mark(dot, others) {
    for (const one of dots) {
      one.element.classList.toggle("chosen", one === dot);
      one.element.classList.toggle("near", others.includes(one));
    }
  }

  function line(dot) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = dot.href;
    link.textContent = dot.name;
    item.append(link);
    return item;
  }

  function tell(heading, dots, stars) {
    const title = document.createElement("h3");
    const list = document.createElement("ol");
    title.append(heading);
    list.append(...dots.map(line));
    near.replaceChildren(title);
    if (stars) {
      const given = document.createElement("p");
      given.textContent = `${parts.dataset.gave} ${stars}`;
      near.append(given);
    }
    near.append(list);
  }

  function showMovie(dot) {
    chosen = dot;
    const others = byPlace(dot)
      .filter((other) => other !== dot)
      .slice(0, NEAREST);
    mark(dot, others);
    const name = document.createElement("a");
    name.href = dot.href;
    name.textContent = dot.name;
    tell(name, others, dot.stars);
  }

  function showPlace(event) {
    const box = map.getBoundingClientRect();
    const view = map.viewBox.baseVal;
    const place = {
      x: ((event.clientX - box.left) / box.width) * view.width,
      y: ((event.clientY - box.top) / box.height) * view.height,
    };
    const [first, ...others] = byPlace(place).slice(0, NEAREST + 1);
    if (Math.hypot(first.x - place.x, first.y - place.y) < 1.5) {
      showMovie(first);
    } else {
      chosen = first;
      mark(null, [first, ...others]);
      tell(parts.dataset.here, [first, ...others]);
    }
  }

  function letGo() {
    chosen = null;
    held = false;
    mark(null, []);
    near.replaceChildren(...before);
  }

  // The nearest movie within 45 degrees of the direction of the arrow key.
  function step(key) {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    const ahead = byPlace(chosen).filter((dot) => {
      const along = (dot.x - chosen.x) * dx + (dot.y - chosen.y) * dy;
      const across = Math.abs((dot.x - chosen.x) * dy) + Math.abs((dot.y - chosen.y) * dx);
      return along > 0 && across <= along;
    });
    if (ahead.length) showMovie(ahead[0]);
  }

  map.addEventListener("pointermove", (event) => {
    if (!held && event.pointerType === "mouse") showPlace(event);
  });
  map.addEventListener("pointerleave", (event) => {
    if (!held && event.pointerType === "mouse") letGo();
  });
  map.addEventListener("click", (event) => {
    held = true;
    showPlace(event);
  });
  map.addEventListener("focus", () => {
    const rated = dots.filter((dot) => dot.stars);
    if (!chosen && map.matches(":focus-visible")) showMovie(rated[rated.length - 1] || dots[0]);
  });
  map.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      if (chosen) step(event.key);
      else showMovie(dots[0]);
    } else if (event.key === "Enter" && chosen) {
      held = true;
      near.querySelector("a").focus();
    } else if (event.key === "Escape") {
      letGo();
    }
  });
  near.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held) {
      held = false;
      map.focus();
    }
  });

  map.setAttribute("tabindex", "0");
  map.setAttribute("role", "application");
  parts.classList.add("map-ready");
}

for (const parts of document.querySelectorAll("[data-taste-map]")) whatLiesNear(parts);
