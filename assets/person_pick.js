/* Choosing one of a film's people by typing a part of the name. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { person } = dramatis;

    const MOST = 60;

    const amounts = ([, , seconds, faces]) => [person.faces(faces), person.amount(seconds)].filter(Boolean).join(", ");

    // Asks which of `people` ([id, name, seconds, faces, picture], ...) is meant, and calls `then` with the id; not at
    // all where the question is left. `words` says what stands behind a name. With `fresh`, a name that nobody has can
    // be typed: `then` gets it, and true.
    dramatis.pickPerson = function (title, people, then, { words = amounts, fresh = false } = {}) {
        const { element } = dramatis.film;
        let shown = [];
        let at = 0;
        const input = element("input", {
            type: "text",
            class: "form-control",
            role: "combobox",
            "aria-controls": "person-pick-list",
            "aria-expanded": "true",
            "aria-autocomplete": "list",
            "aria-label": title,
            placeholder: "Type a name",
            autocomplete: "off",
            spellcheck: "false",
        });
        const list = element("ul", { id: "person-pick-list", role: "listbox", class: "pick-list", "aria-label": "People" });
        const close = element("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, "Cancel");
        const dialog = element(
            "dialog",
            { class: "pick", "aria-label": title },
            element("h2", {}, title),
            input,
            list,
            element("div", { class: "pick-foot" }, close),
        );

        function option(one, n) {
            const [, name, , , picture] = one;
            return element(
                "li",
                { role: "option", id: `person-pick-${n}`, "data-n": n, "aria-selected": "false", title: name },
                person.face(picture, name, "pick-face", 36),
                element("span", { class: "pick-name" }, name),
                element("span", { class: "soft" }, words(one)),
            );
        }

        function fill() {
            const wanted = dramatis.plain(input.value.trim());
            shown = people.filter(([, name]) => dramatis.plain(name).includes(wanted)).slice(0, MOST);
            const typed = input.value.trim().replace(/\s+/g, " ");
            if (fresh && typed && !shown.some(([, name]) => dramatis.plain(name) === wanted)) {
                shown.push([null, typed, 0, 0, ""]);
            }
            list.replaceChildren(...shown.map(option));
            if (!shown.length) {
                const nobody = people.length ? "No one of that name is there." : "There is nobody else.";
                list.append(element("li", { class: "soft" }, nobody));
            }
            stand(0);
        }

        function stand(n) {
            at = Math.max(0, Math.min(shown.length - 1, n));
            for (const one of list.querySelectorAll("[role=option]")) {
                const on = Number(one.dataset.n) === at;
                one.setAttribute("aria-selected", String(on));
                if (on) {
                    one.scrollIntoView({ block: "nearest" });
                }
            }
            shown.length
                ? input.setAttribute("aria-activedescendant", `person-pick-${at}`)
                : input.removeAttribute("aria-activedescendant");
        }

        function take(n) {
            if (shown[n]) {
                dialog.close();
                const [id, name] = shown[n];
                id === null ? then(name, true) : then(id, false);
            }
        }

        input.addEventListener("input", fill);
        input.addEventListener("keydown", (event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step) {
                event.preventDefault();
                stand(at + step);
            } else if (event.key === "Enter" && !event.isComposing) {
                event.preventDefault();
                take(at);
            }
        });
        list.addEventListener("click", (event) => {
            const one = event.target.closest("[data-n]");
            if (one) {
                take(Number(one.dataset.n));
            }
        });
        close.addEventListener("click", () => dialog.close());
        dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
        dialog.addEventListener("close", () => dialog.remove());
        document.body.append(dialog);
        fill();
        dialog.showModal();
        input.focus();
    };
})();
