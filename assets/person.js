/* A person's page in the browser: the faces as columns, which are chosen, and what is asked of the server.

   The server sends the person once, as columns (`data` of the store "person-data"), and again after each correction;
   tiles, map and halves read it here and tell each other through `on`. Every act is written to the store "person-act". */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const listeners = [];

    // Told (what) of: "data" other faces are there, "chosen", "halves" a proposal has come.
    const person = (dramatis.person = {
        data: null,
        // Tracks, by number: what is chosen outlives a correction of others.
        chosen: new Set(),
        // {first, second, sensible, reason} as proposed, null without.
        proposal: null,
        on(listener) {
            listeners.push(listener);
        },
        here: () => person.data !== null && document.getElementById("person-tiles") !== null,
        choose(tracks) {
            person.chosen = new Set(tracks);
            tell("chosen");
        },
        toggle: (track) => person.choose(dramatis.toggled(person.chosen, track)),
        // Asks the server for an act; nothing while another one is under way.
        act(what, more = {}) {
            if (waiting || !person.here()) {
                return;
            }
            waiting = true;
            // The Undo of an older notice would take back another correction than the one that it tells of.
            document.querySelectorAll("#shell-notices .notice:has(button.notice-act)").forEach((one) => one.remove());
            window.dash_clientside.set_props("person-act", { data: { act: what, n: Date.now(), ...more } });
        },
        // Where the picture of face k is, "" where there is none.
        picture(k) {
            const { pictures, index, token, tracks, analysis } = person.data;
            return pictures && index[k] >= 0
                ? `/media/${token}/crop/${tracks[k]}/${index[k]}?alone=1&analysis=${analysis}`
                : "";
        },
        // Where face k is: a moment of the film, or in an album the name of a picture.
        where(k) {
            const { paths, start } = person.data;
            return paths ? paths[k].slice(paths[k].lastIndexOf("/") + 1) || "a picture" : person.clock(start[k]);
        },
        // How long a face is, or several are, on screen; an album has no time.
        amount: (seconds) => (person.data.paths ? "" : dramatis.film.amount(seconds)),
        moment: (k) => `/film?id=${person.data.token}&t=${person.data.start[k]}`,
        // 192.4 -> "0:03:12": hours are always there, so that times can be compared by eye.
        clock(seconds) {
            const whole = Math.floor(seconds + 1e-6);
            const two = (n) => String(n).padStart(2, "0");
            return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
        },
        faces: (n) => `${n} ${n === 1 ? "face" : "faces"}`,
        // A picture of a face, or a letter in its place; also where the picture cannot be had.
        face(src, name, look, size) {
            const element = dramatis.film.element;
            const letter = () =>
                element("span", { class: `${look} is-letter`, "aria-hidden": "true" }, name.slice(0, 1).toLocaleUpperCase());
            if (!src) {
                return letter();
            }
            const image = element("img", { class: look, alt: "", loading: "lazy", decoding: "async", width: size, height: size });
            image.addEventListener("error", () => image.replaceWith(letter()));
            image.src = src;
            return image;
        },
    });

    // An act is on its way; its answer, or its error, ends that.
    let waiting = false;

    function tell(what) {
        for (const listener of listeners) {
            listener(what);
        }
    }

    function chosenTracks() {
        return person.data.tracks.filter((track) => person.chosen.has(track));
    }

    /* What the buttons do. */

    function renaming(on) {
        const title = document.querySelector("#person-head .ps-title");
        if (!title) {
            return;
        }
        title.classList.toggle("is-renaming", on);
        const input = document.getElementById("person-name");
        if (on) {
            input.focus();
            input.select();
        } else {
            document.querySelector('[data-do="rename-open"]')?.focus();
        }
    }

    function keepName() {
        const name = document.getElementById("person-name").value.trim().replace(/\s+/g, " ");
        renaming(false);
        if (name && name !== person.data.name) {
            person.act("rename", { name });
        }
    }

    function moveTo() {
        const tracks = chosenTracks();
        dramatis.pickPerson(`Move ${person.faces(tracks.length)} to …`, person.data.others, (id) =>
            person.act("move", { tracks, to: id }),
        );
    }

    function sameAs() {
        dramatis.pickPerson(`${person.data.name} is the same as …`, person.data.others, (id) =>
            person.act("same-ask", { other: id }),
        );
    }

    const ACTS = {
        "rename-open": () => renaming(true),
        "rename-close": () => renaming(false),
        rename: keepName,
        "same-open": sameAs,
        "move-open": moveTo,
        propose: () => {
            if (!waiting) {
                waiting = true;
                window.dash_clientside.set_props("person-ask-halves", { data: Date.now() });
            }
        },
        "take-back": (button) => person.act("take-back", { step: button.dataset.step }),
        "hold-again": (button) => person.act("hold-again", { step: button.dataset.step }),
    };

    document.addEventListener("click", (event) => {
        const button = event.target instanceof Element && event.target.closest("#person-page [data-do]");
        if (!button || button.disabled || !person.data) {
            return;
        }
        const what = button.dataset.do;
        if (ACTS[what]) {
            ACTS[what](button);
        } else if (button.dataset.chosen) {
            person.act(what, { tracks: chosenTracks() });
        } else {
            person.act(what);
        }
    });

    document.addEventListener("keydown", (event) => {
        const on = event.target instanceof Element ? event.target : document.body;
        if (on.id === "person-name" && (event.key === "Enter" || event.key === "Escape")) {
            if (event.isComposing) {
                return;
            }
            event.preventDefault();
            event.key === "Enter" ? keepName() : renaming(false);
            return;
        }
        const typing = on.closest("input, textarea, select, [contenteditable], dialog, .modal");
        const undoes = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z";
        if (undoes && !typing && document.getElementById("person-page")) {
            event.preventDefault();
            person.act(event.shiftKey ? "redo" : "undo");
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
    window.dash_clientside.person = {
        mount(data) {
            whenThere("person-tiles", () => {
                const same = person.data && data && person.data.id === data.id && person.data.token === data.token;
                // An empty page keeps its Undo: it acts for the film.
                person.data = data || { id: "", name: "", tracks: [], index: [], start: [], seconds: [], others: [], far: [], paths: null };
                const left = same ? person.data.tracks.filter((track) => person.chosen.has(track)) : [];
                person.chosen = new Set(left);
                person.proposal = null;
                document.getElementById("person-not-name").textContent = person.data.name;
                tell("data");
                tell("chosen");
                tell("halves");
            });
            return noUpdate;
        },
        working(on) {
            waiting = Boolean(on);
            document.getElementById("person-page")?.classList.toggle("is-working", waiting);
            return noUpdate;
        },
        halves(proposal) {
            person.proposal = proposal;
            tell("halves");
            return noUpdate;
        },
        draw(points) {
            dramatis.personMap.draw(points);
            return noUpdate;
        },
    };
})();
