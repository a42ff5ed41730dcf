/* The faces of a person as tiles: put together once, chosen by mouse and keyboard.

   A tile is a button with the face and a link with its time. The buttons are one stop of the Tab key; arrows go on. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { person } = dramatis;

    let list = null;
    // By position in the columns: the list's items; and the positions in the order shown.
    let tiles = [];
    let order = [];
    let byOdd = false;
    // The position where a row of faces begins that Shift ends, and the one that the Tab key stops at.
    let anchor = -1;
    let current = -1;

    function build() {
        list = document.getElementById("person-tiles");
        const focused = list.contains(document.activeElement);
        tiles = person.data.tracks.map((_, k) => tile(k));
        anchor = -1;
        current = -1;
        arrange();
        if (focused && tiles.length) {
            stand(order[0], true);
        }
    }

    function tile(k) {
        const { element } = dramatis.film;
        const { data } = person;
        const where = person.where(k);
        const length = data.paths ? "" : `${data.seconds[k].toFixed(1)} s`;
        const marks = [
            ...(data.hand[k] ? [["is-hand", "decided by hand"]] : []),
            ...(data.hard[k] ? [["is-hard", "hard to see"]] : []),
            ...(data.doubt[k] ? [["is-doubt", "doubtful"]] : []),
        ];
        const label = [data.paths ? `Face in ${data.paths[k]}` : `Face at ${where}, ${length}`, ...marks.map(([, words]) => words)].join(", ");
        const look = { type: "button", class: "ps-face", "data-k": k, "aria-pressed": "false", "aria-label": label, tabindex: -1 };
        return element(
            "li",
            { class: "ps-tile" },
            element("button", look, person.face(person.picture(k), data.name, "ps-face-picture", 96)),
            element("span", { class: "ps-marks", "aria-hidden": "true" }, ...marks.map(([kind, words]) => element("i", { class: kind, title: words }))),
            element(
                "span",
                { class: "ps-when" },
                ...(data.paths
                    ? [element("span", { class: "ps-path", title: data.paths[k] }, where)]
                    : [
                          element("a", { href: person.moment(k), tabindex: -1, "data-here": true, "aria-label": `The film at ${where}` }, where),
                          element("span", {}, length),
                      ]),
            ),
        );
    }

    function arrange() {
        const { far, tracks } = person.data;
        order = tracks.map((_, k) => k);
        if (byOdd) {
            // Tracks without a face cannot be compared: they come last.
            order.sort((a, b) => (far[b] ?? -1) - (far[a] ?? -1) || a - b);
        }
        list.replaceChildren(...order.map((k) => tiles[k]));
        stand(current >= 0 ? current : order[0], false);
    }

    const button = (k) => tiles[k].querySelector(".ps-face");

    // The Tab key stops at this one.
    function stand(k, focus) {
        if (k === undefined) {
            return;
        }
        if (current >= 0 && tiles[current]) {
            button(current).tabIndex = -1;
        }
        current = k;
        button(k).tabIndex = 0;
        if (focus) {
            button(k).focus();
            tiles[k].scrollIntoView({ block: "nearest" });
        }
    }

    function show() {
        const { tracks } = person.data;
        tiles.forEach((one, k) => {
            const on = person.chosen.has(tracks[k]);
            one.classList.toggle("is-chosen", on);
            button(k).setAttribute("aria-pressed", String(on));
        });
        const n = person.chosen.size;
        const words = document.getElementById("person-chosen");
        words.textContent = n ? `${n} of ${person.faces(tracks.length)} chosen` : person.faces(tracks.length);
        for (const one of document.querySelectorAll("#person-page [data-chosen]")) {
            one.disabled = n === 0;
        }
        document.querySelector(".ps-faces")?.classList.toggle("has-chosen", n > 0);
    }

    /* Choosing. */

    function toggle(k) {
        anchor = k;
        person.toggle(person.data.tracks[k]);
    }

    // All from where the last choice was made to k, in the order shown.
    function range(k) {
        const [a, b] = [order.indexOf(anchor < 0 ? k : anchor), order.indexOf(k)];
        const row = order.slice(Math.min(a, b), Math.max(a, b) + 1).map((i) => person.data.tracks[i]);
        person.choose([...person.chosen, ...row]);
    }

    const PICKS = {
        all: () => person.choose(person.data.tracks),
        none: () => person.choose([]),
        invert: () => person.choose(person.data.tracks.filter((track) => !person.chosen.has(track))),
    };

    document.addEventListener("click", (event) => {
        if (!(event.target instanceof Element) || !person.here()) {
            return;
        }
        const face = event.target.closest("#person-tiles .ps-face");
        if (face) {
            const k = Number(face.dataset.k);
            stand(k, false);
            event.shiftKey ? range(k) : toggle(k);
            return;
        }
        const pick = event.target.closest("#person-page [data-pick]");
        if (pick) {
            PICKS[pick.dataset.pick]();
            return;
        }
        const wanted = event.target.closest("#person-page [data-order]");
        if (wanted) {
            byOdd = wanted.dataset.order === "odd";
            showOrder();
            arrange();
            list.scrollTop = 0;
        }
    });

    // A press with Shift would mark the text between two tiles.
    document.addEventListener("mousedown", (event) => {
        if (event.shiftKey && event.target instanceof Element && event.target.closest("#person-tiles .ps-face")) {
            event.preventDefault();
            event.target.closest(".ps-face").focus();
        }
    });

    function showOrder() {
        for (const one of document.querySelectorAll("#person-page [data-order]")) {
            one.setAttribute("aria-pressed", String((one.dataset.order === "odd") === byOdd));
        }
    }

    // How many tiles stand in a row.
    function columns() {
        const top = tiles[order[0]].offsetTop;
        const n = order.findIndex((k) => tiles[k].offsetTop > top);
        return n < 0 ? order.length : n;
    }

    document.addEventListener("keydown", (event) => {
        const face = event.target instanceof Element && event.target.closest("#person-tiles .ps-face");
        if (!face || !person.here() || event.altKey) {
            return;
        }
        if (event.ctrlKey || event.metaKey) {
            if (event.key.toLowerCase() === "a") {
                event.preventDefault();
                PICKS.all();
            }
            return;
        }
        const k = Number(face.dataset.k);
        const at = order.indexOf(k);
        const steps = {
            ArrowLeft: () => at - 1,
            ArrowRight: () => at + 1,
            ArrowUp: () => at - columns(),
            ArrowDown: () => at + columns(),
            Home: () => 0,
            End: () => order.length - 1,
        };
        if (steps[event.key]) {
            event.preventDefault();
            const next = order[steps[event.key]()];
            if (next !== undefined) {
                if (event.shiftKey && anchor < 0) {
                    anchor = k;
                }
                stand(next, true);
                if (event.shiftKey) {
                    range(next);
                }
            }
        } else if (event.key === "Enter") {
            event.preventDefault();
            tiles[k].querySelector("a")?.click();
        } else if (event.key === " " && event.shiftKey) {
            event.preventDefault();
            range(k);
        } else if (event.key === "Escape" && person.chosen.size) {
            PICKS.none();
        }
    });

    person.on((what) => {
        if (what === "data") {
            build();
            showOrder();
        } else if (what === "chosen" && list) {
            show();
        }
    });
})();
