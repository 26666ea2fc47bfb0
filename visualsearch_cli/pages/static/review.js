// What the pages do beyond forms and links: keys, the next group without a flash, lists of any length, and two
// pictures laid onto each other. Without it, every page works by its forms and links.
"use strict";

const ROW = 84; // pixels of a row of the list, as in the style
const WINDOW = 50; // rows that are asked for at a time
const AROUND = 20; // rows that are there beyond what is seen
const FLICKER = 700; // milliseconds
const PATIENCE = 200; // milliseconds that what is ahead may wait for what is being drawn
const VIEW = 1600; // pixels, of the longer side of the picture that is there first

const $ = (id) => document.getElementById(id);
const base = document.body.dataset.base;
let busy = false;
let ahead = { url: "", page: null }; // the next group, asked for before somebody wants it

// -- from page to page

async function fetched(url, options) {
  const response = await fetch(url, options);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.getElementById("main")) throw new Error(response.statusText);
  return { url: response.url, page };
}

function show({ url, page }, push) {
  if (push) {
    history.replaceState({ scroll: scrollY }, "");
    history.pushState({}, "", url);
  }
  document.title = page.title;
  for (const id of ["top", "main"]) $(id).replaceWith(document.adoptNode(page.getElementById(id)));
  const heading = $("heading") || document.querySelector("h1") || $("main");
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
  scrollTo(0, push ? 0 : history.state?.scroll || 0);
  $("said").textContent = heading.textContent.replace(/\s+/g, " ").trim();
  begin();
}

