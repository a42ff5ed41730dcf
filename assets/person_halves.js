/* The proposal of two people: both halves side by side; a press takes a face to the other one. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { person } = dramatis;

    // The two sets of tracks, as the user has them by now.
    let halves = [new Set(), new Set()];

    function draw() {
        const frame = document.getElementById("person-halves-frame");
        if (!frame) {
            return;
        }
        if (!person.proposal || !person.data.tracks.length) {
            frame.replaceChildren();
            return;
        }
        const { element } = dramatis.film;
        const { first, second, sensible, reason } = person.proposal;
        halves = [new Set(first), new Set(second)];
        frame.replaceChildren(
            element("p", { class: `ps-reason ${sensible ? "is-two" : "is-one"}` }, reason),
            element(
                "div",
                { class: "ps-halves" },
                half(0, `These stay ${person.data.name}`),
                half(1, "These are someone else"),
            ),
            element(
                "div",
                { class: "ps-halves-acts" },
                element("button", { type: "button", class: `btn btn-sm btn-${sensible ? "" : "outline-"}primary`, id: "person-halves-yes" }),
                element("button", { type: "button", class: "btn btn-sm btn-outline-secondary", id: "person-halves-no" }, "Leave them one"),
                element("span", { class: "ps-note" }, "Press a face to take it to the other half."),
            ),
        );
        show();
        frame.scrollIntoView({ block: "nearest" });
    }

    function half(which, title) {
        const { element } = dramatis.film;
        const { data } = person;
        const own = data.tracks.flatMap((track, k) => (halves[which].has(track) ? [small(k)] : []));
        return element(
            "section",
            { class: "ps-half", "aria-label": title },
            element("h3", {}, title),
            element("p", { class: "ps-note", "data-half-words": which }),
            element("ul", { "data-half": which }, ...own),
        );
    }

    function small(k) {
        const { element } = dramatis.film;
        const { data } = person;
        const where = person.where(k);
        const label = `Face at ${where}: to the other half`;
        const look = { type: "button", "data-half-face": k, "aria-label": label, title: where };
        return element("li", {}, element("button", look, person.face(person.picture(k), data.name, "ps-half-face", 64)));
    }

    function show() {
        const { data } = person;
        for (const which of [0, 1]) {
            const own = data.tracks.flatMap((track, k) => (halves[which].has(track) ? [k] : []));
            const seconds = own.reduce((total, k) => total + data.seconds[k], 0);
            const words = [person.faces(own.length), person.amount(seconds)].filter(Boolean);
            document.querySelector(`[data-half-words="${which}"]`).textContent = words.join(", ");
        }
        const yes = document.getElementById("person-halves-yes");
        yes.textContent = `Split off ${person.faces(halves[1].size)}`;
        yes.disabled = !halves[0].size || !halves[1].size;
    }

    // To its place in time among those of the other half.
    function turn(button) {
        const k = Number(button.dataset.halfFace);
        const track = person.data.tracks[k];
        const to = halves[0].has(track) ? 1 : 0;
        halves[1 - to].delete(track);
        halves[to].add(track);
        const others = [...document.querySelectorAll(`[data-half="${to}"] button`)];
        const next = others.find((one) => Number(one.dataset.halfFace) > k);
        const list = document.querySelector(`[data-half="${to}"]`);
        list.insertBefore(button.parentElement, next ? next.parentElement : null);
        button.focus();
        show();
    }

    document.addEventListener("click", (event) => {
        if (!(event.target instanceof Element) || !person.here()) {
            return;
        }
        const face = event.target.closest("#person-halves-frame [data-half-face]");
        if (face) {
            turn(face);
        } else if (event.target.id === "person-halves-yes") {
            person.act("split", { tracks: [...halves[1]] });
        } else if (event.target.id === "person-halves-no") {
            window.dash_clientside.set_props("person-halves", { data: null });
            document.getElementById("person-propose").focus();
        }
    });

    person.on((what) => {
        if (what === "halves") {
            draw();
        }
    });
})();
