/* Strangers as rows: their best faces, who they may be, and a field for the name. The server sends them as data; a row
   whose data are the same stays as it is, so that the cursor, what is typed and pictures stay.

   Buttons carry data-act and what it is about; assets/library.js hears them, assets/unknowns.js the fields, the keys and
   the boxes that choose several. Names are text, never markup. */
(function () {
    "use strict";

    const { element } = window.dramatis.film;
    const unknowns = (window.dramatis.unknowns = {
        // Told after the rows were drawn.
        drawn: () => {},
    });

    // By stranger: the data that a row was drawn from, and the row.
    let drawn = new Map();

    function draw(list, { rows, names }) {
        const before = list.children.length ? drawn : new Map();
        drawn = new Map();
        for (const row of rows) {
            const key = `${row.film} ${row.person}`;
            const told = JSON.stringify(row);
            const known = before.get(key);
            drawn.set(key, known?.told === told ? known : { told, item: item(row, known) });
        }
        const items = [...drawn.values()].map((one) => one.item);
        items.forEach(bring);
        place(list, items);
        document.getElementById("unknowns-names").replaceChildren(...names.map((value) => element("option", { value })));
        unknowns.drawn();
    }

    function bring(row) {
        row.classList.remove("is-done", "is-gone");
    }

    // Only what goes or comes is touched: an element that is moved loses the cursor.
    function place(list, items) {
        const stay = new Set(items);
        [...list.children].filter((one) => !stay.has(one)).forEach((one) => one.remove());
        items.forEach((one, at) => {
            if (list.children[at] !== one) {
                list.insertBefore(one, list.children[at] || null);
            }
        });
    }

    function item(row, known) {
        const made = element(
            "li",
            { class: "uk-row", "data-film": row.film, "data-person": row.person },
            tick("uk-choose", `Choose ${row.name}`),
            element(
                "div",
                { class: "uk-who" },
                element(
                    "div",
                    { class: "uk-facts" },
                    element("strong", {}, row.name),
                    element("span", {}, row.seen),
                    ...(row.title ? [element("span", { class: "uk-title" }, row.title)] : []),
                ),
                element(
                    "div",
                    { class: "uk-faces", role: "img", "aria-label": `Best faces of ${row.name}` },
                    ...row.faces.map((face) => picture(face, 72)),
                ),
                ...(row.perhaps.length ? [perhaps(row)] : []),
                ...(row.also.length ? [also(row)] : []),
            ),
            answers(row),
        );
        // What was typed is not the server's to forget.
        made.querySelector(".uk-name").value = known?.item.querySelector(".uk-name").value || "";
        return made;
    }

    function perhaps(row) {
        const suggestions = row.perhaps.map((one) => {
            const about = { film: row.film, person: row.person, perhaps: one.person, called: one.name };
            return element(
                "span",
                { class: "uk-chip" },
                ...(one.face ? [picture(one.face, 28)] : []),
                element("span", { class: "uk-suggested" }, one.shown),
                element("span", { class: "soft", title: one.told }, one.apart),
                button("Yes", "confirm", `Yes, ${row.name} is ${one.shown}`, "uk-yes", about),
                button("No", "reject", `No, ${row.name} is not ${one.shown}`, "uk-no", about),
            );
        });
        return element("div", { class: "uk-perhaps" }, element("span", { class: "soft" }, "Perhaps"), ...suggestions);
    }

    function also(row) {
        const ticks = row.also.map((one) => {
            const box = tick("uk-also", `${one.told} too`, { "data-also": one.where });
            box.append(picture(one.face, 28), one.told, element("span", { class: "soft" }, one.apart));
            return box;
        });
        const told = element("span", { class: "soft" }, "Elsewhere too, it seems. Name there as well:");
        return element("div", { class: "uk-elsewhere" }, told, ...ticks);
    }

    function answers(row) {
        const about = { film: row.film, person: row.person, called: row.name };
        return element(
            "div",
            { class: "uk-do" },
            element("input", {
                type: "text",
                class: "uk-name form-control",
                placeholder: "Who is this?",
                list: "unknowns-names",
                maxlength: 100,
                autocomplete: "off",
                "aria-label": `Name of ${row.name}`,
            }),
            button("Name", "name-typed", `Name ${row.name}`, "btn btn-primary"),
            element(
                "div",
                { class: "uk-less" },
                row.ignored
                    ? button("Ask again", "regard", `Ask about ${row.name} again`, "link-button", about)
                    : button("Ignore", "ignore", `Ignore ${row.name}`, "link-button", about),
                button("Not a face", "no-face", `${row.name} is not a face`, "link-button", about),
                element("a", { class: "link-button", href: row.href, "data-here": true }, "All faces"),
            ),
        );
    }

    // A face is cut out of the film when it is first asked for, so it waits until it comes into view.
    function picture(src, size) {
        return element("img", { alt: "", loading: "lazy", decoding: "async", width: size, height: size, src });
    }

    function tick(look, label, more = {}) {
        const state = { type: "button", class: `uk-tick ${look}`, role: "checkbox", "aria-checked": "false" };
        const box = element("span", { class: "uk-box" });
        return element("button", { ...state, "aria-label": label, ...more }, box);
    }

    function button(word, act, label, look, about = {}) {
        const data = Object.fromEntries(Object.entries(about).map(([key, value]) => [`data-${key}`, value]));
        const asks = { "data-store": "unknowns-act", "data-act": act, "aria-label": label };
        return element("button", { type: "button", class: look, ...asks, ...data }, word);
    }

    /* What Dash calls. */

    function whenThere(id, then, tries = 120) {
        const there = document.getElementById(id);
        if (there) {
            then(there);
        } else if (tries > 0) {
            requestAnimationFrame(() => whenThere(id, then, tries - 1));
        }
    }

    const clientside = (window.dash_clientside = window.dash_clientside || {});
    clientside.unknowns = {
        draw(data) {
            if (data) {
                whenThere("unknowns-list", (list) => draw(list, data));
            }
            return clientside.no_update;
        },
        // What was asked for is done, or could not be: a row that is still there may be asked about again.
        working(on) {
            if (!on) {
                drawn.forEach((one) => bring(one.item));
            }
            return clientside.no_update;
        },
    };
})();
