/* The inspector in the browser: all faces as columns, which of them are shown and chosen, and what is asked of the
   server.

   The server sends the faces once, as columns (`data` of the store "inspector-data"), and again after each correction;
   tiles, map and lists read them here and tell each other through `on`. Every act is written to "inspector-act". */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const listeners = [];
    // An act is on its way; its answer, or its error, ends that.
    let waiting = false;

    // Told (what) of: "data" other faces are there, "shown" others are to be shown, "chosen", "found" the lists have come.
    const inspector = (dramatis.inspector = {
        data: null,
        found: null,
        // Keys of faces: what is chosen outlives a correction of others.
        chosen: new Set(),
        // Rows in the order shown.
        shown: [],
        // What is to be shown: a person's number or null, and limits, null for none.
        filters: { owner: null, n_faces: null, height: null, quality: null, odd: null },
        byPerson: false,
        on: (listener) => listeners.push(listener),
        here: () => inspector.data !== null && document.getElementById("inspector-tiles") !== null,
        choose(keys) {
            inspector.chosen = new Set(keys);
            tell("chosen");
        },
        toggle: (key) => inspector.choose(dramatis.toggled(inspector.chosen, key)),
        filter(changes) {
            Object.assign(inspector.filters, changes);
            arrange();
        },
        act(what, more = {}) {
            if (waiting || !inspector.here()) {
                return;
            }
            waiting = true;
            // The Undo of an older notice would take back another correction than the one that it tells of.
            document.querySelectorAll("#shell-notices .notice:has(button.notice-act)").forEach((one) => one.remove());
            window.dash_clientside.set_props("inspector-act", { data: { act: what, n: Date.now(), ...more } });
        },
        isCast: () => ["cast", "ready"].includes(inspector.data.kind),
        name: (k) => inspector.data.people[inspector.data.owner[k]][1],
        // Where the picture of face k is, "" where there is none.
        picture(k) {
            const { kind, id, folder, where, key, index, analysis } = inspector.data;
            if (inspector.isCast() && folder) {
                const cut = where[k].lastIndexOf("/");
                const parts = [where[k].slice(0, cut), where[k].slice(cut + 1)].map(encodeURIComponent);
                return `/cast-pictures/${folder}/${parts.join("/")}`;
            }
            return index[k] >= 0 ? `/media/${id}/crop/${key[k]}/${index[k]}?alone=1&analysis=${analysis}` : "";
        },
        // Where face k is: a moment of the film, or the name of a picture.
        where(k) {
            const { kind, where } = inspector.data;
            if (kind === "film") {
                return dramatis.person.clock(Number(where[k]));
            }
            return kind === "album" ? `picture ${Math.round(Number(where[k])) + 1}` : where[k].slice(where[k].lastIndexOf("/") + 1);
        },
        count: (n) => `${n.toLocaleString("en")} ${inspector.isCast() ? (n === 1 ? "picture" : "pictures") : n === 1 ? "face" : "faces"}`,
        // A person's first face, for lists.
        faceOf: (owner) => inspector.data.owner.indexOf(owner),
        // [id, name, 0, number, picture] of everybody, as dramatis.pickPerson takes them.
        everybody: () =>
            inspector.data.people
                .map(([id, name, n], owner) => [id, name, 0, n, n ? inspector.picture(inspector.faceOf(owner)) : ""])
                .sort((a, b) => a[1].localeCompare(b[1])),
    });

    function tell(what) {
        for (const listener of listeners) {
            listener(what);
        }
    }

    // Which rows are shown, and in which order.
    function arrange() {
        const { data, filters, byPerson } = inspector;
        const within = (k) =>
            (filters.owner === null || data.owner[k] === filters.owner) &&
            (filters.n_faces === null || (filters.n_faces === 1 ? data.n_faces[k] === 1 : data.n_faces[k] > 1)) &&
            (filters.height === null || (data.height[k] ?? Infinity) <= filters.height) &&
            (filters.quality === null || (data.quality[k] ?? Infinity) <= filters.quality) &&
            (filters.odd === null || (data.odd[k] ?? -1) >= filters.odd);
        const rows = data.key.map((_, k) => k).filter(within);
        // Who has one face cannot be compared: those come last.
        const odd = (a, b) => (data.odd[b] ?? -1) - (data.odd[a] ?? -1) || a - b;
        rows.sort(byPerson ? (a, b) => inspector.name(a).localeCompare(inspector.name(b)) || odd(a, b) : odd);
        inspector.shown = rows;
        tell("shown");
    }

    /* What the buttons do. */

    const chosenKeys = () => inspector.data.key.filter((key) => inspector.chosen.has(key));

    function moveTo() {
        const keys = chosenKeys();
        dramatis.pickPerson(
            `Move ${inspector.count(keys.length)} to …`,
            inspector.everybody(),
            (to, isNew) => inspector.act("move", { keys, to, new: isNew }),
            { words: ([id, , , n]) => (id === null ? "new" : inspector.count(n)), fresh: true },
        );
    }

    const ACTS = {
        "move-open": moveTo,
        remove: () => inspector.act("remove", { keys: chosenKeys() }),
        right: () => inspector.act("right", { keys: chosenKeys() }),
        undo: () => inspector.act("undo"),
        redo: () => inspector.act("redo"),
        "take-back": (button) => inspector.act("take-back", { step: button.dataset.step }),
        "hold-again": (button) => inspector.act("hold-again", { step: button.dataset.step }),
    };

    function press(button) {
        for (const one of button.parentElement.children) {
            one.setAttribute("aria-pressed", String(one === button));
        }
    }

    document.addEventListener("click", (event) => {
        const button = event.target instanceof Element && event.target.closest("#inspector-page button");
        if (!button || button.disabled || !inspector.here()) {
            return;
        }
        const { do: what, order, space, colour } = button.dataset;
        if (what && ACTS[what]) {
            ACTS[what](button);
        } else if (order) {
            inspector.byPerson = order === "person";
            press(button);
            arrange();
        } else if (space) {
            press(button);
            window.dash_clientside.set_props("inspector-space", { data: space === "space" });
        } else if (colour) {
            press(button);
            window.dash_clientside.set_props("inspector-colour", { data: colour });
        }
    });

    document.addEventListener("keydown", (event) => {
        const on = event.target instanceof Element ? event.target : document.body;
        const typing = on.closest("input, textarea, select, [contenteditable], dialog, .modal");
        const undoes = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z";
        if (undoes && !typing && inspector.here()) {
            event.preventDefault();
            inspector.act(event.shiftKey ? "redo" : "undo");
        }
    });

    /* What Dash calls. */

    function whenThere(id, then, tries = 120) {
        if (document.getElementById(id)) {
            then();
        } else if (tries > 0) {
            requestAnimationFrame(() => whenThere(id, then, tries - 1));
        }
    }

    const { no_update: noUpdate } = (window.dash_clientside = window.dash_clientside || {});
    window.dash_clientside.inspector = {
        mount(data) {
            whenThere("inspector-tiles", () => {
                const before = inspector.data;
                const same = before && before.id === data.id && before.kind === data.kind;
                const whom = same && inspector.filters.owner !== null ? before.people[inspector.filters.owner][0] : null;
                inspector.data = data;
                if (!same) {
                    inspector.byPerson = false;
                    inspector.found = null;
                    Object.keys(inspector.filters).forEach((key) => (inspector.filters[key] = null));
                }
                const wanted = whom ?? (same ? null : asked());
                const owner = data.people.findIndex(([id]) => id === wanted);
                inspector.filters.owner = owner < 0 ? null : owner;
                const left = same ? data.key.filter((key) => inspector.chosen.has(key)) : [];
                inspector.chosen = new Set(left);
                tell("data");
                arrange();
                tell("chosen");
            });
            return noUpdate;
        },
        found(found) {
            inspector.found = found;
            whenThere("inspector-same", () => tell("found"));
            return noUpdate;
        },
        working(on) {
            waiting = Boolean(on);
            document.getElementById("inspector-page")?.classList.toggle("is-working", waiting);
            return noUpdate;
        },
        draw(points) {
            dramatis.inspectorMap.draw(points);
            return noUpdate;
        },
    };

    // The person that the address names.
    const asked = () => new URLSearchParams(window.location.search).get("person");
})();
