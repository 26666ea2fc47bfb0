"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const canvas = document.getElementById("map");
const told = document.getElementById("told");
const context = canvas.getContext("2d");
const sheets = data.sheets.map((address) => {
  const image = new Image();
  image.onload = () => draw();
  image.src = address;
  return image;
});
const joined = new Set(data.near.flat());
let scale = 1, left = 0, top_ = 0, wanted = false;

function whole() {
  // Beside the panel, where there is room for it.
  const beside = innerWidth > 900 ? 400 : 0;
  scale = Math.min(innerWidth - beside, innerHeight) * 0.86;
  left = beside + (innerWidth - beside - scale) / 2;
  top_ = (innerHeight - scale) / 2;
  draw();
}

function draw() {
  if (!wanted) {
    wanted = true;
    requestAnimationFrame(paint);
  }
}

function side() {
  // Thumbnails grow as the map is zoomed, more slowly than the map: what lies close comes apart.
  return Math.min(160, Math.max(10, 1.2 * Math.sqrt(scale) * Math.sqrt(scale / (40 * Math.sqrt(data.pictures.length)))));
}

function paint() {
  wanted = false;
  const ratio = devicePixelRatio || 1;
  canvas.width = innerWidth * ratio;
  canvas.height = innerHeight * ratio;
  context.scale(ratio, ratio);
  const at = (picture) => [left + picture.x * scale, top_ + picture.y * scale];
  const size = side();
  data.pictures.forEach((picture, number) => {
    const [x, y] = at(picture);
    if (x < -size || y < -size || x > innerWidth + size || y > innerHeight + size) return;
    const inner = size * 0.9;
    context.fillStyle = picture.color;
    context.fillRect(x - size / 2, y - size / 2, size, size);
    const place = number % (data.columns * data.columns);
    const sheet = sheets[Math.floor(number / (data.columns * data.columns))];
    if (sheet && sheet.complete && sheet.naturalWidth) {
      const column = place % data.columns, row = Math.floor(place / data.columns);
      context.drawImage(sheet, column * data.side, row * data.side, data.side, data.side,
        x - inner / 2, y - inner / 2, inner, inner);
    }
  });
  // Above the pictures: what is joined may lie closer together than they are wide.
  const near = getComputedStyle(document.documentElement).getPropertyValue("--near");
  for (const [style, width] of [["#ffffff", 5], [near, 3]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    for (const [a, b] of data.near) {
      context.moveTo(...at(data.pictures[a]));
      context.lineTo(...at(data.pictures[b]));
    }
    context.stroke();
    for (const number of joined) {
      const [x, y] = at(data.pictures[number]);
      context.strokeRect(x - size / 2, y - size / 2, size, size);
    }
  }
}

function zoom(factor, x, y) {
  const next = Math.min(200000, Math.max(100, scale * factor));
  left = x - (x - left) * (next / scale);
  top_ = y - (y - top_) * (next / scale);
  scale = next;
  draw();
}

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
}, { passive: false });

const pointers = new Map();
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
});
for (const name of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
}
canvas.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return tell(event);
  const others = [...pointers.values()].filter((other) => other.pointerId !== event.pointerId);
  if (others.length) {
    const far = (one) => Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY);
    zoom(far(event) / Math.max(1, far(before)), others[0].clientX, others[0].clientY);
  } else {
    left += event.clientX - before.clientX;
    top_ += event.clientY - before.clientY;
    draw();
  }
  pointers.set(event.pointerId, event);
});

function tell(event) {
  const half = side() / 2;
  const found = data.pictures.findLast((picture) =>
    Math.abs(left + picture.x * scale - event.clientX) < half && Math.abs(top_ + picture.y * scale - event.clientY) < half);
  told.textContent = !found ? "" : [found.name, found.size, found.label, found.files > 1 ? found.files + " files" : ""]
    .filter(Boolean).join(" · ");
}

canvas.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (step) {
    left += step[0];
    top_ += step[1];
    draw();
  } else if (event.key === "+" || event.key === "=") zoom(1.3, innerWidth / 2, innerHeight / 2);
  else if (event.key === "-") zoom(1 / 1.3, innerWidth / 2, innerHeight / 2);
  else if (event.key === "0") whole();
  else return;
  event.preventDefault();
});
addEventListener("resize", whole);
whole();
