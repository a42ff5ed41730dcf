/* Strangers: names typed one after the other, several chosen at once, and keys. What is asked for goes into one
   dcc.Store, as the buttons of assets/library.js do it. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    let counter = Date.now();

    function ask(what) {
        counter += 1;
        clientside.set_props("unknowns-act", { data: { ...what, n: counter } });
    }

    function rows() {
        return [...document.querySelectorAll(".uk-row:not(.is-gone)")];
    }

    function field(row) {
        return row?.querySelector(".uk-name");
    }

    // ---- Names ------------------------------------------------------------------------------------------------------

    function give(row) {
        const name = field(row).value.trim();
        if (!name) {
            field(row).focus();
            return;
        }
        const also = ticked(row, ".uk-also").map((one) => one.dataset.also);
        const { film, person } = row.dataset;
        leave(row);
        ask({ act: "name", film, people: [person], name, also });
    }

    function ticked(within, what) {
        return [...within.querySelectorAll(`${what}[aria-checked="true"]`)];
    }

    // The row is gone at once, and the next one has the cursor: the answer may take a moment. What could not be done
    // brings the row back.
    function leave(row) {
        const all = rows();
        const next = all[all.indexOf(row) + 1] || all[all.indexOf(row) - 1];
        row.classList.add("is-gone");
        waiting = next ? { film: next.dataset.film, person: next.dataset.person } : null;
        field(next)?.focus();
    }

    let waiting = null;

    document.addEventListener("keydown", (event) => {
        const row = event.target.closest?.(".uk-row");
        if (!row || !event.target.matches(".uk-name")) {
            return;
        }
        const all = rows();
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            const yes = row.querySelector(".uk-yes");
            if (yes) {
                leave(row);
                yes.click();
            }
        } else if (event.key === "Enter") {
            event.preventDefault();
            give(row);
        } else if (step && !event.target.value) {
            event.preventDefault();
            field(all[all.indexOf(row) + step])?.focus();
        } else if (event.key === "Escape") {
            event.target.value = "";
        }
    });

    document.addEventListener("click", (event) => {
        const button = event.target.closest('[data-act="name-typed"]');
        if (button) {
            event.stopImmediatePropagation();
            give(button.closest(".uk-row"));
        } else if (event.target.closest(".uk-yes, .uk-no, .uk-less button")) {
            const row = event.target.closest(".uk-row");
            if (!event.target.closest(".uk-no")) {
                leave(row);
            }
        }
    }, true);

    // After the list was drawn anew the cursor stands where it was.
    window.dramatis.unknowns.drawn = () => {
        const row = waiting && rows().find(
            (one) => one.dataset.film === waiting.film && one.dataset.person === waiting.person,
        );
        if (row && document.activeElement?.tagName !== "INPUT") {
            field(row).focus();
        }
        tell();
    };

    // ---- Several at once --------------------------------------------------------------------------------------------

    function chosen() {
        const boxes = ticked(document, ".uk-row:not(.is-gone) .uk-choose");
        return boxes.map((one) => one.closest(".uk-row"));
    }

    function tell() {
        const bar = document.querySelector(".uk-several");
        if (!bar) {
            return;
        }
        const n = chosen().length;
        const none = n === 0;
        if (bar.hidden !== none) {
            bar.hidden = none;
        }
        const words = n === 1 ? "1 stranger chosen" : `${n} strangers chosen`;
        const told = bar.querySelector(".uk-n-chosen");
        if (n && told.textContent !== words) {
            told.textContent = words;
        }
    }

    document.addEventListener("click", (event) => {
        const tick = event.target.closest(".uk-tick");
        if (tick) {
            tick.setAttribute("aria-checked", String(tick.getAttribute("aria-checked") !== "true"));
            tell();
        }
    });

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-several]");
        if (!button) {
            return;
        }
        const those = chosen();
        const act = button.dataset.several;
        if (act === "none") {
            those.forEach((row) => row.querySelector(".uk-choose").click());
            return;
        }
        const films = [...new Set(those.map((row) => row.dataset.film))];
        if (films.length > 1 && act !== "name") {
            const text = "These strangers are of several films; choose those of one.";
            window.dramatis.notify({ text, kind: "danger" });
            return;
        }
        const people = those.map((row) => row.dataset.person);
        if (act === "name") {
            const name = document.getElementById("unknowns-all-name").value.trim();
            if (!name) {
                document.getElementById("unknowns-all-name").focus();
                return;
            }
            const mine = those.filter((row) => row.dataset.film === films[0]).map((row) => row.dataset.person);
            const rest = those.filter((row) => row.dataset.film !== films[0]);
            const also = rest.map((row) => `${row.dataset.film} ${row.dataset.person}`);
            ask({ act: "name", film: films[0], people: mine, name, also });
        } else {
            ask({ act, film: films[0], people });
        }
        those.forEach((row) => row.classList.add(act === "merge" ? "is-done" : "is-gone"));
        tell();
    });

    document.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.id === "unknowns-all-name") {
            event.preventDefault();
            document.querySelector('[data-several="name"]').click();
        }
    });
})();
