/* The picture of the timeline. All rows stand on one canvas; only what is in view is drawn, and only when something
   changed: 60 rows and 5,000 bars must follow a finger. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const film = dramatis.film;
    const tl = dramatis.tl;
    const { RULER, SHOTS, HEAD, ROW, BAR, STRIP, duration, span, xOf, rowTop } = tl;

    // Seconds between two marks of the ruler.
    const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

    // How much of its colour a doubtful bar keeps within its outline, and one without room for an outline: the latter
    // stays at 3:1 on its ground.
    const PALE = 0.22;
    const PALE_SLIVER = 0.64;
    // How tall a bar is where the face is hard to see: a shape, so that it goes with every colour, hatched and pale.
    const THIN_BAR = 6;
    // Pixels: bars no longer are not parted and have no outline; parts no longer are not told apart.
    const ROOMY = 8;
    const COARSE_PX = 1.5;

    Object.assign(tl, { paint, draw, drawStrip });

    let colours = null;
    let hatch = null;

    // Takes up the colours of the theme.
    function paint() {
        colours = film.colours();
        const tile = document.createElement("canvas");
        tile.width = tile.height = 6;
        const ink = tile.getContext("2d");
        ink.strokeStyle = colours.unknown;
        ink.lineWidth = 2;
        ink.beginPath();
        for (const x of [-6, 0, 6]) {
            ink.moveTo(x - 1, 7);
            ink.lineTo(x + 7, -1);
        }
        ink.stroke();
        hatch = tl.pen.createPattern(tile, "repeat");
    }

    function draw() {
        tl.pen.clearRect(0, 0, tl.width, tl.height);
        tl.pen.textBaseline = "middle";
        drawRows();
        drawShots();
        drawRuler();
        drawLabels();
        drawSelection();
        drawStrip();
    }

    function rowsInView() {
        const first = Math.max(0, Math.floor(tl.scroll.scrollTop / ROW));
        const last = Math.min(film.shown.length, Math.ceil((tl.scroll.scrollTop + tl.height - HEAD) / ROW));
        return [first, last];
    }

    function ruleStep() {
        const wanted = (84 * span()) / Math.max(1, tl.width - tl.label);
        return STEPS.find((step) => step >= wanted) ?? STEPS[STEPS.length - 1];
    }

    function drawRows() {
        const [first, last] = rowsInView();
        tl.pen.fillStyle = colours.line;
        tl.pen.globalAlpha = 0.55;
        const step = ruleStep();
        for (let t = Math.ceil(tl.view.from / step) * step; t <= tl.view.to; t += step) {
            tl.pen.fillRect(Math.round(xOf(t)), HEAD, 1, tl.height - HEAD);
        }
        for (let row = first; row < last; row += 1) {
            tl.pen.fillRect(0, rowTop(row) + ROW - 1, tl.width, 1);
        }
        tl.pen.globalAlpha = 1;
        for (let row = first; row < last; row += 1) {
            const i = film.shown[row];
            if (i === film.selected) {
                tl.pen.fillStyle = colours.accent;
                tl.pen.globalAlpha = 0.09;
                tl.pen.fillRect(0, rowTop(row), tl.width, ROW - 1);
                tl.pen.globalAlpha = 1;
            }
            drawBars(i, rowTop(row) + (ROW - BAR) / 2);
        }
    }

    function drawBars(i, top) {
        const bars = film.counted.bars[i];
        const known = film.data.known[i];
        const chosen = i === film.selected;
        const [doubts, hard] = [film.doubts(i), film.hard(i)];
        // Sure parts of the bars, then the doubtful ones: those with room for rounding and hatching, and slivers.
        const looks = [
            { wide: new Path2D(), thin: new Path2D() },
            { wide: new Path2D(), thin: new Path2D() },
        ];
        for (let k = film.barAfter(bars, tl.view.from); 2 * k < bars.length && bars[2 * k] < tl.view.to; k += 1) {
            addBar(looks, bars[2 * k], bars[2 * k + 1], doubts, hard, top);
        }
        const colour = chosen ? colours.accent : known ? colours.known : colours.unknown;
        looks.forEach(({ wide, thin }, doubtful) => {
            tl.pen.fillStyle = colour;
            tl.pen.globalAlpha = doubtful ? PALE_SLIVER : 1;
            tl.pen.fill(thin);
            // A stranger's bars are hatched, wherever there is room for it.
            tl.pen.fillStyle = known ? colour : hatch;
            tl.pen.globalAlpha = doubtful ? PALE : 1;
            tl.pen.fill(wide);
            tl.pen.globalAlpha = 1;
            if (!known || doubtful) {
                tl.pen.strokeStyle = colour;
                tl.pen.lineWidth = 1;
                tl.pen.stroke(wide);
            }
        });
        for (const mark of [tl.asked, tl.hovered]) {
            if (mark && mark.person === i && mark.bar >= 0) {
                const from = xOf(bars[2 * mark.bar]);
                const wide = Math.max(3, xOf(bars[2 * mark.bar + 1]) - from);
                tl.pen.strokeStyle = colours.text;
                tl.pen.lineWidth = mark === tl.asked ? 2 : 1;
                tl.pen.strokeRect(from - 1, top - 1, wide + 2, BAR + 2);
            }
        }
    }

    // Adds a bar to the paths of `looks`, cut where it turns doubtful or sure, and where its face is hard to see or clear.
    function addBar(looks, start, end, doubts, hard, top) {
        const add = (from, to, doubtful, thinner, first, last) => {
            const left = Math.max(tl.label - 4, xOf(from));
            // A moment shorter than a pixel is still there to be seen.
            const long = Math.max(1.5, Math.min(tl.width + 4, xOf(to)) - left);
            const tall = thinner ? THIN_BAR : BAR;
            const y = top + (BAR - tall) / 2;
            const { wide, thin } = looks[doubtful ? 1 : 0];
            if (long > ROOMY) {
                const [l, r] = [first ? 3 : 0, last ? 3 : 0];
                // Within its outline, where it has one.
                const inset = doubtful ? 0.5 : 0;
                wide.roundRect(left + inset, y + inset, long - 2 * inset, tall - 2 * inset, [l, r, r, l]);
            } else {
                thin.rect(left, y, long, tall);
            }
        };
        const mostly = (parts) => 2 * film.secondsOf(parts, start, end) >= end - start;
        const touched = (parts) => {
            const k = film.barAfter(parts, start);
            return 2 * k < parts.length && parts[2 * k] < end;
        };
        const [doubtful, poor] = [touched(doubts), touched(hard)];
        if (xOf(end) - xOf(start) <= ROOMY) {
            // Too short to be parted: what it mostly is.
            add(start, end, doubtful && mostly(doubts), poor && mostly(hard), true, true);
            return;
        }
        const thinner = poor ? coarse(hard, start, end) : [];
        const cuts = new Set([start, end]);
        for (const parts of [doubtful ? doubts : [], thinner]) {
            for (let n = 2 * film.barAfter(parts, start); n < parts.length && parts[n] < end; n += 1) {
                cuts.add(Math.max(start, parts[n]));
            }
        }
        const at = [...cuts].sort((a, b) => a - b);
        for (let n = 0; n + 1 < at.length; n += 1) {
            const middle = (at[n] + at[n + 1]) / 2;
            const has = (parts) => film.barAt(parts, middle) >= 0;
            add(at[n], at[n + 1], doubtful && has(doubts), has(thinner), n === 0, n + 2 === at.length);
        }
    }

    // The parts from start to end, those nearer to each other than can be seen joined, those too short to be seen left out.
    function coarse(parts, start, end) {
        const least = (COARSE_PX * span()) / Math.max(1, tl.width - tl.label);
        const joined = [];
        for (let n = 2 * film.barAfter(parts, start); n < parts.length && parts[n] < end; n += 2) {
            const [from, to] = [Math.max(start, parts[n]), Math.min(end, parts[n + 1])];
            if (joined.length && from - joined[joined.length - 1] < least) {
                joined[joined.length - 1] = to;
            } else {
                joined.push(from, to);
            }
        }
        const seen = (n) => joined[n + 1] - joined[n] >= least;
        return joined.filter((_, n) => seen(n - (n % 2)));
    }

    function drawShots() {
        tl.pen.fillStyle = colours.raised;
        tl.pen.fillRect(0, 0, tl.width, HEAD);
        const shots = film.data.shots;
        let k = 0;
        for (let step = shots.length; step > 0; step >>= 1) {
            while (k + step < shots.length && shots[k + step] < tl.view.from) {
                k += step;
            }
        }
        tl.pen.fillStyle = colours.soft;
        tl.pen.globalAlpha = (shots.length * span()) / duration() > tl.width / 4 ? 0.35 : 0.7;
        let painted = -2;
        for (; k < shots.length && shots[k] <= tl.view.to; k += 1) {
            const x = Math.round(xOf(shots[k]));
            if (x >= tl.label && x - painted >= 2) {
                tl.pen.fillRect(x, RULER + 1, 1, SHOTS - 3);
                painted = x;
            }
        }
        tl.pen.globalAlpha = 1;
    }

    function drawRuler() {
        const step = ruleStep();
        tl.pen.font = "11px system-ui, sans-serif";
        tl.pen.textAlign = "left";
        for (let n = Math.floor(tl.view.from / step); n * step <= tl.view.to; n += 1) {
            const x = Math.round(xOf(n * step));
            tl.pen.fillStyle = colours.line;
            tl.pen.fillRect(x, RULER - 9, 1, 9);
            for (let part = 1; part < 5; part += 1) {
                tl.pen.fillRect(Math.round(xOf((n + part / 5) * step)), RULER - 4, 1, 4);
            }
            const words = film.clock(n * step, step < 1 ? 1 : 0);
            if (x + tl.pen.measureText(words).width + 6 < tl.width) {
                tl.pen.fillStyle = colours.soft;
                tl.pen.fillText(words, x + 4, 10);
            }
        }
        tl.pen.fillStyle = colours.line;
        tl.pen.fillRect(0, HEAD - 1, tl.width, 1);
    }

    function short(name, room, font) {
        const key = `${font}|${room}|${name}`;
        if (!tl.shortened.has(key)) {
            let words = name;
            for (let n = name.length; tl.pen.measureText(words).width > room && n > 1; ) {
                n -= 1;
                words = `${name.slice(0, n).trimEnd()}…`;
            }
            tl.shortened.set(key, words);
        }
        return tl.shortened.get(key);
    }

    function drawLabels() {
        tl.pen.fillStyle = colours.raised;
        tl.pen.fillRect(0, 0, tl.label, tl.height);
        const [first, last] = rowsInView();
        const withSeconds = tl.label > 120;
        const live = new Set(film.present(tl.now));
        tl.pen.save();
        tl.pen.beginPath();
        tl.pen.rect(0, HEAD, tl.label, tl.height - HEAD);
        tl.pen.clip();
        for (let row = first; row < last; row += 1) {
            const i = film.shown[row];
            const middle = rowTop(row) + ROW / 2;
            if (i === film.selected) {
                tl.pen.fillStyle = colours.accent;
                tl.pen.globalAlpha = 0.09;
                tl.pen.fillRect(0, rowTop(row), tl.label, ROW - 1);
                tl.pen.globalAlpha = 1;
                tl.pen.fillRect(0, rowTop(row), 3, ROW - 1);
            }
            tl.pen.beginPath();
            tl.pen.arc(14, middle, 3.5, 0, 2 * Math.PI);
            if (film.data.known[i]) {
                tl.pen.fillStyle = colours.known;
                tl.pen.fill();
            } else {
                tl.pen.strokeStyle = colours.unknown;
                tl.pen.lineWidth = 1.5;
                tl.pen.stroke();
            }
            const font = `${live.has(i) || i === film.selected ? 650 : 400} 12.5px system-ui, sans-serif`;
            tl.pen.font = font;
            tl.pen.fillStyle = colours.text;
            tl.pen.textAlign = "left";
            tl.pen.fillText(short(film.name(i), tl.label - (withSeconds ? 82 : 28), font), 24, middle + 0.5);
            if (withSeconds) {
                tl.pen.font = "11px system-ui, sans-serif";
                tl.pen.fillStyle = colours.soft;
                tl.pen.textAlign = "right";
                tl.pen.fillText(film.clock(film.counted.seconds[i]), tl.label - 10, middle + 0.5);
            }
        }
        tl.pen.restore();
        tl.pen.fillStyle = colours.raised;
        tl.pen.fillRect(0, 0, tl.label, HEAD - 1);
        tl.pen.font = "11px system-ui, sans-serif";
        tl.pen.textAlign = "left";
        tl.pen.fillStyle = colours.soft;
        const [n, all] = [film.shown.length, film.data.ids.length];
        tl.pen.fillText(withSeconds && n < all ? `${n} of ${all} people` : film.people(n), 12, HEAD / 2);
        tl.pen.fillStyle = colours.line;
        tl.pen.fillRect(tl.label - 1, 0, 1, tl.height);
        tl.pen.fillRect(0, HEAD - 1, tl.label, 1);
    }

    function drawSelection() {
        if (tl.drag && tl.drag.kind === "stretch") {
            const [from, to] = [tl.drag.x, tl.drag.startX].sort((a, b) => a - b);
            tl.pen.fillStyle = colours.accent;
            tl.pen.globalAlpha = 0.16;
            tl.pen.fillRect(Math.max(tl.label, from), HEAD, to - Math.max(tl.label, from), tl.height - HEAD);
            tl.pen.globalAlpha = 1;
            tl.pen.fillRect(Math.max(tl.label, from), HEAD, 1, tl.height);
            tl.pen.fillRect(to, HEAD, 1, tl.height);
        }
    }

    const stripX = (t) => tl.label + (t / duration()) * (tl.width - tl.label);

    // The whole film below: where the selected person is, and which part of it is in view.
    function drawStrip() {
        const ink = tl.strip.getContext("2d");
        ink.clearRect(0, 0, tl.width, STRIP);
        ink.fillStyle = colours.soft;
        ink.font = "11px system-ui, sans-serif";
        ink.textBaseline = "middle";
        ink.fillText(tl.label > 120 ? "Whole film" : "Film", 12, STRIP / 2);
        ink.fillStyle = colours.line;
        ink.globalAlpha = 0.5;
        ink.fillRect(tl.label, 7, tl.width - tl.label, STRIP - 14);
        ink.globalAlpha = 1;
        if (film.selected >= 0) {
            const bars = film.counted.bars[film.selected];
            ink.fillStyle = film.data.known[film.selected] ? colours.known : colours.unknown;
            for (let k = 0; k < bars.length; k += 2) {
                ink.fillRect(stripX(bars[k]), 10, Math.max(1, stripX(bars[k + 1]) - stripX(bars[k])), STRIP - 20);
            }
        }
        ink.strokeStyle = colours.accent;
        ink.lineWidth = 1.5;
        ink.beginPath();
        const [from, to] = [stripX(tl.view.from), stripX(tl.view.to)];
        ink.roundRect(from + 1, 4, Math.max(6, to - from - 2), STRIP - 8, 4);
        ink.stroke();
        ink.fillStyle = colours.accent;
        ink.fillRect(stripX(tl.now), 4, 1.5, STRIP - 8);
    }
})();
