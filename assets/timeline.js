/* The timeline: a row for each person, a bar for each stretch on screen, ticks for the shots, and a cursor that moves
   with the film. Here: what is in view, time, and keys; timeline_picture.js paints it, timeline_pointer.js is mouse
   and fingers. The three share `dramatis.tl`. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const film = dramatis.film;

    const SHORTEST_VIEW_S = 2;

    // Pixels of the ruler, of the band of shots below it, of a row and its bar, and of the strip with the whole film.
    const tl = (dramatis.tl = { RULER: 26, SHOTS: 8, HEAD: 34, ROW: 26, BAR: 14, STRIP: 26 });
    const { HEAD, ROW, STRIP } = tl;

    Object.assign(tl, {
        // The element and what was put into it.
        root: null,
        scroll: null,
        canvas: null,
        strip: null,
        head: null,
        tip: null,
        pen: null,
        // Seconds of film in view, and pixels: of the column of names, and of all that is painted.
        view: { from: 0, to: 1 },
        label: 190,
        width: 0,
        height: 0,
        // The moment the film is at; the bars, {person, bar}, asked about and under the pointer; what is being dragged.
        now: 0,
        asked: null,
        hovered: null,
        drag: null,
        shortened: new Map(),
    });
    let drawing = 0;
    let presentNow = "";

    const duration = () => Math.max(film.data.duration, 0.001);
    const span = () => tl.view.to - tl.view.from;
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
    Object.assign(tl, {
        duration,
        span,
        clamp,
        xOf: (t) => tl.label + ((t - tl.view.from) / span()) * (tl.width - tl.label),
        tOf: (x) => tl.view.from + ((x - tl.label) / Math.max(1, tl.width - tl.label)) * span(),
        rowTop: (row) => HEAD + row * ROW - tl.scroll.scrollTop,
        redraw,
        look,
        zoom,
        ask,
        placeHead,
    });

    dramatis.timeline = { time, say, key, appearance, goTo, ask, where, showAll, unask, view: () => ({ ...tl.view }) };

    /* Putting it together. */

    function mount() {
        tl.root = document.getElementById("film-timeline");
        if (!tl.root.dataset.mounted) {
            tl.root.dataset.mounted = "yes";
            tl.canvas = film.element("canvas", { class: "tl-canvas" });
            const content = film.element("div", { class: "tl-content" }, tl.canvas);
            tl.scroll = film.element("div", { class: "tl-scroll" }, content);
            tl.strip = film.element("canvas", { class: "tl-strip" });
            tl.head = film.element("div", { class: "tl-head" });
            tl.tip = film.element("div", { class: "tl-tip", hidden: true });
            tl.root.append(tl.scroll, tl.head, tl.strip, tl.tip);
            tl.pen = tl.canvas.getContext("2d");
            tl.scroll.addEventListener("scroll", redraw, { passive: true });
            new ResizeObserver(resize).observe(tl.scroll);
            tl.listen();
        }
        tl.root.setAttribute("aria-valuemin", "0");
        tl.root.setAttribute("aria-valuemax", String(Math.round(duration())));
        tl.now = 0;
        tl.asked = null;
        tl.hovered = null;
        tl.view = { from: 0, to: duration() };
        tl.paint();
        resize();
    }

    function resize() {
        if (!film.here() || !tl.root.isConnected) {
            return;
        }
        const content = tl.scroll.firstChild;
        const rows = HEAD + Math.max(1, film.shown.length) * ROW + 6;
        const wanted = parseInt(getComputedStyle(tl.root).getPropertyValue("--tl-room"), 10) || 420;
        const room = Math.max(HEAD + 4 * ROW, Math.min(rows, wanted));
        tl.scroll.style.height = `${room}px`;
        content.style.height = `${rows}px`;
        tl.width = content.clientWidth;
        tl.height = tl.scroll.clientHeight;
        tl.label = tl.width < 640 ? 108 : 190;
        tl.shortened = new Map();
        const scale = window.devicePixelRatio || 1;
        for (const [surface, tall] of [
            [tl.canvas, tl.height],
            [tl.strip, STRIP],
        ]) {
            surface.width = Math.round(tl.width * scale);
            surface.height = Math.round(tall * scale);
            surface.style.width = `${tl.width}px`;
            surface.style.height = `${tall}px`;
            surface.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
        }
        drawNow();
    }

    /* Drawing. */

    function redraw() {
        if (!drawing) {
            drawing = requestAnimationFrame(drawNow);
        }
    }

    function drawNow() {
        cancelAnimationFrame(drawing);
        drawing = 0;
        if (!film.here() || !tl.root || !tl.root.isConnected || tl.width === 0) {
            return;
        }
        tl.draw();
        placeHead();
        sayView();
    }

    function placeHead() {
        const x = tl.xOf(tl.now);
        tl.head.hidden = x < tl.label - 1 || x > tl.width + 1;
        tl.head.style.transform = `translateX(${x}px)`;
        tl.head.style.height = `${tl.height}px`;
    }

    function sayView() {
        const words = document.getElementById("film-view-words");
        if (words) {
            const all = span() >= duration() - 1e-6;
            words.textContent = all ? "" : `${film.clock(tl.view.from, 0)} – ${film.clock(tl.view.to, 0)}`;
            document.getElementById("film-whole").disabled = all;
        }
    }

    /* Where we look. */

    function look(from, length) {
        const long = clamp(length, Math.min(SHORTEST_VIEW_S, duration()), duration());
        const start = clamp(from, 0, duration() - long);
        const changed = Math.abs(start - tl.view.from) + Math.abs(start + long - tl.view.to) > 1e-9;
        tl.view = { from: start, to: start + long };
        if (changed) {
            redraw();
        }
        return changed;
    }

    function zoom(factor, at) {
        const t = at ?? clamp(tl.now, tl.view.from, tl.view.to);
        const length = clamp(span() * factor, Math.min(SHORTEST_VIEW_S, duration()), duration());
        return look(t - ((t - tl.view.from) / span()) * length, length);
    }

    function showAll() {
        look(0, duration());
    }

    // Brings a moment into view without zooming.
    function reveal(t) {
        if (t < tl.view.from || t > tl.view.to) {
            look(t - span() / 5, span());
        }
    }

    function revealRow(i) {
        const row = film.shown.indexOf(i);
        if (row >= 0 && tl.root) {
            const top = row * ROW;
            if (top < tl.scroll.scrollTop) {
                tl.scroll.scrollTop = top;
            } else if (top + ROW > tl.scroll.scrollTop + tl.height - HEAD) {
                tl.scroll.scrollTop = top + ROW - (tl.height - HEAD) + 6;
            }
        }
    }

    /* Time. */

    // The film is at t: the cursor follows, and the view when it is left behind while playing.
    function time(t) {
        tl.now = t;
        if (!tl.root || !tl.root.isConnected || tl.width === 0) {
            return;
        }
        if (dramatis.player.playing() && !tl.drag && t > tl.view.to && t < tl.view.to + span() / 4) {
            look(tl.view.to, span());
        }
        const present = film.present(t).join();
        if (present !== presentNow) {
            presentNow = present;
            redraw();
        }
        placeHead();
    }

    function say(t) {
        if (!tl.root || !film.here()) {
            return;
        }
        tl.root.setAttribute("aria-valuenow", String(Math.round(t)));
        const marks = (i) => [
            ...(film.barAt(film.doubts(i), t) >= 0 ? ["doubtful"] : []),
            ...(film.barAt(film.hard(i), t) >= 0 ? ["hard to see"] : []),
        ];
        const people = film.present(t).map((i) => film.name(i) + (marks(i).length ? ` (${marks(i).join(", ")})` : ""));
        const who = people.length > 6 ? `${people.length} people` : people.length ? film.listed(people) : "nobody";
        tl.root.setAttribute("aria-valuetext", `${film.clock(t)} of ${film.clock(duration(), 0)}; on screen: ${who}`);
        if (!drawing) {
            tl.drawStrip();
        }
    }

    function goTo(t) {
        dramatis.player.seek(t);
        reveal(t);
    }

    // The next (1) or previous (-1) appearance of the selected person.
    function appearance(direction) {
        if (film.selected < 0) {
            return;
        }
        const bars = film.counted.bars[film.selected];
        const starts = bars.filter((_, k) => k % 2 === 0);
        // A little slack: a player stands at the picture nearest to where it was sent.
        const after = () => starts.find((t) => t > tl.now + 0.05);
        const before = () => starts.filter((t) => t < tl.now - 0.3).pop();
        const next = direction > 0 ? after() : before();
        if (next !== undefined) {
            goTo(next + 0.01);
        }
    }

    function ask(person, t) {
        tl.asked = { person, t, bar: film.barAt(film.counted.bars[person], t) };
        redraw();
        window.dash_clientside.set_props("film-ask", {
            data: { person: film.data.ids[person], t: Math.round(t * 1000) / 1000, n: Date.now() },
        });
    }

    function unask() {
        tl.asked = null;
        redraw();
    }

    /* Keys: true if the key meant something. */

    function key(name, shift, onTimeline) {
        const step = shift ? 10 : 1;
        const actions = {
            " ": () => dramatis.player.toggle(),
            k: () => dramatis.player.toggle(),
            n: () => appearance(1),
            p: () => appearance(-1),
            "+": () => zoom(0.5),
            "=": () => zoom(0.5),
            "-": () => zoom(2),
            0: showAll,
            ArrowLeft: () => goTo(dramatis.player.current() - step),
            ArrowRight: () => goTo(dramatis.player.current() + step),
        };
        // Keys that scroll a page do so unless the timeline has the focus.
        const own = {
            Home: () => goTo(0),
            End: () => goTo(duration()),
            ArrowUp: () => moveRow(-1),
            ArrowDown: () => moveRow(1),
            Enter: () => {
                if (film.selected >= 0 && film.barAt(film.counted.bars[film.selected], tl.now) >= 0) {
                    ask(film.selected, tl.now);
                }
            },
            Escape: tl.drag && (() => {
                tl.drag = null;
                redraw();
            }),
        };
        const wanted = name.length === 1 ? name.toLowerCase() : name;
        const action = actions[wanted] ?? (onTimeline ? own[wanted] : undefined);
        action?.();
        return Boolean(action);
    }

    function moveRow(by) {
        const row = film.shown.indexOf(film.selected);
        const next = clamp(row + by, 0, film.shown.length - 1);
        if (film.shown.length) {
            film.select(film.shown[next]);
            revealRow(film.selected);
        }
    }

    /* For tests and other scripts: where on the screen the middle of a person's bar is, brought into view first. */
    function where(personId, index) {
        const person = film.index(personId);
        const bars = film.counted.bars[person];
        const middle = (bars[2 * index] + bars[2 * index + 1]) / 2;
        revealRow(person);
        reveal(middle);
        drawNow();
        const box = tl.canvas.getBoundingClientRect();
        return { x: box.left + tl.xOf(middle), y: box.top + tl.rowTop(film.shown.indexOf(person)) + ROW / 2 };
    }

    document.addEventListener("click", (event) => {
        const button = event.target instanceof Element && event.target.closest("button");
        const actions = {
            "film-zoom-in": () => zoom(0.5),
            "film-zoom-out": () => zoom(2),
            "film-whole": showAll,
        };
        if (button && actions[button.id] && film.here()) {
            actions[button.id]();
        }
    });

    film.on((what) => {
        if (what === "data") {
            mount();
        } else if (tl.root && tl.root.isConnected) {
            if (what === "theme") {
                tl.paint();
            }
            if (what === "count") {
                tl.hovered = null;
                tl.asked = tl.asked && { ...tl.asked, bar: film.barAt(film.counted.bars[tl.asked.person], tl.asked.t) };
            }
            if (what === "filter" || what === "fold") {
                resize();
                if (what === "fold" && !film.folded) {
                    tl.scroll.scrollTop = tl.scroll.scrollHeight;
                }
            } else {
                tl.shortened = new Map();
                redraw();
            }
            if (what === "selection" && !tl.drag) {
                revealRow(film.selected);
            }
        }
    });
})();
