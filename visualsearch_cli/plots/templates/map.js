"use strict";
// Draws a map on a canvas: of the whole window, or of a place in a page. `open` is called with a picture that
// is chosen. Returns what ends it.
function showMap(canvas, told, data, open) {
  const context = canvas.getContext("2d");
  const sheets = data.sheets.map((address) => {
    const image = new Image();
    image.onload = () => draw();
    image.src = address;
    return image;
  });
  const joined = new Set(data.near.flat());
  const around = new ResizeObserver(whole);
  let scale = 1, left = 0, top_ = 0, wanted = false, marked = null;

  function whole() {
    // Beside the panel, where there is room for it.
    const { clientWidth: width, clientHeight: height } = canvas;
    const beside = width > 900 && canvas.dataset.beside ? 400 : 0;
    scale = Math.min(width - beside, height) * 0.86;
    left = beside + (width - beside - scale) / 2;
    top_ = (height - scale) / 2;
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

  function at(picture) {
    return [left + picture.x * scale, top_ + picture.y * scale];
  }

  function paint() {
    wanted = false;
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    context.scale(ratio, ratio);
    const size = side();
    data.pictures.forEach((picture, number) => {
      const [x, y] = at(picture);
      if (x < -size || y < -size || x > width + size || y > height + size) return;
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
    const color = getComputedStyle(canvas);
    for (const [style, wide] of [["#ffffff", 5], [color.getPropertyValue("--near"), 3]]) {
      context.strokeStyle = style;
      context.lineWidth = wide;
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
    if (marked) {
      const [x, y] = at(marked);
      context.strokeStyle = color.color;
      context.lineWidth = 4;
      context.strokeRect(x - size / 2 - 3, y - size / 2 - 3, size + 6, size + 6);
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
    zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
  }, { passive: false });

  const pointers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    moved = 0;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      const found = name === "pointerup" && moved < 5 && under(event);
      if (found && open) open(found);
    });
  }
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return tell(under(event));
    const others = [...pointers.values()].filter((other) => other.pointerId !== event.pointerId);
    const x = event.clientX - before.clientX, y = event.clientY - before.clientY;
    moved += Math.hypot(x, y);
    if (others.length) {
      const far = (one) => Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY);
      zoom(far(event) / Math.max(1, far(before)), others[0].offsetX, others[0].offsetY);
    } else {
      left += x;
      top_ += y;
      draw();
    }
    pointers.set(event.pointerId, event);
  });

  function under(event) {
    const half = side() / 2;
    return data.pictures.findLast((picture) => {
      const [x, y] = at(picture);
      return Math.abs(x - event.offsetX) < half && Math.abs(y - event.offsetY) < half;
    });
  }

  function tell(found) {
    told.textContent = !found ? "" : [found.name, found.size, found.label, found.files > 1 ? found.files + " files" : ""]
      .filter(Boolean).join(" · ");
  }

  // Who moves by keys is told of the picture in the middle, and opens that.
  function mark() {
    const far = (picture) => {
      const [x, y] = at(picture);
      return Math.hypot(x - canvas.clientWidth / 2, y - canvas.clientHeight / 2);
    };
    marked = data.pictures.reduce((best, picture) => (far(picture) < far(best) ? picture : best));
    tell(marked);
    draw();
  }

  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) {
      left += step[0];
      top_ += step[1];
    } else if (event.key === "+" || event.key === "=") zoom(1.3, ...middle);
    else if (event.key === "-") zoom(1 / 1.3, ...middle);
    else if (event.key === "0") whole();
    else if (event.key === "Enter" && marked && open) return open(marked);
    else return;
    event.preventDefault();
    mark();
  });
  canvas.addEventListener("blur", () => {
    marked = null;
    draw();
  });
  around.observe(canvas);
  return () => around.disconnect();
}

if (document.getElementById("data")) {
  const data = JSON.parse(document.getElementById("data").textContent);
  showMap(document.getElementById("map"), document.getElementById("told"), data);
}
