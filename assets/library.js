/* Buttons of cards and jobs, the form of an analysis, renaming in place. One listener for all of them: what was asked
   goes into a dcc.Store, from where a callback acts. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    let counter = Date.now();

    function ask(store, what) {
        counter += 1;
        clientside.set_props(store, { data: { ...what, n: counter } });
    }

    // ---- Buttons ----------------------------------------------------------------------------------------------------

    const NOT_SENT = new Set(["store", "act", "question"]);

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-act]");
        if (!button || button.disabled) {
            return;
        }
        const { act, store, question, job } = button.dataset;
        if (question && !window.confirm(question)) {
            return;
        }
        if (job !== undefined) {
            ask("job-act", { act, job: Number(job) });
        } else if (act === "rename") {
            renameInPlace(button.closest(".film-card"), store, button.dataset.film);
        } else {
            const rest = Object.entries(button.dataset).filter(([key]) => !NOT_SENT.has(key));
            ask(store, { act, ...Object.fromEntries(rest) });
        }
    });

    // ---- Renaming in place ------------------------------------------------------------------------------------------

    function renameInPlace(card, store, film) {
        const title = card.querySelector(".film-title");
        if (!title || card.querySelector(".title-input")) {
            return;
        }
        const input = document.createElement("input");
        input.className = "title-input form-control form-control-sm";
        input.maxLength = 200;
        input.value = title.textContent;
        input.setAttribute("aria-label", "Title of the film");
        let over = false;
        const end = (keep) => {
            if (over) {
                return;
            }
            over = true;
            const wanted = input.value.trim();
            input.remove();
            title.hidden = false;
            if (keep && wanted && wanted !== title.textContent) {
                ask(store, { act: "rename", film, title: wanted });
            }
            const button = card.querySelector('[data-act="rename"]');
            if (button) {
                button.focus();
            }
        };
        input.addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === "Escape") {
                event.preventDefault();
                end(event.key === "Enter");
            }
        });
        input.addEventListener("blur", () => end(true));
        title.hidden = true;
        title.after(input);
        input.focus();
        input.select();
    }

    // The name of a person in a cast: typed into its field, sent when the field is left or Enter is pressed.
    document.addEventListener("change", (event) => {
        const row = event.target.closest(".person-name-box") && event.target.closest("[data-person]");
        if (!row) {
            return;
        }
        const person = row.dataset.person;
        const name = event.target.value.trim();
        if (name && name !== person && name !== person.replaceAll("_", " ")) {
            ask("casts-act", { act: "rename-person", person, name });
        }
    });

    // ---- The form ---------------------------------------------------------------------------------------------------

    // The id of a component as Dash writes it into the page: keys sorted, no spaces.
    function elementOf(id) {
        if (typeof id === "string") {
            return document.getElementById(id);
        }
        const sorted = Object.fromEntries(Object.keys(id).sort().map((key) => [key, id[key]]));
        return document.getElementById(JSON.stringify(sorted));
    }

    function folded(text) {
        return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    }

    clientside.library = {
        // Which jobs there are and in which state: what a list of films or casts depends on.
        signature(jobs, known) {
            const now = (jobs || []).map((job) => job.id + job.state).join(" ");
            return now === known ? clientside.no_update : now;
        },
        countPeople(ticked, options) {
            const all = (options || []).length;
            const n = (ticked || []).length;
            if (n === all) {
                return all === 1 ? "One person is expected" : "All " + all + " are expected";
            }
            return n === 0 ? "Nobody is expected" : n + " of " + all + " are expected";
        },
        // Hides the choices that do not hold the words searched for; what is ticked stays ticked.
        filterPeople(search, options, id) {
            const words = folded(search || "").split(/\s+/).filter(Boolean);
            const hide = () => {
                const list = elementOf(id);
                list?.querySelectorAll(".form-check").forEach((row) => {
                    const text = folded(row.textContent);
                    row.hidden = !words.every((word) => text.includes(word));
                });
            };
            // New choices are drawn after this returns.
            window.requestAnimationFrame(hide);
            return clientside.no_update;
        },
    };

    // A file dropped beside a place for it would replace the page by the file.
    ["dragover", "drop"].forEach((kind) =>
        window.addEventListener(kind, (event) => {
            if (event.dataTransfer && [...event.dataTransfer.types].includes("Files")) {
                event.preventDefault();
            }
        }),
    );
})();