async function go(url, options, push = true) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const known = !options && ahead.url === url && ahead.page;
    if (options) ahead = { url: "", page: null }; // it says how many groups are decided
    const found = known ? { url, page: ahead.page } : await fetched(url, options);
    show(found, push);
  } catch {
    location.assign(options ? location.href : url); // the browser says what is wrong
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

async function lookAhead() {
  const section = document.querySelector("[data-next]");
  if (!section) return;
  // What is looked at comes first: the pictures of both groups would be made at the same time.
  const here = [...section.querySelectorAll("img:not([loading=lazy])")];
  await Promise.all(here.map((picture) => picture.decode().catch(() => 0)));
  await new Promise((drawn) => requestAnimationFrame(() => requestIdleCallback(drawn, { timeout: PATIENCE })));
  if (!section.isConnected) return;
  const url = section.dataset.next;
  try {
    const { page } = await fetched(new URL(url, location.href).href);
    ahead = { url: new URL(url, location.href).href, page };
    for (const picture of page.querySelectorAll("#main .card img")) new Image().src = picture.src;
  } catch {
    ahead = { url: "", page: null };
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    const url = new URL(link.href);
    if (url.origin !== location.origin || link.hasAttribute("download") || url.hash) return;
    event.preventDefault();
    go(url.href);
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => copy.classList.add("copied"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-plain") || form.closest("footer")) return;
  event.preventDefault();
  const said = new URLSearchParams(new FormData(form));
  if (event.submitter?.name) said.append(event.submitter.name, event.submitter.value);
  if (form.method === "get") go(`${form.action.split("?")[0]}?${said}`);
  else go(form.action, { method: "POST", body: said });
});

// A picture that is refused says why. Errors of pictures are heard on their way down alone.
document.addEventListener("error", ({ target }) => sayWhy(target), true);

async function sayWhy(picture) {
  if (!(picture instanceof HTMLImageElement) || !picture.src.startsWith(location.origin)) return;
  const response = await fetch(picture.src);
  const said = document.createElement("span");
  said.className = "none";
  said.textContent = `${picture.alt} ${response.ok ? "" : await response.text()}`.trim();
  picture.replaceWith(said);
}

addEventListener("popstate", () => go(location.href, undefined, false));

// -- a picture to ask with

function give(file) {
  if (!$("ask") || !file) return false;
  go($("ask").action, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
  return true;
}

document.addEventListener("paste", (event) => give(event.clipboardData.files[0]) && event.preventDefault());
document.addEventListener("dragover", (event) => $("ask") && event.preventDefault());
document.addEventListener("drop", (event) => {
  if ($("ask")) event.preventDefault();
  give(event.dataTransfer.files[0]);
});

// -- keys

function typing(target) {
  return target.closest("input:not([type=checkbox]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !$("keys")?.checked || typing(event.target)) return;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  const key = event.shiftKey && digit ? `shift+${digit}` : event.key;
  if (key === "Enter" && event.target.closest("button, a, summary, input")) return;
  if (key === "?") {
    $("help").open = !$("help").open;
    $("help").scrollIntoView();
    return;
  }
  if (viewer?.key(key, event)) return;
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
  if (!found) return;
  event.preventDefault();
  if (!event.repeat || key === "n" || key === "p") found.click();
});

$("keys").checked = localStorage.getItem("keys") !== "off";
$("keys").addEventListener("change", () => localStorage.setItem("keys", $("keys").checked ? "on" : "off"));

// -- a list of any length: only what is seen is there

let list = null;

class List {
  constructor(element) {
    this.element = element;
    this.total = Number(element.dataset.total);
    this.asked = new Set();
    this.first = Number(element.firstElementChild?.dataset.row || 0);
    element.classList.add("virtual");
    element.style.height = `${this.total * ROW}px`;
    document.querySelector(".pages")?.remove();
    for (const row of element.children) this.place(row);
    if (this.first) scrollTo(0, element.offsetTop + this.first * ROW);
    this.seen = () => {
      if (!this.due) this.due = requestAnimationFrame(() => this.look());
    };
    addEventListener("scroll", this.seen, { passive: true });
    addEventListener("resize", this.seen);
    this.look();
  }

  place(row) {
    row.style.top = `${Number(row.dataset.row) * ROW}px`;
    row.setAttribute("aria-setsize", this.total);
    row.setAttribute("aria-posinset", Number(row.dataset.row) + 1);
  }

  look() {
    this.due = 0;
    const top = scrollY - this.element.offsetTop;
    const from = Math.max(0, Math.floor(top / ROW) - AROUND);
    const to = Math.min(this.total, Math.ceil((top + innerHeight) / ROW) + AROUND);
    const there = new Set();
    for (const row of [...this.element.children]) {
      const at = Number(row.dataset.row);
      if ((at < from - WINDOW || at > to + WINDOW) && !row.contains(document.activeElement)) row.remove();
      else there.add(at);
    }
    for (let start = from - (from % WINDOW); start < to; start += WINDOW) {
      const end = Math.min(start + WINDOW, this.total);
      let whole = true;
      for (let at = Math.max(start, from); at < Math.min(end, to); at++) whole = whole && there.has(at);
      if (!whole && !this.asked.has(start)) this.fetch(start, end - start);
    }
  }

  async fetch(start, count) {
    this.asked.add(start);
    try {
      const query = new URLSearchParams(this.element.dataset.query);
      query.set("from", start);
      query.set("count", count);
      const response = await fetch(`${base}/rows?${query}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const there = new Map([...this.element.children].map((row) => [Number(row.dataset.row), row]));
      for (const row of page.querySelectorAll("li.row")) {
        if (there.has(Number(row.dataset.row))) continue;
        this.place(row);
        const after = [...this.element.children].find((o) => Number(o.dataset.row) > Number(row.dataset.row));
        this.element.insertBefore(document.adoptNode(row), after || null);
      }
    } finally {
      this.asked.delete(start);
    }
    this.seen(); // it was scrolled further meanwhile
  }

  end() {
    removeEventListener("scroll", this.seen);
    removeEventListener("resize", this.seen);
  }
}

// -- two pictures: the same place of both, at the same scale

let viewer = null;

function product(a, b) {
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => a[r][0] * b[0][c] + a[r][1] * b[1][c] + a[r][2] * b[2][c]));
}

class Viewer {
  constructor(section) {
    this.section = section;
    this.panes = [...section.querySelectorAll(".pane")];
    this.views = this.panes.map((pane) => pane.querySelector(".view"));
    this.stages = this.panes.map((pane) => pane.querySelector(".stage"));
    this.pictures = this.stages.map((stage) => stage.querySelector("img"));
    const [a, b] = this.pictures.map((p) => [Number(p.dataset.width) || 1, Number(p.dataset.height) || 1]);
    this.size = a;
    const values = JSON.parse(section.dataset.matrix || "[1,0,0,0,1,0,0,0,1]");
    const rows = [values.slice(0, 3), values.slice(3, 6), values.slice(6, 9)];
    const out = [[a[0], 0, 0], [0, a[1], 0], [0, 0, 1]];
    const into = [[1 / b[0], 0, 0], [0, 1 / b[1], 0], [0, 0, 1]];
    this.laid = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], product(product(out, rows), into)];
    [a, b].forEach(([width, height], i) => {
      Object.assign(this.stages[i].style, { width: `${width}px`, height: `${height}px` });
    });
    this.mode = "side";
    this.marked = true;
    this.pointers = new Map();
    section.querySelector(".modes").hidden = false;
    section.classList.add("live");
    for (const button of section.querySelectorAll("button[data-mode]")) {
      button.addEventListener("click", () => this.change(button.dataset.mode));
    }
    for (const button of section.querySelectorAll("button[data-zoom]")) {
      button.addEventListener("click", () => (button.dataset.zoom === "fit" ? this.fit() : this.one()));
    }
    $("marks").addEventListener("click", () => this.mark(!this.marked));
    for (const view of this.views) this.listen(view);
    this.resized = () => this.fit();
    addEventListener("resize", this.resized);
    this.watch = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && this.cuts(0.5, 0.5));
    this.watch.observe(section.querySelector(".sharpness"));
    this.fit();
  }

  box() {
    return this.views[0].getBoundingClientRect();
  }

  fit() {
    const { width, height } = this.box();
    this.scale = Math.min(width / this.size[0], height / this.size[1]);
    this.x = (this.size[0] - width / this.scale) / 2;
    this.y = (this.size[1] - height / this.scale) / 2;
    this.draw();
  }

  one() {
    const { width, height } = this.box();
    this.zoom(1 / devicePixelRatio / this.scale, width / 2, height / 2);
  }

  zoom(factor, atX, atY) {
    const scale = Math.min(Math.max(this.scale * factor, 0.01), 32);
    this.x += atX / this.scale - atX / scale;
    this.y += atY / this.scale - atY / scale;
    this.scale = scale;
    this.draw();
  }

  pan(x, y) {
    this.x -= x / this.scale;
    this.y -= y / this.scale;
    this.draw();
  }

  draw() {
    const s = this.scale;
    const seen = [[s, 0, -this.x * s], [0, s, -this.y * s], [0, 0, 1]];
    this.stages.forEach((stage, i) => {
      const [[a, b, c], [d, e, f], [g, h, k]] = product(seen, this.laid[i]);
      stage.style.transform = `matrix3d(${[a, d, 0, g, b, e, 0, h, 0, 0, 1, 0, c, f, 0, k].join()})`;
      const own = i ? Math.hypot(this.laid[1][0][0], this.laid[1][1][0]) * s : s;
      stage.querySelector(".boxes").style.strokeWidth = `${2 / own}px`;
      const picture = this.pictures[i];
      picture.classList.toggle("large", own * devicePixelRatio >= 3);
      const longer = Math.max(Number(picture.dataset.width), Number(picture.dataset.height));
      if (picture.dataset.full && longer > VIEW && own * devicePixelRatio * longer > 1.05 * VIEW) this.sharpen(picture);
      if (picture.dataset.full && longer <= VIEW) this.sharpen(picture); // no larger, and without loss
    });
    $("zoom").textContent = `${Math.round(100 * s * devicePixelRatio)} %`;
  }

  sharpen(picture) {
    const url = picture.dataset.full;
    delete picture.dataset.full;
    const full = new Image();
    full.onload = () => (picture.src = url);
    full.src = url;
  }

  change(mode) {
    clearInterval(this.timer);
    this.mode = mode;
    this.section.dataset.mode = mode;
    for (const button of this.section.querySelectorAll("button[data-mode]")) {
      button.setAttribute("aria-pressed", button.dataset.mode === mode);
    }
    // Laid onto each other, both are in one view.
    (mode === "side" ? this.views[1] : this.views[0]).append(this.stages[1]);
    this.stages[1].classList.remove("away");
    if (mode === "flicker" && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.timer = setInterval(() => this.swap(), FLICKER);
    }
    this.fit();
  }

  swap() {
    this.stages[1].classList.toggle("away");
  }

  mark(marked) {
    this.marked = marked;
    $("marks").setAttribute("aria-pressed", marked);
    this.section.classList.toggle("unmarked", !marked);
  }

  key(key, event) {
    const { width, height } = this.box();
    const step = Math.min(width, height) / 8;
    const keys = {
      "+": () => this.zoom(1.25, width / 2, height / 2),
      "=": () => this.zoom(1.25, width / 2, height / 2),
      "-": () => this.zoom(0.8, width / 2, height / 2),
      ArrowLeft: () => this.pan(step, 0),
      ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      " ": () => {
        clearInterval(this.timer);
        this.swap();
      },
    };
    const moves = key.startsWith("Arrow") && !event.target.closest(".view");
    if (!keys[key] || moves || (key === " " && (this.mode !== "flicker" || event.target.closest("button, summary")))) {
      return false;
    }
    event.preventDefault();
    keys[key]();
    return true;
  }

  listen(view) {
    view.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== view && event.deltaMode === 0 && !event.shiftKey) {
        if (!view.matches(":focus, :focus-within")) return; // the page scrolls, until somebody is at the picture
      }
      event.preventDefault();
      const box = view.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    view.addEventListener("pointerdown", (event) => {
      view.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      this.moved = 0;
    });
    view.addEventListener("pointermove", (event) => {
      const before = this.pointers.get(event.pointerId);
      if (!before) return;
      const now = [event.clientX, event.clientY];
      const others = [...this.pointers.entries()].filter(([id]) => id !== event.pointerId);
      if (others.length) {
        const [, other] = others[0];
        const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
        const box = view.getBoundingClientRect();
        this.zoom(apart(now) / apart(before), (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top);
      } else this.pan(now[0] - before[0], now[1] - before[1]);
      this.moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
      this.pointers.set(event.pointerId, now);
    });
    const up = (event) => {
      if (!this.pointers.delete(event.pointerId) || event.type !== "pointerup" || this.moved > 4) return;
      const box = view.getBoundingClientRect();
      const x = this.x + (event.clientX - box.left) / this.scale;
      const y = this.y + (event.clientY - box.top) / this.scale;
      this.cuts(x / this.size[0], y / this.size[1]);
    };
    view.addEventListener("pointerup", up);
    view.addEventListener("pointercancel", up);
    view.addEventListener("dblclick", () => (this.scale * devicePixelRatio > 0.99 ? this.fit() : this.one()));
  }

  async cuts(x, y) {
    this.watch.disconnect();
    const place = `x=${Math.min(Math.max(x, 0), 1).toFixed(5)}&y=${Math.min(Math.max(y, 0), 1).toFixed(5)}`;
    const response = await fetch(`${$("cuts").dataset.href}?${place}`);
    if (!response.ok || viewer !== this) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    $("cuts").replaceChildren(...page.body.children);
  }

  end() {
    clearInterval(this.timer);
    this.watch.disconnect();
    removeEventListener("resize", this.resized);
  }
}

// -- the map, which the script behind this one draws

let endMap = null;

async function drawMap(canvas) {
  const response = await fetch(canvas.dataset.href);
  if (!response.ok || !canvas.isConnected) return;
  endMap = showMap(canvas, $("told"), await response.json(), (picture) => go(picture.like));
}

// -- what is being done

async function follow() {
  const section = $("job");
  if (!section || section.dataset.over === "yes") return;
  try {
    const known = await (await fetch(`${base}/job`)).json();
    if (known.over) return go(`${location.origin}${base}/apply`, undefined, false);
    const bar = section.querySelector("progress");
    bar.max = known.total || 1;
    bar.value = known.done;
  } catch {
    return;
  }
  setTimeout(follow, 300);
}

// -- at the beginning of each page

function begin() {
  list?.end();
  viewer?.end();
  endMap?.();
  list = viewer = endMap = null;
  if ($("map")) drawMap($("map"));
  if ($("rows")) list = new List($("rows"));
  if ($("compare")) viewer = new Viewer($("compare"));
  if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  for (const picture of document.images) if (picture.complete && !picture.naturalWidth) sayWhy(picture);
  follow();
  lookAhead();
}

begin();
document.documentElement.dataset.ready = "yes";
