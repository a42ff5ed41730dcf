/* Mouse and fingers on the timeline: seek, ask, scrub, zoom and pan. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const film = dramatis.film;
    const tl = dramatis.tl;
    const { HEAD, ROW, duration, span, clamp, xOf, tOf, redraw, look, zoom, ask } = tl;

    // A press that moves farther is a drag.
    const DRAG_PX = 4;
    const touches = new Map();

    Object.assign(tl, { listen });

    function place(event) {
        const box = tl.canvas.getBoundingClientRect();
        const [x, y] = [event.clientX - box.left, event.clientY - box.top];
        const row = y < HEAD ? -1 : Math.floor((y - HEAD + tl.scroll.scrollTop) / ROW);
        const person = row >= 0 && row < film.shown.length ? film.shown[row] : -1;
        const zone = x < tl.label ? "label" : y < HEAD ? "ruler" : "rows";
        return { x, y, person, zone, t: clamp(tOf(x), 0, duration()) };
    }

    // The bar under the pointer, or the nearest one within a few pixels: short ones are hard to hit.
    function barNear({ person, t, zone }) {
        if (person < 0 || zone !== "rows") {
            return null;
        }
        const bars = film.counted.bars[person];
        const slack = (4 * span()) / Math.max(1, tl.width - tl.label);
        const exact = film.barAt(bars, t);
        if (exact >= 0) {
            return { person, bar: exact };
        }
        const next = film.barAfter(bars, t);
        const near = [next, next - 1]
            .filter((k) => k >= 0 && 2 * k < bars.length)
            .map((k) => ({ k, away: Math.max(bars[2 * k] - t, t - bars[2 * k + 1]) }))
            .sort((a, b) => a.away - b.away)[0];
        return near && near.away <= slack ? { person, bar: near.k } : null;
    }

    function press({ person, t, zone, x, y }) {
        if (person >= 0) {
            film.select(person);
        }
        if (zone !== "rows") {
            return;
        }
        const hit = barNear({ person, t, zone, x, y });
        if (hit) {
            const bars = film.counted.bars[hit.person];
            // A short bar hit beside is meant all the same.
            const at = clamp(t, bars[2 * hit.bar], Math.max(bars[2 * hit.bar], bars[2 * hit.bar + 1] - 0.001));
            dramatis.player.seek(at);
            ask(hit.person, at);
        } else {
            dramatis.player.seek(t);
        }
    }

    function pinch() {
        const [a, b] = [...touches.values()];
        return { gap: Math.max(20, Math.abs(a.x - b.x)), middle: (a.x + b.x) / 2 };
    }

    function listen() {
        tl.canvas.addEventListener("pointerdown", (event) => {
            if (event.button !== 0) {
                return;
            }
            const at = place(event);
            tl.root.focus({ preventScroll: true });
            if (event.pointerType === "touch") {
                touches.set(event.pointerId, at);
                if (touches.size === 2) {
                    tl.drag = { kind: "pinch", ...pinch(), from: { ...tl.view } };
                    return;
                }
            }
            tl.canvas.setPointerCapture(event.pointerId);
            const kind = at.zone === "ruler" ? "scrub" : "press";
            const touch = event.pointerType === "touch";
            tl.drag = { kind, touch, at, startX: at.x, x: at.x, from: { ...tl.view } };
            if (tl.drag.kind === "scrub") {
                dramatis.player.seek(at.t);
            }
        });
        tl.canvas.addEventListener("pointermove", (event) => {
            const at = place(event);
            if (touches.has(event.pointerId)) {
                touches.set(event.pointerId, at);
            }
            if (!tl.drag) {
                hover(at);
                return;
            }
            const long = tl.drag.from.to - tl.drag.from.from;
            const perPixel = long / Math.max(1, tl.width - tl.label);
            if (tl.drag.kind === "pinch" && touches.size === 2) {
                const { gap, middle } = pinch();
                const fixed = tl.drag.from.from + (tl.drag.middle - tl.label) * perPixel;
                const length = (long * tl.drag.gap) / gap;
                look(fixed - ((middle - tl.label) / Math.max(1, tl.width - tl.label)) * length, length);
            } else if (tl.drag.kind === "scrub") {
                dramatis.player.seek(at.t);
            } else if (tl.drag.kind === "press" && tl.drag.at.zone === "rows") {
                if (Math.abs(at.x - tl.drag.startX) > DRAG_PX) {
                    tl.drag.kind = tl.drag.touch ? "pan" : "stretch";
                    hover(null);
                }
            }
            if (tl.drag.kind === "pan") {
                look(tl.drag.from.from - (at.x - tl.drag.startX) * perPixel, long);
            } else if (tl.drag.kind === "stretch") {
                tl.drag.x = at.x;
                redraw();
            }
        });
        const end = (event, done) => {
            touches.delete(event.pointerId);
            const was = tl.drag;
            tl.drag = null;
            if (!was) {
                return;
            }
            if (done && was.kind === "press") {
                press(was.at);
            } else if (done && was.kind === "stretch") {
                const [from, to] = [tOf(was.startX), tOf(was.x)].sort((a, b) => a - b);
                look(from, to - from);
            }
            redraw();
        };
        tl.canvas.addEventListener("pointerup", (event) => end(event, true));
        tl.canvas.addEventListener("pointercancel", (event) => end(event, false));
        tl.canvas.addEventListener("pointerleave", () => hover(null));
        tl.scroll.addEventListener("wheel", wheel, { passive: false });
        listenToStrip();
    }

    function wheel(event) {
        const at = place(event);
        // Over the names the wheel moves the rows, as anywhere; at the ends of what can be zoomed, the page.
        if (at.zone === "label") {
            return;
        }
        const unit = event.deltaMode === 1 ? 16 : 1;
        const [across, down] = [event.deltaX * unit, event.deltaY * unit];
        const pans = !event.ctrlKey && (event.shiftKey || Math.abs(across) > Math.abs(down));
        const way = pans ? (event.shiftKey && across === 0 ? down : across) : 0;
        const changed = pans
            ? look(tl.view.from + (way * span()) / Math.max(1, tl.width - tl.label), span())
            : zoom(Math.exp(clamp(down, -120, 120) * (event.ctrlKey ? 0.01 : 0.0025)), at.t);
        if (changed || pans || event.ctrlKey || down < 0) {
            event.preventDefault();
        }
    }

    function listenToStrip() {
        const centre = (event) => {
            const x = event.clientX - tl.strip.getBoundingClientRect().left;
            look(((x - tl.label) / Math.max(1, tl.width - tl.label)) * duration() - span() / 2, span());
        };
        tl.strip.addEventListener("pointerdown", (event) => {
            tl.strip.setPointerCapture(event.pointerId);
            centre(event);
        });
        tl.strip.addEventListener("pointermove", (event) => {
            if (tl.strip.hasPointerCapture(event.pointerId)) {
                centre(event);
            }
        });
    }

    function hover(at) {
        const hit = at && at.zone === "rows" ? barNear(at) : null;
        const before = tl.hovered;
        tl.hovered = hit;
        if (hit?.person !== before?.person || hit?.bar !== before?.bar) {
            redraw();
        }
        const cursors = { ruler: "col-resize", label: "pointer", rows: hit ? "pointer" : "" };
        tl.canvas.style.cursor = at ? cursors[at.zone] : "";
        const words = hit ? barWords(hit) : at && at.zone === "label" && at.person >= 0 ? film.name(at.person) : "";
        tl.tip.hidden = !words;
        if (words) {
            tl.tip.textContent = words;
            const x = clamp(at.x + 14, 4, Math.max(4, tl.width - tl.tip.offsetWidth - 8));
            const y = at.y + 18 + tl.tip.offsetHeight > tl.height ? at.y - tl.tip.offsetHeight - 8 : at.y + 18;
            tl.tip.style.transform = `translate(${x}px, ${y}px)`;
        }
    }

    function barWords({ person, bar }) {
        const [from, to] = film.counted.bars[person].slice(2 * bar, 2 * bar + 2);
        const words = [film.name(person), `${film.clock(from)} – ${film.clock(to)}`, `${(to - from).toFixed(1)} s`];
        const seconds = film.secondsOf(film.doubts(person), from, to);
        if (seconds > 0) {
            words.push(seconds > to - from - 0.05 ? "doubtful" : `${seconds.toFixed(1)} s doubtful`);
        }
        const hard = film.secondsOf(film.hard(person), from, to);
        if (hard > 0) {
            words.push(hard > to - from - 0.05 ? "hard to see" : `${hard.toFixed(1)} s hard to see`);
        }
        return words.join("   ");
    }
})();
