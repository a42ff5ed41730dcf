/* The faces of the inspector as tiles, more of them as one scrolls; and the filters above them. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { inspector } = dramatis;

    // Tiles that are put together at once: three screens of them.
    const AT_ONCE = 180;

    let list = null;
    let n = 0;
    // The row of the last choice, from where Shift chooses on.
    let anchor = null;
    const more = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && grow(), { rootMargin: "600px" });

    function tile(k) {
        const { element } = dramatis.film;
        const { data } = inspector;
        const name = inspector.name(k);
        const far = data.odd[k] === null ? "–" : data.odd[k].toFixed(2);
        const label = `${name}, ${inspector.where(k)}, distance ${far}${data.hand[k] ? ", decided by hand" : ""}`;
        const on = inspector.chosen.has(data.key[k]);
        const look = { type: "button", class: "ps-face", "data-k": k, "aria-pressed": String(on), "aria-label": label, title: data.where[k] };
        const marks = data.hand[k] ? [element("i", { class: "is-hand", title: "decided by hand" })] : [];
        return element(
            "li",
            { class: on ? "ps-tile is-chosen" : "ps-tile" },
            element("button", look, dramatis.person.face(inspector.picture(k), name, "ps-face-picture", 96)),
            element("span", { class: "ps-marks", "aria-hidden": "true" }, ...marks),
            element("span", { class: "ps-when" }, element("span", { class: "ps-path", title: name }, name), element("span", {}, far)),
        );
    }

    function draw() {
        list = document.getElementById("inspector-tiles");
        n = 0;
        anchor = null;
        more.disconnect();
        list.replaceChildren();
        list.scrollTop = 0;
        if (!inspector.shown.length) {
            const words = inspector.data.key.length ? "None is like that; widen what is shown." : "There is no face here.";
            list.append(dramatis.film.element("li", { class: "in-none soft" }, words));
        }
        grow();
        words();
    }

    function grow() {
        const next = inspector.shown.slice(n, n + AT_ONCE);
        n += next.length;
        list.append(...next.map(tile));
        more.disconnect();
        if (n < inspector.shown.length && list.lastElementChild) {
            more.observe(list.lastElementChild);
        }
    }

    function words() {
        const { data, shown, chosen } = inspector;
        const of = shown.length === data.key.length ? inspector.count(shown.length) : `${shown.length.toLocaleString("en")} of ${inspector.count(data.key.length)}`;
        const shownWords = document.getElementById("inspector-chosen");
        shownWords.textContent = chosen.size ? `${chosen.size.toLocaleString("en")} chosen, ${of} shown` : of;
        document.querySelector(".in-faces")?.classList.toggle("has-chosen", chosen.size > 0);
        for (const one of document.querySelectorAll("#inspector-page [data-chosen]")) {
            one.disabled = chosen.size === 0;
        }
    }

    function mark() {
        for (const button of list?.querySelectorAll(".ps-face") ?? []) {
            const on = inspector.chosen.has(inspector.data.key[button.dataset.k]);
            if (on !== (button.getAttribute("aria-pressed") === "true")) {
                button.setAttribute("aria-pressed", String(on));
                button.parentElement.classList.toggle("is-chosen", on);
            }
        }
        words();
    }

    /* Choosing. */

    const keysOf = (rows) => rows.map((k) => inspector.data.key[k]);

    function toggle(k) {
        anchor = k;
        inspector.toggle(inspector.data.key[k]);
    }

    function range(k) {
        const { shown } = inspector;
        const [a, b] = [shown.indexOf(anchor ?? k), shown.indexOf(k)];
        inspector.choose([...inspector.chosen, ...keysOf(shown.slice(Math.min(a, b), Math.max(a, b) + 1))]);
    }

    const PICKS = {
        all: () => inspector.choose([...inspector.chosen, ...keysOf(inspector.shown)]),
        none: () => inspector.choose([]),
        invert: () => inspector.choose(keysOf(inspector.shown).filter((key) => !inspector.chosen.has(key))),
    };

    document.addEventListener("click", (event) => {
        if (!(event.target instanceof Element) || !inspector.here()) {
            return;
        }
        const face = event.target.closest("#inspector-tiles .ps-face");
        if (face) {
            event.shiftKey ? range(Number(face.dataset.k)) : toggle(Number(face.dataset.k));
        }
        const pick = event.target.closest("#inspector-page [data-pick]");
        if (pick) {
            PICKS[pick.dataset.pick]();
        }
    });

    // A press with Shift would mark the text between two tiles.
    document.addEventListener("mousedown", (event) => {
        if (event.shiftKey && event.target instanceof Element && event.target.closest("#inspector-tiles .ps-face")) {
            event.preventDefault();
            event.target.closest(".ps-face").focus();
        }
    });

    document.addEventListener("keydown", (event) => {
        const face = event.target instanceof Element && event.target.closest("#inspector-tiles .ps-face");
        if (!face || !inspector.here() || event.altKey || event.ctrlKey || event.metaKey) {
            return;
        }
        const item = face.parentElement;
        const next = { ArrowLeft: item.previousElementSibling, ArrowRight: item.nextElementSibling }[event.key];
        if (next) {
            event.preventDefault();
            next.querySelector(".ps-face")?.focus();
        } else if (event.key === "Escape" && inspector.chosen.size) {
            PICKS.none();
        }
    });

    /* Filters. Those of which nothing is known are not offered. */

    const LIMITS = [
        ["odd", "Distance from", (value) => value.toFixed(2), 0.01, false],
        ["height", "Face up to", (value) => `${Math.round(value)} px`, 1, true],
        ["quality", "Quality up to", (value) => value.toFixed(2), 0.01, true],
    ];

    function filters() {
        const { element } = dramatis.film;
        const { data } = inspector;
        const everybody = element("option", { value: "" }, `Everybody (${data.people.length})`);
        const people = data.people.map(([, name, n], owner) => [owner, name, n]).filter(([, , n]) => n > 0);
        people.sort((a, b) => a[1].localeCompare(b[1]));
        const select = element(
            "select",
            { class: "form-select form-select-sm", "data-filter": "owner" },
            everybody,
            ...people.map(([owner, name, n]) => element("option", { value: owner }, `${name} (${n})`)),
        );
        select.value = inspector.filters.owner ?? "";
        const parts = [element("label", { class: "in-filter" }, element("span", {}, "Person"), select)];
        if (data.n_faces.some((n) => n > 1)) {
            const options = [["", "Any number"], ["1", "One face"], ["2", "Several faces"]];
            const faces = element(
                "select",
                { class: "form-select form-select-sm", "data-filter": "n_faces" },
                ...options.map(([value, words]) => element("option", { value }, words)),
            );
            faces.value = inspector.filters.n_faces ?? "";
            parts.push(element("label", { class: "in-filter" }, element("span", {}, "In the picture"), faces));
        }
        for (const [of, words, told, step, isMost] of LIMITS) {
            const known = data[of].filter((value) => value !== null);
            const [low, high] = known.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
            if (known.length < 2 || high - low < 2 * step) {
                continue;
            }
            const [min, max] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
            const value = inspector.filters[of] ?? (isMost ? max : min);
            const output = element("output", {}, told(value));
            const look = { type: "range", class: "form-range", min, max, step, "data-filter": of, "aria-label": words };
            const input = element("input", look);
            input.value = value;
            input.addEventListener("input", () => {
                const now = Number(input.value);
                output.textContent = told(now);
                inspector.filter({ [of]: (isMost ? now >= max - step / 2 : now <= min + step / 2) ? null : now });
            });
            parts.push(element("label", { class: "in-filter is-range" }, element("span", {}, words), input, output));
        }
        document.getElementById("inspector-filters").replaceChildren(...parts);
    }

    document.addEventListener("change", (event) => {
        const select = event.target instanceof Element && event.target.closest("#inspector-filters select");
        if (select && inspector.here()) {
            inspector.filter({ [select.dataset.filter]: select.value === "" ? null : Number(select.value) });
        }
    });

    inspector.on((what) => {
        if (what === "data") {
            filters();
        } else if (what === "shown") {
            draw();
        } else if (what === "chosen") {
            mark();
        }
    });

    // The lists change what is shown, too.
    dramatis.inspectorFilters = filters;
})();
